import Foundation
import PostgresKit
import SpotterDomain

/// The event log in PostgreSQL.
struct PostgresEventStore: EventStore {
    let door: StoreDoor

    /// How many places a filtered reading looks at.
    static let window: Int64 = 2_000

    func events(
        after position: Int64, execution: ExecutionID?, types: EventTypeFilter, limit: Int,
        in scope: OrganizationScope
    ) async throws -> EventSlice {
        let limit = max(limit, 0)
        guard !types.isAll else {
            let rows = try await door.read(scope, Self.select(after: position, execution, limit))
            let events = try rows.decoded(Event.init)
            let end = events.last?.position ?? position
            return EventSlice(events, after: position, limit: limit, end: end, last: end)
        }
        // The end of the log first: whatever is below it is there for the second statement, which sees at least as much.
        let end = position.addingReportingOverflow(Self.window).partialValue
        let rows = try await door.read(
            scope, [Self.selectEnd, Self.select(after: position, upTo: end, execution, types, limit)])
        let last = try rows[0].firstDecoded { try $0.get(0, as: Int64.self) } ?? 0
        return EventSlice(
            try rows[1].decoded(Event.init), after: position, limit: limit, end: max(end, position), last: last)
    }

    private static var selectEnd: Statement { Statement("SELECT last_position FROM spotter.event_logs") }

    private static func select(after position: Int64, _ execution: ExecutionID?, _ limit: Int) -> Statement {
        guard let execution else {
            return Statement(
                """
                SELECT position, type, execution_id, at, data FROM spotter.events
                WHERE position > $1 ORDER BY position LIMIT $2
                """, position, limit)
        }
        return Statement(
            """
            SELECT position, type, execution_id, at, data FROM spotter.events
            WHERE execution_id = $1 AND position > $2 ORDER BY position LIMIT $3
            """, execution.uuid, position, limit)
    }

    /// The range of places is what the index serves; what is in it is looked at one by one, because comparing beginnings
    /// is not leakproof and comes after the policy.
    private static func select(
        after position: Int64, upTo end: Int64, _ execution: ExecutionID?, _ types: EventTypeFilter, _ limit: Int
    ) -> Statement {
        Statement(
            """
            SELECT position, type, execution_id, at, data FROM spotter.events
            WHERE position > $1 AND position <= $2 AND ($3::uuid IS NULL OR execution_id = $3)
                AND (type = ANY ($4::text[])
                    OR EXISTS (SELECT FROM unnest($5::text[]) AS beginning WHERE starts_with(type, beginning)))
            ORDER BY position LIMIT $6
            """, position, end, execution?.uuid, types.names, types.prefixes, limit)
    }

    func append(
        _ drafts: [EventDraft], at now: Date, receipt: PlacedReceipt?, in scope: OrganizationScope
    ) async throws -> [Event] {
        guard !drafts.isEmpty else { return [] }
        let begun = receipt.map { Receipt(key: $0.key, fingerprint: $0.fingerprint, createdAt: $0.createdAt) }
        let before = PostgresReceiptStore.insert(begun)
        let after = receipt.map { [Self.complete($0)] } ?? []
        let rows = try await door.write(scope, before + Self.append(drafts, at: now) + after)
        return try Self.placed(drafts, rows[before.count], at: now)
    }

    /// Puts the last place given out into the answer: this transaction holds the log's lock, so it is its own.
    private static func complete(_ receipt: PlacedReceipt) -> Statement {
        Statement(
            """
            UPDATE spotter.receipts SET response_status = $2,
                response_body = $3::bytea
                    || convert_to((SELECT last_position FROM spotter.event_logs)::text, 'UTF8') || $4::bytea
            WHERE key = $1
            """, receipt.key, receipt.status, receipt.before, receipt.after)
    }

    func lastPosition(in scope: OrganizationScope) async throws -> Int64 {
        let rows = try await door.read(scope, Self.selectEnd)
        return try rows.firstDecoded { try $0.get(0) } ?? 0
    }

    func forgottenPosition(in scope: OrganizationScope) async throws -> Int64 {
        let rows = try await door.read(scope, Statement("SELECT forgotten_position FROM spotter.event_logs"))
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
        return [statement.telling(drafts.map(\.type))]
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
    /// Reads position, type, execution, time and data.
    init(_ row: Row) throws {
        self.init(
            position: try row.get(0), type: try row.get(1), execution: try row.optionalID(2), at: try row.get(3),
            data: try row.json(4))
    }
}
