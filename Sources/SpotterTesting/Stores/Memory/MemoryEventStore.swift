import SpotterDomain

/// The events that the other memory stores wrote.
struct MemoryEventStore: EventStore {
    let database: MemoryDatabase

    func events(
        after position: Int64, execution: ExecutionID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Event] {
        database.read(scope) { records in
            let rest = records.events.lazy.filter { event in
                event.position > position && (execution == nil || event.execution == execution)
            }
            return Array(rest.prefix(max(limit, 0)))
        }
    }

    func lastPosition(in scope: OrganizationScope) async throws -> Int64 {
        database.read(scope) { $0.events.last?.position ?? 0 }
    }
}
