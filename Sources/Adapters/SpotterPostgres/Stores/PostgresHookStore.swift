import Foundation
import PostgresKit
import SpotterDomain

/// Hooks and their deliveries in PostgreSQL.
struct PostgresHookStore: HookStore {
    let door: StoreDoor

    // MARK: Hooks

    func create(_ hook: Hook, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let insert = Statement(
            """
            INSERT INTO spotter.hooks (organization_id, id, version, name_key, settings, created_at, updated_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6)
            """, hook.id.uuid, hook.version, FoldedText.fold(hook.settings.name),
            try PostgresValue.document(hook.settings), hook.createdAt, hook.updatedAt)
        // Of many at once only as many come in as there is room for.
        let lock = Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE")
        let room = Statement(
            "SELECT app.require(count(*) < $1, 'SP412', 'full') FROM spotter.hooks", HookLimits.mostHooks)
        let endpoint = hook.settings.target == nil ? [] : [Self.endpoint(of: hook)]
        _ = try await door.write(scope, PostgresReceiptStore.insert(receipt) + [lock, room, insert] + endpoint)
    }

    func hook(_ id: HookID, in scope: OrganizationScope) async throws -> Hook {
        let statement = Statement(
            "SELECT id, version, settings, created_at, updated_at FROM spotter.hooks WHERE id = $1", id.uuid)
        guard let hook = try await door.read(scope, statement).firstDecoded(Hook.init) else {
            throw SpotterError.notFound("hook")
        }
        return hook
    }

