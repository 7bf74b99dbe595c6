import Foundation
public import PostgresKit
public import SpotterDomain

/// Many schedules at once, and what became of them: for measurements.
public struct ScheduleBench: Sendable {
    private let door: StoreDoor

    /// - Parameter database: connected as `spotter_app`.
    public init(_ database: Database) { door = StoreDoor(database: database) }

    /// Stores `count` tasks like `item`, which fire when it does.
    public func make(_ count: Int, like item: WorkItem, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            INSERT INTO spotter.tasks (
                organization_id, id, version, title, description, search_key, agent_id, required_capabilities, input,
                priority, kind, run_at, schedule, max_attempts, backoff_ms, backoff, timeout_seconds, enabled,
                metadata, next_fire_at, last_fire_at, created_at, updated_at, release_at)
            SELECT (SELECT app.organization()), gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                $14, $15, $16, $17, $18, $19, $20, $21, $22, $23
            FROM generate_series(1, $24::integer) WHERE $1::uuid IS NOT NULL
            """, parameters: try item.parameters() + [.int(Int64(count))])
        _ = try await door.write(scope, statement)
    }

    /// What the database holds in the end.
    public struct Proof: Sendable, Hashable {
        /// Slots that were decided on.
        public var fires = 0
        /// Tasks that have just one such slot, and just one run, which is the slot's.
        public var once = 0
        /// Runs.
        public var runs = 0

        /// Nothing.
        public init() {}
    }

    /// Adds what one organisation's tasks came to.
    public func add(to proof: inout Proof, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            SELECT (SELECT count(*) FROM spotter.schedule_fires),
                (SELECT count(*) FROM (
                    SELECT f.task_id FROM spotter.schedule_fires f
                        JOIN spotter.executions e ON e.organization_id = f.organization_id AND e.task_id = f.task_id
                    GROUP BY f.task_id
                    HAVING count(*) = 1 AND bool_and(e.id = f.execution_id)) AS once),
                (SELECT count(*) FROM spotter.executions WHERE task_id IS NOT NULL)
            """)
        let counts = try await door.read(scope, statement).firstDecoded { row in
            (try row.get(0, as: Int.self), try row.get(1, as: Int.self), try row.get(2, as: Int.self))
        }
        guard let counts else { return }
        proof.fires += counts.0
        proof.once += counts.1
        proof.runs += counts.2
    }
}
