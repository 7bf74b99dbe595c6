import Foundation
public import PostgresKit

/// What backups ask of a database, and what is done to a restored one before anybody works on it.
///
/// What was done after the backup is not in it: messages may have been sent, tasks may have been run. So nothing goes on by
/// itself. Leases are over and the fences raised, so that nothing that still runs elsewhere is taken for the holder;
/// messages that were due wait for a review; what hooks had on its way is cancelled, for people to replay; connectors wait
/// to be asked, and alerts begin to count anew; queues are held until somebody has looked. Times that schedules have missed
/// are dealt with as each schedule says, when its queue goes on.
public struct RestoredDatabase: Sendable {
    private let database: Database

    /// - Parameter administrator: connected as a superuser.
    public init(administrator: Database) { database = administrator }

    /// The ids of the keys that seal secrets in it, all organisations'.
    public func sealingKeys() async throws -> [String] {
        // A secret that was forgotten leaves a row without one.
        let statement = Statement(
            "SELECT DISTINCT key_id FROM spotter.secrets WHERE key_id IS NOT NULL ORDER BY 1")
        return try await database.unscoped.query(statement).map { try $0.get(0) }
    }

    /// Whether it has anything of Spotter's.
    public func isEmpty() async throws -> Bool {
        let statement = Statement(
            """
            SELECT NOT EXISTS (
                SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('spotter', 'app') AND c.relkind IN ('r', 'p'))
            """)
        return try await database.unscoped.query(statement).exactlyOne().get(0)
    }

    /// Takes away the empty schemas that preparing has made, for the backup's own.
    public func makeRoom() async throws {
        let statements = ["DROP SCHEMA IF EXISTS spotter", "DROP SCHEMA IF EXISTS app"] as [StaticString]
        _ = try await database.unscoped.batch(statements.map { Statement($0) })
    }

    /// What `settle()` did.
    public struct Settled: Sendable {
        /// Leases of processes that were ended.
        public let leases: Int
        /// Messages that wait for a review now.
        public let messages: Int
        /// Queues that are held now.
        public let queues: Int
        /// Deliveries of hooks that were cancelled.
        public let deliveries: Int
        /// Connectors that run only when they are asked, now.
        public let connectors: Int
    }

    /// Makes sure that nothing happens twice. In one transaction.
    public func settle() async throws -> Settled {
        let rows = try await database.unscoped.batch(Self.settling.map { Statement($0) })
        return Settled(
            leases: rows[0].affected, messages: rows[1].affected, queues: rows[2].affected,
            deliveries: rows[3].affected, connectors: rows[4].affected)
    }

    private static let settling: [StaticString] = [
        "UPDATE spotter.workers SET lease_until = least(lease_until, now() - interval '1 second')",
        """
        UPDATE spotter.outbox_messages SET status = 'needs_review', lease_until = NULL, fence = fence + 1,
            reason = 'The database was restored from a backup: it may have been sent since.'
        WHERE status = 'sending' OR (status = 'queued' AND due_at <= now())
        """,
        """
        INSERT INTO spotter.queues (organization_id, paused_at)
        SELECT organization_id, now() FROM spotter.organizations
        ON CONFLICT (organization_id) DO UPDATE SET paused_at = coalesce(queues.paused_at, now())
        """,
        """
        UPDATE spotter.outbound_deliveries SET state = 'cancelled', ended_at = now(), lease_until = NULL,
            fence = fence + 1,
            reason = 'The database was restored from a backup: it may have been sent since. Replay it if it was not.'
        WHERE state = 'pending' AND (lease_until IS NOT NULL OR due_at <= now())
        """,
        // They may have made contacts of people whom this database knows no link of.
        """
        UPDATE spotter.connectors SET turn = turn + 1, lease_until = NULL, next_run_at = NULL, is_requested = false,
            wants_full = true
        """,
        // What had happened and was not queued yet may have been sent under another id, by which nobody knows it again.
        """
        UPDATE spotter.hook_endpoints e SET position = l.last_position
        FROM spotter.event_logs l WHERE l.organization_id = e.organization_id AND e.position < l.last_position
        """,
        // Nobody has looked for as long as the database was away: what was about to fire has not lasted. What fires was
        // told of, and stays so.
        """
        UPDATE spotter.alerts SET looks = looks + 1, next_look_at = now(),
            since = CASE state WHEN 'pending' THEN NULL ELSE since END,
            state = CASE state WHEN 'pending' THEN 'inactive' ELSE state END
        WHERE deleted_at IS NULL
        """,
        // The fence: whoever still works under an attempt of before has lost it.
        "UPDATE spotter.executions SET attempt = attempt + 1 WHERE state = 'running'",
        // Transactions are numbered anew here: what is sealed stands before all that will come, and what was not sealed yet
        // comes first.
        """
        UPDATE spotter.audit_entries e SET xid = CASE WHEN EXISTS (
            SELECT FROM spotter.audit_seals s WHERE s.organization_id = e.organization_id AND s.entry_id = e.id)
            THEN '0'::xid8 ELSE '1'::xid8 END
        """,
        "UPDATE spotter.audit_chains SET last_xid = '0', last_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    ]
}
