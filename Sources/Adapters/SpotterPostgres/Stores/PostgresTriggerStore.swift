import Foundation
import PostgresKit
import SpotterDomain

/// Triggers in PostgreSQL.
///
/// A trigger moves on by a comparison of its place and version: whoever has looked at the same stretch meanwhile writes
/// nothing.
struct PostgresTriggerStore: TriggerStore {
    let door: StoreDoor

    // MARK: Keeping

    func create(_ trigger: Trigger, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let lock = Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE")
        _ = try await door.write(
            scope, PostgresReceiptStore.insert(receipt) + [lock, Self.room(for: 1), try Self.insert(trigger)])
    }

    /// Of many at once only as many come in as there is room for: the transaction has locked the organisation.
    static func room(for count: Int) -> Statement {
        Statement(
            "SELECT app.require(count(*) + $1 <= $2, 'SP411', 'full') FROM spotter.triggers WHERE deleted_at IS NULL",
            count, TriggerLimits.mostTriggers)
    }

    static func insert(_ trigger: Trigger) throws -> Statement {
        let settings = trigger.settings
        return Statement(
            """
            INSERT INTO spotter.triggers (
                organization_id, id, version, name, event, condition, input, target, workflow_id, task_id, enabled,
                position, created_at, updated_at)
            SELECT (SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                coalesce((SELECT last_position FROM spotter.event_logs), 0), $11, $12
            """, trigger.id.uuid, trigger.version, settings.name, settings.event, settings.condition,
            PostgresValue.document(settings.input), try PostgresValue.document(settings.target),
            settings.target.workflowId?.uuid, settings.target.taskId?.uuid, trigger.isEnabled, trigger.createdAt,
            trigger.updatedAt)
    }

    func trigger(_ id: TriggerID, in scope: OrganizationScope) async throws -> Trigger {
        let statement = Statement(
            """
            SELECT id, version, name, event, condition, input, target, enabled, position, created_at, updated_at
            FROM spotter.triggers WHERE id = $1 AND deleted_at IS NULL
            """, id.uuid)
        guard let trigger = try await door.read(scope, statement).firstDecoded(Trigger.init) else {
            throw SpotterError.notFound("trigger")
        }
        return trigger
    }

    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Trigger> {
        let statement = Statement(
            """
            SELECT id, version, name, event, condition, input, target, enabled, position, created_at, updated_at
            FROM spotter.triggers WHERE id < $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit)
        let triggers = try await door.read(scope, statement).decoded(Trigger.init)
        return Page(fetched: triggers, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func update(_ trigger: Trigger, in scope: OrganizationScope) async throws {
        let settings = trigger.settings
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.triggers SET
                    version = $2, name = $3, event = $4, condition = $5, input = $6, target = $7, workflow_id = $8,
                    task_id = $9, enabled = $10, updated_at = $11,
                    position = CASE WHEN $10 AND NOT enabled
                        THEN coalesce((SELECT last_position FROM spotter.event_logs), 0) ELSE position END
                WHERE id = $1 AND version = $2 - 1 AND deleted_at IS NULL
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.triggers WHERE id = $1 AND deleted_at IS NULL)
            """, trigger.id.uuid, trigger.version, settings.name, settings.event, settings.condition,
            PostgresValue.document(settings.input), try PostgresValue.document(settings.target),
            settings.target.workflowId?.uuid, settings.target.taskId?.uuid, trigger.isEnabled, trigger.updatedAt)
        try await door.write(scope, statement).requireChange(of: "trigger")
    }

    func delete(_ id: TriggerID, version: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.triggers SET deleted_at = now()
                WHERE id = $1 AND deleted_at IS NULL AND ($2::integer IS NULL OR version = $2)
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.triggers WHERE id = $1 AND deleted_at IS NULL)
            """, id.uuid, version)
        try await door.write(scope, statement).requireChange(of: "trigger")
    }

    // MARK: Looking

    func organizationsWithNews() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organizations_with_news_for_triggers()")).decoded { try $0.id(0) }
    }

    func behind(limit: Int, in scope: OrganizationScope) async throws -> [Trigger] {
        let statement = Statement(
            """
            SELECT id, version, name, event, condition, input, target, enabled, position, created_at, updated_at
            FROM spotter.triggers
            WHERE enabled AND deleted_at IS NULL AND position < (SELECT last_position FROM spotter.event_logs)
            ORDER BY position, id LIMIT $1
            """, limit)
        return try await door.read(scope, statement).decoded(Trigger.init)
    }

    func advance(_ pass: TriggerPass, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        let trigger = pass.trigger
        let move = Statement(
            """
            UPDATE spotter.triggers SET
                position = $4, enabled = enabled AND NOT $5::boolean,
                version = CASE WHEN $5 THEN version + 1 ELSE version END,
                updated_at = CASE WHEN $5 THEN $6::timestamptz ELSE updated_at END
            WHERE id = $1 AND version = $2 AND position = $3 AND enabled AND deleted_at IS NULL
            """, trigger.id.uuid, trigger.version, trigger.position, pass.position, pass.disables, now)
        let events = pass.executions.map(\.queuedEvent) + pass.events
        guard !events.isEmpty else { return try await door.write(scope, move).affected > 0 }
        return try await door.transaction(scope) { transaction in
            guard try await transaction.batch([move])[0].affected > 0 else { return false }
            let runs = pass.executions.isEmpty ? [] : [try ExecutionSQL.insert(pass.executions)]
            _ = try await transaction.batch(runs + PostgresEventStore.append(events, at: now))
            return true
        }
    }
}

extension Trigger {
    /// Reads id, version, name, event, condition, input, target, enabled, position, and the times of creation and change.
    fileprivate init(_ row: Row) throws {
        let settings = TriggerSettings(
            name: try row.get(2), event: try row.get(3), condition: try row.get(4), input: try row.optionalJSON(5),
            target: try row.document(6), enabled: try row.get(7))
        self.init(
            id: try row.id(0), version: try row.get(1), settings: settings, position: try row.get(8),
            createdAt: try row.get(9), updatedAt: try row.get(10))
    }
}
