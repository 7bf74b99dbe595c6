import Foundation
import PostgresKit
import SpotterDomain

/// Events on their way to the targets of hooks, in PostgreSQL.
struct PostgresOutboundStore: OutboundStore {
    let door: StoreDoor

    // MARK: Following the log

    func organizationsWithNews() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organizations_with_news_for_hooks()")).decoded { try $0.id(0) }
    }

    func feeds(limit: Int, in scope: OrganizationScope) async throws -> [OutboundFeed] {
        let statement = Statement(
            """
            SELECT e.hook_id, h.settings, e.position
            FROM spotter.hook_endpoints e
            JOIN spotter.hooks h ON h.organization_id = e.organization_id AND h.id = e.hook_id
            WHERE e.active AND e.position < (SELECT last_position FROM spotter.event_logs)
                AND (SELECT count(*) FROM (
                    SELECT FROM spotter.outbound_deliveries d
                    WHERE d.organization_id = e.organization_id AND d.hook_id = e.hook_id AND d.state = 'pending'
                    LIMIT $2) waiting) < $2
            ORDER BY e.position, e.hook_id LIMIT $1
            """, limit, OutboundLimits.mostPending)
        return try await door.read(scope, statement).decoded { row in
            let settings = try row.document(1, as: HookSettings.self)
            guard let target = settings.target else { throw UnknownCase(column: 1) }
            return OutboundFeed(hook: try row.id(0), target: target, position: try row.get(2))
        }
    }

    func advance(_ pass: OutboundPass, in scope: OrganizationScope) async throws -> Bool {
        let move = Statement(
            "UPDATE spotter.hook_endpoints SET position = $3 WHERE hook_id = $1 AND position = $2 AND active",
            pass.hook.uuid, pass.start, pass.position)
        guard !pass.deliveries.isEmpty else { return try await door.write(scope, move).affected > 0 }
        let insert = try Self.insert(pass.deliveries, of: pass.hook)
        return try await door.transaction(scope) { transaction in
            guard try await transaction.batch([move])[0].affected > 0 else { return false }
            _ = try await transaction.batch([insert])
            return true
        }
    }

    private static func insert(_ deliveries: [OutboundDelivery], of hook: HookID) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.outbound_deliveries (
                organization_id, hook_id, id, event_position, event_type, resource, due_at, created_at)
            SELECT (SELECT app.organization()), $1, id, position, type, resource, now(), now()
            FROM json_to_recordset($2::json) AS d (id uuid, position bigint, type text, resource text)
            ON CONFLICT ON CONSTRAINT outbound_deliveries_event_key DO NOTHING
            """, hook.uuid, try PostgresValue.document(deliveries.map(OutboundRow.init)))
    }

    // MARK: Sending

    func claim(_ wish: OutboundWish) async throws -> [OutboundClaim] {
        let statement = Statement(
            """
            SELECT organization_id, hook_id, id, attempt, fence, is_failing
            FROM app.claim_outbound($1, $2, $3, $4, $5, $6)
            """, wish.limit, wish.failing, OutboundLimits.mostAtOnce, wish.lease.wholeMilliseconds,
            wish.after?.organization.uuid ?? Self.lowest, wish.after?.hook.uuid ?? Self.lowest)
        return try await door.ask(statement).decoded { row in
            OutboundClaim(
                organization: try row.id(0), hook: try row.id(1), id: try row.id(2), attempt: try row.get(3),
                fence: try row.get(4), isFailing: try row.get(5))
        }
    }

    func parcel(for claim: OutboundClaim) async throws -> OutboundParcel? {
        let hook = Statement(
            "SELECT id, version, settings, created_at, updated_at FROM spotter.hooks WHERE id = $1", claim.hook.uuid)
        let event = Statement(
            """
            SELECT e.position, e.type, e.execution_id, e.at, e.data
            FROM spotter.outbound_deliveries d
            JOIN spotter.events e ON e.organization_id = d.organization_id AND e.position = d.event_position
            WHERE d.hook_id = $1 AND d.id = $2
            """, claim.hook.uuid, claim.id.uuid)
        let rows = try await door.read(
            OrganizationScope(claim.organization), [hook, Self.select(claim.id, of: claim.hook), event])
        guard let hook = try rows[0].firstDecoded(Hook.init),
            let delivery = try rows[1].firstDecoded(OutboundDelivery.init)
        else { return nil }
        guard delivery.position != nil else {
            return OutboundParcel(
                hook: hook, delivery: delivery, body: HookMessageBody.test(of: hook.id, at: delivery.createdAt))
        }
        guard let event = try rows[2].firstDecoded(Event.init) else { return nil }
        return OutboundParcel(hook: hook, delivery: delivery, body: HookMessageBody.bytes(of: event))
    }

    func record(
        _ outcome: OutboundOutcome, of claim: OutboundClaim, failureLimit: Duration, at now: Date
    ) async throws -> String? {
        let write = try Self.write(outcome, of: claim)
        return try await door.transaction(OrganizationScope(claim.organization)) { transaction in
            let rows = try await transaction.batch([PostgresHookStore.lockEndpoint(of: claim.hook), write])
            guard rows[1].first != nil else { throw LeaseLost() }
            let changed = try await transaction.batch([
                Self.note(outcome, at: claim.hook, failureLimit: failureLimit)
            ])[0]
            let isLong = try changed.firstDecoded { try $0.get(0, as: Bool.self) } ?? false
            guard outcome.isGone || isLong else { return nil }
            let reason =
                outcome.isGone
                ? outcome.reason ?? "The target is gone." : "Nothing has come through to the target for too long."
            return try await Self.disable(claim.hook, reason, at: now, in: transaction) ? reason : nil
        }
    }

    private static func write(_ outcome: OutboundOutcome, of claim: OutboundClaim) throws -> Statement {
        Statement(
            """
            UPDATE spotter.outbound_deliveries SET state = $4, reason = $5,
                attempts = CASE WHEN $6::jsonb IS NULL THEN attempts
                    WHEN jsonb_array_length(attempts) >= $7 THEN (attempts - 0) || $6::jsonb
                    ELSE attempts || $6::jsonb END,
                attempt = attempt - CASE WHEN $9 THEN 1 ELSE 0 END, lease_until = NULL,
                due_at = CASE WHEN $8::bigint IS NULL THEN due_at ELSE now() + $8 * interval '1 millisecond' END,
                ended_at = CASE WHEN $4 = 'pending' THEN NULL ELSE now() END
            WHERE hook_id = $1 AND id = $2 AND fence = $3 AND state = 'pending' RETURNING id
            """, claim.hook.uuid, claim.id.uuid, claim.fence, outcome.state.rawValue,
            outcome.reason.map(StorableText.text),
            try PostgresValue.document(outcome.attempt.map { [$0] }), HookAttempt.mostKept, outcome.wait,
            outcome.isHandedBack)
    }

    /// Tells whether the target has failed for too long.
    private static func note(_ outcome: OutboundOutcome, at hook: HookID, failureLimit: Duration) -> Statement {
        guard outcome.isFailure else {
            // Most often nothing changes.
            return Statement(
                """
                UPDATE spotter.hook_endpoints SET failing_since = NULL, paused_until = NULL
                WHERE hook_id = $1 AND $2 AND (failing_since IS NOT NULL OR paused_until IS NOT NULL) RETURNING false
                """, hook.uuid, outcome.step == .delivered)
        }
        return Statement(
            """
            UPDATE spotter.hook_endpoints SET failing_since = coalesce(failing_since, now()),
                paused_until = greatest(paused_until, now() + $2::bigint * interval '1 millisecond')
            WHERE hook_id = $1 RETURNING failing_since <= now() - $3::bigint * interval '1 millisecond'
            """, hook.uuid, outcome.pause.map { Int64($0.wholeMilliseconds) }, Int64(failureLimit.wholeMilliseconds))
    }

    /// Returns whether it was active.
    private static func disable(
        _ hook: HookID, _ reason: String, at now: Date, in transaction: Transaction
    ) async throws -> Bool {
        let end = Statement(
            "UPDATE spotter.hook_endpoints SET active = false, disabled_reason = $2 WHERE hook_id = $1 AND active",
            hook.uuid, reason)
        guard try await transaction.batch([end])[0].affected > 0 else { return false }
        let settings = Statement(
            """
            UPDATE spotter.hooks SET version = version + 1, updated_at = $2,
                settings = (settings::jsonb || '{"enabled": false}')::json
            WHERE id = $1 RETURNING settings
            """, hook.uuid, now)
        let rows = try await transaction.batch([settings, PostgresHookStore.cancelPending(of: hook, reason)])
        let name = try rows[0].firstDecoded { try $0.document(0, as: HookSettings.self).name }
        _ = try await transaction.batch(
            PostgresEventStore.append([.disabled(hook, name: name ?? "", reason)], at: now))
        return true
    }

    static let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}

// MARK: For people

extension PostgresOutboundStore {
    func endpoint(of hook: HookID, in scope: OrganizationScope) async throws -> HookEndpoint {
        let statement = Statement(
            """
            SELECT active, position, failing_since, paused_until, disabled_reason, (
                SELECT count(*) FROM spotter.outbound_deliveries d
                WHERE d.organization_id = e.organization_id AND d.hook_id = e.hook_id AND d.state = 'pending')
            FROM spotter.hook_endpoints e WHERE hook_id = $1
            """, hook.uuid)
        let found = try await door.read(scope, statement).firstDecoded { row in
            HookEndpoint(
                isActive: try row.get(0), position: try row.get(1), failingSince: try row.get(2),
                pausedUntil: try row.get(3), disabledReason: try row.get(4),
                pending: Int(try row.get(5, as: Int64.self)))
        }
        guard let found else { throw SpotterError.notFound("hook") }
        return found
    }

    func deliveries(
        of hook: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboundDelivery> {
        let statement = Statement(
            """
            SELECT id, hook_id, event_position, event_type, resource, state, reason, attempt, due_at, attempts,
                created_at, ended_at
            FROM spotter.outbound_deliveries WHERE hook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """, hook.uuid, page.before, page.fetchLimit)
        let known = Statement("SELECT FROM spotter.hook_endpoints WHERE hook_id = $1", hook.uuid)
        let rows = try await door.read(scope, [known, statement])
        guard rows[0].first != nil else { throw SpotterError.notFound("hook") }
        return Page(fetched: try rows[1].decoded(OutboundDelivery.init), limit: page.limit) { Cursor($0.id.uuid) }
    }

    func delivery(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope
    ) async throws -> OutboundDelivery {
        let found = try await door.read(scope, Self.select(id, of: hook)).firstDecoded(OutboundDelivery.init)
        guard let found else { throw SpotterError.notFound("delivery") }
        return found
    }

    private static func select(_ id: HookDeliveryID, of hook: HookID) -> Statement {
        Statement(
            """
            SELECT id, hook_id, event_position, event_type, resource, state, reason, attempt, due_at, attempts,
                created_at, ended_at
            FROM spotter.outbound_deliveries WHERE hook_id = $1 AND id = $2
            """, hook.uuid, id.uuid)
    }

    func requeue(
        _ id: HookDeliveryID, of hook: HookID, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> OutboundDelivery {
        // One that is under way stays so; its own report decides.
        let again = Statement(
            """
            UPDATE spotter.outbound_deliveries SET state = 'pending', reason = NULL, due_at = now(), ended_at = NULL,
                attempt = CASE WHEN state = 'pending' THEN attempt ELSE 0 END
            WHERE hook_id = $1 AND id = $2 AND lease_until IS NULL
                AND EXISTS (SELECT FROM spotter.hook_endpoints WHERE hook_id = $1 AND active)
            """, hook.uuid, id.uuid)
        let receipts = PostgresReceiptStore.insert(receipt)
        return try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch(receipts + [Self.active(hook), again, Self.select(id, of: hook)])
            guard let found = try rows[receipts.count + 2].firstDecoded(OutboundDelivery.init) else {
                throw SpotterError.notFound("delivery")
            }
            guard rows[receipts.count].first != nil else { throw SpotterError.disabledHook }
            return found
        }
    }

    private static func active(_ hook: HookID) -> Statement {
        Statement("SELECT FROM spotter.hook_endpoints WHERE hook_id = $1 AND active FOR KEY SHARE", hook.uuid)
    }

    func queue(_ deliveries: [OutboundDelivery], of hook: HookID, in scope: OrganizationScope) async throws -> Int {
        let insert = Statement(
            """
            INSERT INTO spotter.outbound_deliveries AS stored (
                organization_id, hook_id, id, event_position, event_type, resource, due_at, created_at)
            SELECT (SELECT app.organization()), $1, id, position, type, resource, now(), now()
            FROM json_to_recordset($2::json) AS d (id uuid, position bigint, type text, resource text)
            ON CONFLICT ON CONSTRAINT outbound_deliveries_event_key DO UPDATE
                SET state = 'pending', reason = NULL, attempt = 0, due_at = now(), ended_at = NULL
                WHERE stored.state <> 'pending'
            """, hook.uuid, try PostgresValue.document(deliveries.map(OutboundRow.init)))
        let known = Statement("SELECT FROM spotter.hook_endpoints WHERE hook_id = $1", hook.uuid)
        return try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([known, Self.active(hook)])
            guard rows[0].first != nil else { throw SpotterError.notFound("hook") }
            guard rows[1].first != nil else { throw SpotterError.disabledHook }
            return deliveries.isEmpty ? 0 : try await transaction.batch([insert])[0].affected
        }
    }

    func position(before time: Date, in scope: OrganizationScope) async throws -> Int64 {
        // Times grow with places, as far as the clocks of those who write agree: halving finds the place.
        let statement = Statement(
            """
            WITH RECURSIVE search (low, high) AS (
                SELECT 0::bigint, last_position FROM spotter.event_logs
                UNION ALL
                SELECT CASE WHEN early THEN middle ELSE low END, CASE WHEN early THEN high ELSE middle - 1 END
                FROM search
                CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS middle) half
                CROSS JOIN LATERAL (
                    -- What is gone from the log was there before.
                    SELECT coalesce((SELECT e.at < $1 FROM spotter.events e WHERE e.position = middle), true) AS early
                ) judgement
                WHERE low < high)
            SELECT coalesce(min(low), 0) FROM search WHERE low = high
            """, time)
        return try await door.read(scope, statement).firstDecoded { try $0.get(0) } ?? 0
    }

    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        let statement = Statement(
            """
            DELETE FROM spotter.outbound_deliveries d USING (
                SELECT organization_id, hook_id, id FROM spotter.outbound_deliveries
                WHERE created_at < $1 AND state <> 'pending' ORDER BY created_at LIMIT $2) old
            WHERE d.organization_id = old.organization_id AND d.hook_id = old.hook_id AND d.id = old.id
                AND d.state <> 'pending'
            """, date, limit)
        return try await door.write(scope, statement).affected
    }
}

// MARK: Rows

/// What a new delivery says of itself.
private struct OutboundRow: Codable {
    let id: UUID
    let position: Int64?
    let type: String
    let resource: String?

    init(_ delivery: OutboundDelivery) {
        id = delivery.id.uuid
        position = delivery.position
        type = delivery.eventType
        resource = delivery.resource.map(StorableText.text)
    }
}

extension OutboundDelivery {
    /// Reads the columns in the order of the statements above.
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), hookId: try row.id(1), position: try row.get(2), eventType: try row.get(3),
            resource: try row.get(4), state: try row.named(5), reason: try row.get(6), attempt: try row.get(7),
            dueAt: try row.get(8), attempts: try row.document(9), createdAt: try row.get(10),
            endedAt: try row.get(11))
    }
}

extension OutboundOutcome {
    fileprivate var state: OutboundDelivery.State {
        switch step {
        case .delivered: .delivered
        case .again, .handedBack: .pending
        case .failed: .failed
        }
    }

    /// In milliseconds.
    fileprivate var wait: Int64? {
        switch step {
        case .again(let wait), .handedBack(let wait): Int64(wait.wholeMilliseconds)
        case .delivered, .failed: nil
        }
    }

    fileprivate var isHandedBack: Bool { if case .handedBack = step { true } else { false } }
}
