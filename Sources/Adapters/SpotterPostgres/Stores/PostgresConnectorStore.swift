import Foundation
import PostgresKit
import SpotterDomain

/// Connectors' states, links and notes in PostgreSQL. Leases are measured by the database's clock.
struct PostgresConnectorStore: ConnectorStore {
    let door: StoreDoor

    // MARK: State

    func state(of connector: String, in scope: OrganizationScope) async throws -> ConnectorState {
        let statement = Statement(
            """
            SELECT id, cursor, counts, completed_at, failure, next_run_at, wanted, wants_full, turn,
                coalesce(lease_until > now(), false)
            FROM spotter.connectors WHERE id = $1
            """, connector)
        return try await door.read(scope, statement).firstDecoded(ConnectorState.init)
            ?? ConnectorState(connector: connector)
    }

    func request(_ connector: String, isFull: Bool, contact: String?, in scope: OrganizationScope) async throws {
        _ = try await door.write(
            scope,
            [
                try Self.insert(connector),
                Statement(
                    """
                    UPDATE spotter.connectors SET next_run_at = now(), is_requested = true,
                        wants_full = wants_full OR $2 OR ($3::text IS NOT NULL AND cardinality(wanted) >= $4),
                        wanted = CASE
                            WHEN $3::text IS NULL OR $3 = ANY (wanted) OR cardinality(wanted) >= $4 THEN wanted
                            ELSE array_append(wanted, $3) END
                    WHERE id = $1
                    """, connector, isFull, contact.map(StorableText.text), ConnectorState.mostWanted),
            ])
    }

    private static func insert(_ connector: String) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.connectors (organization_id, id, cursor, counts, next_run_at)
            SELECT (SELECT app.organization()), $1, $2, $3, now()
            ON CONFLICT (organization_id, id) DO NOTHING
            """, connector, try PostgresValue.document(ConnectorCursor()), try PostgresValue.document(SyncCounts()))
    }

    func claim(
        _ connector: String, for seconds: Int, onlyIfDue: Bool, in scope: OrganizationScope
    ) async throws -> ConnectorState? {
        let take = Statement(
            """
            UPDATE spotter.connectors SET turn = turn + 1, lease_until = now() + make_interval(secs => $2),
                is_requested = false
            WHERE id = $1 AND (lease_until IS NULL OR lease_until <= now()) AND (NOT $3 OR next_run_at <= now())
            RETURNING id, cursor, counts, completed_at, failure, next_run_at, wanted, wants_full, turn, true
            """, connector, Double(seconds), onlyIfDue)
        return try await door.write(scope, [try Self.insert(connector), take])[1].firstDecoded(ConnectorState.init)
    }

    func advance(
        _ state: ConnectorState, done: [String], for seconds: Int, in scope: OrganizationScope
    ) async throws {
        let statement = Statement(
            """
            UPDATE spotter.connectors SET cursor = $3, counts = $4, lease_until = now() + make_interval(secs => $5),
                wants_full = wants_full AND NOT $6,
                wanted = ARRAY(SELECT w FROM unnest(wanted) WITH ORDINALITY AS u (w, n) WHERE w <> ALL ($7) ORDER BY n)
            WHERE id = $1 AND turn = $2
            """, state.connector, state.turn, try PostgresValue.document(state.cursor),
            try PostgresValue.document(state.counts), Double(seconds), state.takesFull, done)
        guard try await door.write(scope, statement).affected > 0 else { throw LeaseLost() }
    }

    func release(_ state: ConnectorState, pause: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            UPDATE spotter.connectors SET cursor = $3, counts = $4, completed_at = $5, failure = $6, lease_until = NULL,
                next_run_at = CASE
                    WHEN is_requested THEN now()
                    ELSE now() + make_interval(secs => $7) END
            WHERE id = $1 AND turn = $2
            """, state.connector, state.turn, try PostgresValue.document(state.cursor),
            try PostgresValue.document(state.counts), state.completedAt, state.failure.map(StorableText.text),
            pause.map(Double.init))
        guard try await door.write(scope, statement).affected > 0 else { throw LeaseLost() }
    }

    // MARK: Notes

    func note(_ notes: [ConnectorNote], of connector: String, in scope: OrganizationScope) async throws {
        guard !notes.isEmpty else { return }
        let rows = try notes.map { note in
            Statement(
                """
                INSERT INTO spotter.connector_notes (organization_id, connector, id, note, noted_at)
                SELECT (SELECT app.organization()), $1, gen_random_uuid(), $2, $3
                """, connector, try PostgresValue.document(note), note.at)
        }
        let prune = Statement(
            """
            DELETE FROM spotter.connector_notes WHERE connector = $1 AND id IN (
                SELECT id FROM spotter.connector_notes WHERE connector = $1
                ORDER BY noted_at DESC, id OFFSET 500)
            """, connector)
        _ = try await door.write(scope, rows + [prune])
    }

    func notes(of connector: String, limit: Int, in scope: OrganizationScope) async throws -> [ConnectorNote] {
        let statement = Statement(
            """
            SELECT note FROM spotter.connector_notes WHERE connector = $1 ORDER BY noted_at DESC, id LIMIT $2
            """, connector, limit)
        return try await door.read(scope, statement).decoded { try $0.document(0) }
    }

    // MARK: Changes here

    func changes(
        of records: TenantConnector.Records, since: Date, after last: (at: Date, id: UUID)?, limit: Int,
        in scope: OrganizationScope
    ) async throws -> [(id: UUID, at: Date)] {
        let place = last.map { max($0.at, since) } ?? since
        let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        let id = last.map { $0.at >= since ? $0.id : lowest } ?? lowest
        let statement =
            switch records {
            case .clients:
                Statement(
                    """
                    SELECT id, at FROM (
                        (SELECT id, updated_at AS at FROM spotter.clients WHERE (updated_at, id) > ($1, $2)
                            ORDER BY updated_at, id LIMIT $3)
                        UNION
                        (SELECT client_id, recorded_at FROM spotter.consents
                            WHERE client_id IS NOT NULL AND (recorded_at, client_id) > ($1, $2)
                            ORDER BY recorded_at, client_id LIMIT $3)) AS changes
                    ORDER BY at, id LIMIT $3
                    """, place, id, limit)
            case .leads:
                Statement(
                    """
                    SELECT id, at FROM (
                        (SELECT id, updated_at AS at FROM spotter.leads WHERE (updated_at, id) > ($1, $2)
                            ORDER BY updated_at, id LIMIT $3)
                        UNION
                        (SELECT lead_id, recorded_at FROM spotter.consents
                            WHERE lead_id IS NOT NULL AND (recorded_at, lead_id) > ($1, $2)
                            ORDER BY recorded_at, lead_id LIMIT $3)) AS changes
                    ORDER BY at, id LIMIT $3
                    """, place, id, limit)
            }
        return try await door.read(scope, statement).decoded { (id: try $0.get(0), at: try $0.get(1)) }
    }
}

extension ConnectorState {
    /// Reads id, cursor, counts, completed_at, failure, next_run_at, wanted, wants_full, turn, and whether it is held.
    fileprivate init(_ row: Row) throws {
        self.init(connector: try row.get(0))
        cursor = try row.document(1)
        counts = try row.document(2)
        completedAt = try row.get(3)
        failure = try row.get(4)
        nextRunAt = try row.get(5)
        wanted = try row.get(6)
        wantsFull = try row.get(7)
        turn = try row.get(8)
        isRunning = try row.get(9)
    }
}