    func organization(ofHook id: HookID) async throws -> OrganizationID? {
        let rows = try await door.ask(Statement("SELECT app.organization_id_by_hook($1)", id.uuid))
        return try rows.firstDecoded { try $0.optionalID(0) } ?? nil
    }

    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Hook> {
        let statement = Statement(
            """
            SELECT id, version, settings, created_at, updated_at
            FROM spotter.hooks WHERE id < $1 ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit)
        let hooks = try await door.read(scope, statement).decoded(Hook.init)
        return Page(fetched: hooks, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func update(_ hook: Hook, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.hooks SET version = $2, name_key = $3, settings = $4, updated_at = $5
                WHERE id = $1 AND version = $2 - 1
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed), EXISTS (SELECT FROM spotter.hooks WHERE id = $1)
            """, hook.id.uuid, hook.version, FoldedText.fold(hook.settings.name),
            try PostgresValue.document(hook.settings), hook.updatedAt)
        guard hook.settings.target != nil else {
            return try await door.write(scope, statement).requireChange(of: "hook")
        }
        try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([Self.lockEndpoint(of: hook.id), statement])
            try rows[1].requireChange(of: "hook")
            _ = try await transaction.batch(Self.follow(hook))
        }
    }

    func delete(_ id: HookID, version: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                DELETE FROM spotter.hooks WHERE id = $1 AND ($2::integer IS NULL OR version = $2)
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed), EXISTS (SELECT FROM spotter.hooks WHERE id = $1)
            """, id.uuid, version)
        try await door.write(scope, [Self.lockEndpoint(of: id), statement])[1].requireChange(of: "hook")
    }

    // MARK: Targets

    /// A hook that sends begins at the end of the log.
    private static func endpoint(of hook: Hook) -> Statement {
        Statement(
            """
            INSERT INTO spotter.hook_endpoints (organization_id, hook_id, active, position)
            SELECT (SELECT app.organization()), $1, $2,
                coalesce((SELECT last_position FROM spotter.event_logs), 0)
            """, hook.id.uuid, hook.settings.isEnabled)
    }

    /// Of a hook that sends, this row is always the first that is locked.
    static func lockEndpoint(of id: HookID) -> Statement {
        Statement("SELECT FROM spotter.hook_endpoints WHERE hook_id = $1 FOR UPDATE", id.uuid)
    }

    /// What a change of a hook means for its target: one that sends again begins at the end of the log, as a new one
    /// does, and of one that sends no more nothing stays on its way.
    private static func follow(_ hook: Hook) -> [Statement] {
        let change = Statement(
            """
            UPDATE spotter.hook_endpoints SET active = $2, disabled_reason = NULL, failing_since = NULL,
                paused_until = NULL, position = coalesce((SELECT last_position FROM spotter.event_logs), 0)
            WHERE hook_id = $1 AND active <> $2
            """, hook.id.uuid, hook.settings.isEnabled)
        return hook.settings.isEnabled ? [change] : [change, cancelPending(of: hook.id, "The hook was disabled.")]
    }

    static func cancelPending(of id: HookID, _ reason: String) -> Statement {
        Statement(
            """
            UPDATE spotter.outbound_deliveries SET state = 'cancelled', reason = $2, ended_at = now(), lease_until = NULL
            WHERE hook_id = $1 AND state = 'pending'
            """, id.uuid, reason)
    }

    // MARK: Deliveries

    func accept(
        _ delivery: HookDelivery, starting execution: Execution?, noting notes: HookNotes?, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws -> HookAcceptance {
        guard let task = execution?.taskId, let execution else {
            return try await acceptAtOnce(
                delivery, starting: execution, noting: notes ?? HookNotes(), receipt: receipt, in: scope)
        }
        return try await door.transaction(scope) { transaction in
            let receipts = PostgresReceiptStore.insert(receipt)
            // Of several with the same key the first holds the others here until it has committed.
            let rows = try await transaction.batch(
                receipts + [try Self.insertUnlessKnown(delivery), Self.select(delivery.key, of: delivery.hookId)])
            guard rows[receipts.count].first != nil else { return try Self.known(rows[receipts.count + 1]) }
            _ = try await PostgresWorkItemStore.start(execution, of: task, in: transaction)
            _ = try await transaction.batch(
                try Self.inserts(notes ?? HookNotes())
                    + PostgresEventStore.append([delivery.event] + (notes?.events ?? []), at: delivery.receivedAt))
            return .taken
        }
    }

    /// In one round trip, which is what a flood of messages needs: the log of events is held no longer than a commit takes.
    private func acceptAtOnce(
        _ delivery: HookDelivery, starting execution: Execution?, noting notes: HookNotes, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws -> HookAcceptance {
        let runs = try execution.map { [try ExecutionSQL.insert([$0])] } ?? []
        let events = [delivery.event] + (execution.map { [$0.queuedEvent] } ?? []) + notes.events
        do {
            // Of several with the same key the first holds the others here until it has committed.
            _ = try await door.write(
                scope,
                PostgresReceiptStore.insert(receipt) + [try Self.insert(delivery)] + runs + (try Self.inserts(notes))
                    + PostgresEventStore.append(events, at: delivery.receivedAt))
            return .taken
        } catch is DeliveryExists {
            return try Self.known(try await door.read(scope, Self.select(delivery.key, of: delivery.hookId)))
        }
    }

    /// The consents with their events, and the notification.
    private static func inserts(_ notes: HookNotes) throws -> [Statement] {
        try PostgresContactStore.insert(notes.consents)
            + (notes.notice.map { [PostgresStaffDesk.insert($0, key: notes.noticeKey)] } ?? [])
    }

    /// There is a delivery of the same key.
    struct DeliveryExists: Error {}

    private static func known(_ rows: Rows) throws -> HookAcceptance {
        guard let known = try rows.firstDecoded(HookDelivery.init) else {
            // It was forgotten between the two statements.
            throw SpotterError(.unavailable, "The message is being forgotten; try again.", retryAfter: 1)
        }
        return .known(known)
    }

    private static func insert(_ delivery: HookDelivery) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.hook_deliveries (
                organization_id, hook_id, id, delivery_key, external_id, state, reason, execution_id, replay_of,
                payload, headers, received_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, parameters: try values(of: delivery))
    }

    private static func insertUnlessKnown(_ delivery: HookDelivery) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.hook_deliveries (
                organization_id, hook_id, id, delivery_key, external_id, state, reason, execution_id, replay_of,
                payload, headers, received_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT ON CONSTRAINT hook_deliveries_delivery_key DO NOTHING
            RETURNING id
            """, parameters: try values(of: delivery))
    }

    private static func values(of delivery: HookDelivery) throws -> [PostgresValue] {
        [
            delivery.hookId.uuid.postgresValue, delivery.id.uuid.postgresValue, delivery.key.postgresValue,
            delivery.externalId.postgresValue, delivery.state.rawValue.postgresValue, delivery.reason.postgresValue,
            (delivery.executionId?.uuid).postgresValue, (delivery.replayOf?.uuid).postgresValue,
            PostgresValue.document(delivery.payload), try PostgresValue.document(delivery.headers),
            delivery.receivedAt.postgresValue,
        ]
    }

    private static func select(_ key: String, of hook: HookID) -> Statement {
        Statement(
            """
            SELECT id, hook_id, delivery_key, external_id, state, reason, execution_id, replay_of, payload, headers,
                received_at
            FROM spotter.hook_deliveries WHERE hook_id = $1 AND delivery_key = $2
            """, hook.uuid, key)
    }

    func deliveries(
        of id: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<HookDelivery> {
        let statement = Statement(
            """
            SELECT id, hook_id, delivery_key, external_id, state, reason, execution_id, replay_of, payload, headers,
                received_at
            FROM spotter.hook_deliveries WHERE hook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """, id.uuid, page.before, page.fetchLimit)
        let hook = Statement("SELECT FROM spotter.hooks WHERE id = $1", id.uuid)
        let rows = try await door.read(scope, [hook, statement])
        guard rows[0].first != nil else { throw SpotterError.notFound("hook") }
        return Page(fetched: try rows[1].decoded(HookDelivery.init), limit: page.limit) { Cursor($0.id.uuid) }
    }

    func delivery(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope
    ) async throws -> HookDelivery {
        let statement = Statement(
            """
            SELECT id, hook_id, delivery_key, external_id, state, reason, execution_id, replay_of, payload, headers,
                received_at
            FROM spotter.hook_deliveries WHERE hook_id = $1 AND id = $2
            """, hook.uuid, id.uuid)
        guard let found = try await door.read(scope, statement).firstDecoded(HookDelivery.init) else {
            throw SpotterError.notFound("delivery")
        }
        return found
    }

    func forgetDeliveries(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        // Another process may be at it, too: what it has deleted is not counted here.
        let statement = Statement(
            """
            DELETE FROM spotter.hook_deliveries d USING (
                SELECT organization_id, hook_id, id FROM spotter.hook_deliveries WHERE received_at < $1
                ORDER BY received_at LIMIT $2) old
            WHERE d.organization_id = old.organization_id AND d.hook_id = old.hook_id AND d.id = old.id
            """, date, limit)
        return try await door.write(scope, statement).affected
    }
}

extension Hook {
    /// Reads id, version, settings, and the times of creation and change.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), version: try row.get(1), settings: try row.document(2), createdAt: try row.get(3),
            updatedAt: try row.get(4))
    }
}

extension HookDelivery {
    /// Reads the columns in the order of the statements above.
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), hookId: try row.id(1), key: try row.get(2), externalId: try row.get(3),
            state: try row.named(4), reason: try row.get(5), executionId: try row.optionalID(6),
            replayOf: try row.optionalID(7), payload: try row.json(8), headers: try row.labels(9),
            receivedAt: try row.get(10))
    }
}
