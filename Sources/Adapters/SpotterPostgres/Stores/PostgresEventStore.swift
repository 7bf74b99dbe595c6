import Foundation
import PostgresKit
import SpotterDomain

/// The event log in PostgreSQL.
struct PostgresEventStore: EventStore {
    let door: StoreDoor

    func events(
        after position: Int64, execution: ExecutionID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Event] {
        let limit = max(limit, 0)
        let statement =
            if let execution {
                Statement(
                    """
                    SELECT position, type, execution_id, at, data FROM spotter.events
                    WHERE execution_id = $1 AND position > $2 ORDER BY position LIMIT $3
                    """, execution.uuid, position, limit)
            } else {
                Statement(
                    """
                    SELECT position, type, execution_id, at, data FROM spotter.events
                    WHERE position > $1 ORDER BY position LIMIT $2
                    """, position, limit)
            }
        return try await door.read(scope, statement).decoded(Event.init)
    }

    func lastPosition(in scope: OrganizationScope) async throws -> Int64 {
        let rows = try await door.read(scope, Statement("SELECT last_position FROM spotter.event_logs"))
        return try rows.firstDecoded { try $0.get(0) } ?? 0
    }

    /// Gives each draft the next place in the log and saves it. Goes last in its transaction: it takes the lock of the
    /// organisation's log, which others wait for until the commit.
    static func append(_ drafts: [EventDraft], at now: Date) -> [Statement] {
        guard !drafts.isEmpty else { return [] }
        let statement = Statement(
            """
            WITH log AS (
                UPDATE spotter.event_logs SET last_position = last_position + cardinality($1::text[])
                WHERE organization_id = (SELECT app.organization())
                RETURNING organization_id, last_position - cardinality($1::text[]) AS start)
            INSERT INTO spotter.events (organization_id, position, type, execution_id, at, data)
            SELECT log.organization_id, log.start + draft.place, draft.type, nullif(draft.execution, '')::uuid, $4,
                draft.data::json
            FROM log, unnest($1::text[], $2::text[], $3::text[])
                WITH ORDINALITY AS draft (type, execution, data, place)
            RETURNING position
            """, drafts.map(\.type), drafts.map { $0.execution?.uuid.uuidString ?? "" },
            drafts.map { StorableJSON.text(of: $0.data) }, now)
        return [statement]
    }

    /// The drafts with the places that `append` returned.
    static func placed(_ drafts: [EventDraft], _ rows: Rows?, at now: Date) throws -> [Event] {
        guard !drafts.isEmpty else { return [] }
        let positions = try rows?.decoded { try $0.get(0, as: Int64.self) }.sorted() ?? []
        guard positions.count == drafts.count else {
            throw SpotterError(.internal, "The organisation has no event log.")
        }
        return zip(positions, drafts).map { position, draft in
            Event(position: position, type: draft.type, execution: draft.execution, at: now, data: draft.data)
        }
    }
}

extension Event {
    fileprivate init(_ row: Row) throws {
        self.init(
            position: try row.get(0), type: try row.get(1), execution: try row.optionalID(2), at: try row.get(3),
            data: try row.json(4))
    }
}
