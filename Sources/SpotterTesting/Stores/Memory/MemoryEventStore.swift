import Foundation
import SpotterDomain

/// The events that the other memory stores wrote, and those that were published.
struct MemoryEventStore: EventStore {
    let database: MemoryDatabase

    func events(
        after position: Int64, execution: ExecutionID?, types: EventTypeFilter, limit: Int,
        in scope: OrganizationScope
    ) async throws -> EventSlice {
        database.read(scope) { records in
            let wanted = records.events.lazy.filter { event in
                event.position > position && (execution == nil || event.execution == execution)
                    && types.matches(event.type)
            }
            let last = records.events.last?.position ?? 0
            return EventSlice(
                Array(wanted.prefix(max(limit, 0))), after: position, limit: max(limit, 0), end: last, last: last)
        }
    }

    func lastPosition(in scope: OrganizationScope) async throws -> Int64 {
        database.read(scope) { $0.events.last?.position ?? 0 }
    }

    /// Nothing is ever deleted here.
    func forgottenPosition(in scope: OrganizationScope) async throws -> Int64 { 0 }

    func append(
        _ drafts: [EventDraft], at now: Date, receipt: PlacedReceipt?, in scope: OrganizationScope
    ) async throws -> [Event] {
        try database.write(scope) { records in
            let events = records.append(drafts, at: now)
            try records.insert(receipt?.receipt(at: records.events.last?.position ?? 0))
            return events
        }
    }
}
