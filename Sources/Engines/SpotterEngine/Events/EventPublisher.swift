import Foundation
import SpotterDomain
import Synchronization

/// Adds events to organisations' logs, those that come while others are written together with the next: a log gives its
/// places one after the other, and each write waits for the disk.
final class EventPublisher: Sendable {
    private struct Waiting {
        let draft: EventDraft
        let at: Date
        /// Whose act it is.
        let slip: AuditSlip?
        let done: CheckedContinuation<Event, any Error>
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var isWriting = false
    }

    private let store: any EventStore
    private let queues = Mutex<[OrganizationID: Queue]>([:])
    /// The most events of one write.
    static let batch = 256

    init(store: any EventStore) { self.store = store }

    /// Adds one event; returns when it is stored.
    func publish(
        _ draft: EventDraft, at now: Date, in scope: OrganizationScope, onBatch: @escaping @Sendable ([Event]) -> Void
    ) async throws -> Event {
        try await withCheckedThrowingContinuation { done in
            let begins = queues.withLock { queues in
                queues[scope.organization, default: Queue()].waiting.append(
                    Waiting(draft: draft, at: now, slip: AuditSlip.current, done: done))
                guard queues[scope.organization]?.isWriting == false else { return false }
                queues[scope.organization]?.isWriting = true
                return true
            }
            // Not the publisher's own task: whoever is cancelled must not take the others' events along. Nor what goes with
            // that task: the others' events are not its acts, nor of its trace.
            if begins { Task.detached { await self.write(in: scope, onBatch) } }
        }
    }

    private func write(in scope: OrganizationScope, _ onBatch: @Sendable ([Event]) -> Void) async {
        while let batch = next(of: scope.organization) { await write(batch, in: scope, onBatch) }
    }

    private func write(
        _ batch: [Waiting], in scope: OrganizationScope, _ onBatch: @Sendable ([Event]) -> Void
    ) async {
        guard let now = batch.map(\.at).max() else { return }
        do {
            let slips = AuditSlip.together(batch.compactMap(\.slip))
            let events = try await AuditSlip.$current.withValue(slips) {
                try await store.append(batch.map(\.draft), at: now, receipt: nil, in: scope)
            }
            guard events.count == batch.count else {
                throw SpotterError(.internal, "The events have no places in the log.")
            }
            onBatch(events)
            for (waiting, event) in zip(batch, events) { waiting.done.resume(returning: event) }
        } catch let error as SpotterError where error.code == .invalid && batch.count > 1 {
            // What cannot be stored of one is not the others' fault.
            for waiting in batch { await write([waiting], in: scope, onBatch) }
        } catch {
            for waiting in batch { waiting.done.resume(throwing: error) }
        }
    }

    private func next(of organization: OrganizationID) -> [Waiting]? {
        queues.withLock { queues in
            guard let queue = queues[organization], !queue.waiting.isEmpty else {
                queues[organization] = nil
                return nil
            }
            queues[organization]?.waiting.removeFirst(min(Self.batch, queue.waiting.count))
            return Array(queue.waiting.prefix(Self.batch))
        }
    }
}
