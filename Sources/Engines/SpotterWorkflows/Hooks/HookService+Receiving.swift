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
    ) async throws -> Received {
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

    /// What became of a message.
    public struct Received: Sendable {
        /// The delivery, or the one that was there already.
        public let delivery: HookDelivery
        /// Whether it is the first of its key.
        public let isNew: Bool
        /// What is answered by SMS to whom has written; nil for nothing.
        public var reply: String?
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
    ) async throws -> Received {
        let id: HookDeliveryID = ids.id(at: now)
        if draft.hook.settings.action?.kind == .inboundSMS {
            return try await takeSMS(draft, id, at: now, in: scope, receipt)
        }
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

    /// An SMS to the organisation: what it means is written with the delivery, and so once.
    private func takeSMS(
        _ draft: Draft, _ id: HookDeliveryID, at now: Date, in scope: OrganizationScope,
        _ receipt: (HookDelivery) throws -> Receipt?
    ) async throws -> Received {
        guard let sms = InboundSMS(draft.payload) else {
            let reason =
                "The message is no SMS that has come in: it has no MessageSid and From, or it has a MessageStatus."
            return try await accept(draft.delivery(id, nil, reason: reason, at: now), in: scope, receipt)
        }
        let reception = try await SMSReception(
            of: sms, by: draft.hook, delivery: id, desk: desk, ids: ids, at: now, in: scope)
        if let person = reception.people.first?.person, !reception.notes.consents.isEmpty, draft.replayOf == nil {
            AuditSlip.current?.note(AuditActor(.hook, id: draft.hook.id.description), on: person.id)
        }
        var received = try await accept(
            draft.delivery(id, nil, reason: nil, at: now), noting: reception.notes, in: scope, receipt)
        // A second answer to the same SMS would be one too many, and so would one beside the provider's own.
        if received.isNew, draft.replayOf == nil, sms.understood == nil {
            received.reply = draft.hook.settings.action?.replies?.reply(to: reception.keyword)
        }
        return received
    }

    private func accept(
        _ delivery: HookDelivery, starting execution: Execution? = nil, noting notes: HookNotes? = nil,
        in scope: OrganizationScope, _ receipt: (HookDelivery) throws -> Receipt?
    ) async throws -> Received {
        let receipt = try receipt(delivery)
        switch try await store.accept(delivery, starting: execution, noting: notes, receipt: receipt, in: scope) {
        case .known(let earlier): return Received(delivery: earlier, isNew: false)
        case .taken:
            onStart(scope)
            return Received(delivery: delivery, isNew: true)
        }
    }
}
