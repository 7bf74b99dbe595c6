public import Foundation
public import SpotterDomain

extension HookService {
    /// Takes a message that is believed. When this returns, it and what it starts are stored.
    ///
    /// One that the hook's action cannot be made of is taken, too: its sender can do nothing about it. It starts nothing,
    /// and the log of deliveries says why.
    ///
    /// - Returns: the delivery, or the one that was there already.
    public func receive(
        _ message: HookMessage, _ payload: JSONValue, by opened: Opened, at now: Date
    ) async throws -> (delivery: HookDelivery, isNew: Bool) {
        let headers = message.readableHeaders
        let draft = Draft(
            hook: opened.hook, key: opened.proof.key(of: payload, style: opened.hook.settings.style),
            externalId: opened.proof.deliveryID ?? headers["x_github_delivery"], replayOf: nil, payload: payload,
            headers: headers)
        return try await take(draft, at: now, in: opened.scope) { _ in nil }
    }

    /// Takes a delivery once more, with the action that the hook has now.
    ///
    /// - Throws: `notFound`; `ReceiptExists`.
    public func replay(
        _ id: HookDeliveryID, of hook: HookID, at now: Date, in scope: OrganizationScope,
        receipt: (HookDelivery) throws -> Receipt? = { _ in nil }
    ) async throws -> HookDelivery {
        let known = try await store.hook(hook, in: scope)
        let old = try await store.delivery(id, of: hook, in: scope)
        let draft = Draft(
            hook: known, key: "replay:\(ids.id(at: now) as HookDeliveryID)", externalId: old.externalId, replayOf: id,
            payload: old.payload, headers: old.headers)
        return try await take(draft, at: now, in: scope, receipt: receipt).delivery
    }

    /// A delivery of which it is not known yet what it starts.
    private struct Draft {
        let hook: Hook
        let key: String
        let externalId: String?
        let replayOf: HookDeliveryID?
        let payload: JSONValue
        let headers: [String: String]

        func delivery(
            _ id: HookDeliveryID, _ execution: ExecutionID?, reason: String?, at now: Date
        ) -> HookDelivery {
            HookDelivery(
                id: id, hookId: hook.id, key: key, externalId: externalId, state: reason == nil ? .accepted : .failed,
                reason: reason.map { String($0.prefix(1_000)) }, executionId: execution, replayOf: replayOf,
                payload: payload, headers: headers, receivedAt: now)
        }
    }

    private func take(
        _ draft: Draft, at now: Date, in scope: OrganizationScope, receipt: (HookDelivery) throws -> Receipt?
    ) async throws -> (delivery: HookDelivery, isNew: Bool) {
        let id: HookDeliveryID = ids.id(at: now)
        let execution: Execution
        do {
            execution = try await starter.execution(
                for: draft.hook, delivery: id, draft.payload, draft.headers, at: now, in: scope)
        } catch let fault as HookFault {
            return try await accept(draft.delivery(id, nil, reason: fault.description, at: now), in: scope, receipt)
        }
        do {
            let delivery = draft.delivery(id, execution.id, reason: nil, at: now)
            return try await accept(delivery, starting: execution, in: scope, receipt)
        } catch let error as SpotterError where error.code == .notFound {
            // What it was to run has gone in this moment. That the hook itself has is told by the second try.
            return try await accept(draft.delivery(id, nil, reason: error.message, at: now), in: scope, receipt)
        }
    }

    private func accept(
        _ delivery: HookDelivery, starting execution: Execution? = nil, in scope: OrganizationScope,
        _ receipt: (HookDelivery) throws -> Receipt?
    ) async throws -> (delivery: HookDelivery, isNew: Bool) {
        switch try await store.accept(delivery, starting: execution, receipt: try receipt(delivery), in: scope) {
        case .known(let earlier): return (earlier, false)
        case .taken:
            onStart(scope)
            return (delivery, true)
        }
    }
}
