public import PostgresKit
public import SpotterDomain

/// Gives out everything that an organisation has, and deletes it.
///
/// On an administrator's connection, as the tables' owner, who is under row-level security like everybody: so that nothing
/// of another organisation can be touched.
public struct PostgresOffboardingDesk: Sendable {
    private let database: Database
    /// Rows that are read at a time.
    private static let slice = 500

    /// - Parameter administrator: connected as a superuser or as the role that migrates.
    public init(administrator: Database) { database = administrator }

    /// Shuts the organisation: its tokens and sessions are revoked, its hooks, triggers and schedules stand still, nothing
    /// is begun and what is under way is asked to end. Whoever is remembered by a server is let in for five seconds more.
    public func shut(_ scope: OrganizationScope) async throws {
        try await run(scope) { transaction in
            for statement in Self.shutting { _ = try await transaction.query(statement) }
        }
    }

    private static var shutting: [Statement] {
        [
            Statement(
                """
                UPDATE spotter.tokens SET revoked_at = now()
                WHERE organization_id = app.organization() AND revoked_at IS NULL
                """),
            Statement(
                """
                UPDATE spotter.hooks SET settings = (settings::jsonb || '{"enabled": false}')::json
                WHERE organization_id = app.organization()
                """),
            Statement("UPDATE spotter.hook_endpoints SET active = false WHERE organization_id = app.organization()"),
            Statement("UPDATE spotter.triggers SET enabled = false WHERE organization_id = app.organization()"),
            Statement(
                """
                UPDATE spotter.schedulers SET state = 'stopped', changed_at = now()
                WHERE organization_id = app.organization()
                """),
            Statement(
                """
                UPDATE spotter.queues SET paused_at = coalesce(paused_at, now())
                WHERE organization_id = app.organization()
                """),
            Statement(
                """
                UPDATE spotter.executions SET requested = 'cancel'
                WHERE organization_id = app.organization() AND state = 'running'
                """),
        ]
    }

    /// Takes the organisation out of the database, all or nothing, as it is at one moment. What was under way loses its
    /// lease, as after a crash.
    ///
    /// Whoever changes or adds a row meanwhile makes this fail with nothing deleted, but for rows that hang on nothing, such
    /// as events: shut the organisation before, and `sweep` after.
    ///
    /// - Parameters:
    ///   - isDryRun: counts, gives nothing out and changes nothing.
    ///   - write: told of the rows of each table as JSON objects, some at a time; called before anything is deleted. If it
    ///     throws, nothing is.
    ///   - finish: called with the counts when everything was given out, before anything is deleted. If it throws,
    ///     nothing is.
    ///   - draft: the only entry that stays in the audit log; nothing else names the organisation any more.
    /// - Returns: how many rows each table had.
    public func takeOut(
        _ scope: OrganizationScope, isDryRun: Bool, draft: AuditDraft,
        write: @Sendable (_ table: String, _ rows: [String]) throws -> Void,
        finish: @Sendable (_ findings: [PrivacyFinding]) async throws -> Void
    ) async throws -> [PrivacyFinding] {
        do {
            return try await run(scope, isolation: .repeatableRead) { transaction in
                // Whatever is added to an organisation's tables holds its row: from here on little is.
                _ = try await transaction.query(
                    Statement(
                        """
                        SELECT FROM spotter.organizations WHERE organization_id = app.organization() FOR UPDATE
                        """))
                let tables = try await transaction.query(Statement("SELECT app.organization_tables()"))
                    .decoded { try $0.get(0, as: String.self) }
                var findings: [PrivacyFinding] = []
                for table in tables {
                    let count = try await Self.read(table, in: transaction) { if !isDryRun { try write(table, $0) } }
                    if count > 0 { findings.append(PrivacyFinding(table: table, rows: count)) }
                }
                if isDryRun { throw Undone(findings: findings) }
                try await finish(findings)
                _ = try await transaction.query(Statement("SELECT app.delete_organization()"))
                _ = try await transaction.query(AuditSQL.append(draft))
                return findings
            }
        } catch let undone as Undone { return undone.findings }
    }

    /// Deletes what came after from all tables.
    ///
    /// - Parameter entry: what stays.
    /// - Returns: how many rows there were beside entries of the audit log.
    public func sweep(_ scope: OrganizationScope, keeping entry: AuditEntryID) async throws -> Int {
        let entries = Statement(
            """
            DELETE FROM spotter.audit_entries WHERE organization_id = app.organization() AND id <> $1
            """, entry.uuid)
        return try await run(scope) { transaction in
            _ = try await transaction.query(entries)
            let rest = try await transaction.query(Statement("SELECT app.delete_rest()"))
            return try Int(rest.exactlyOne().get(0, as: Int64.self))
        }
    }

    private struct Undone: Error { let findings: [PrivacyFinding] }

    private static func read(
        _ table: String, in transaction: Transaction, _ write: (_ rows: [String]) throws -> Void
    ) async throws -> Int {
        _ = try await transaction.query(Statement("SELECT app.open_organization_rows($1)", table))
        var count = 0
        while true {
            let rows = try await transaction.query(Statement("FETCH FORWARD 500 FROM organization_rows"))
                .decoded { try $0.get(0, as: String.self) }
            if !rows.isEmpty { try write(rows) }
            count += rows.count
            if rows.count < slice { break }
        }
        _ = try await transaction.query(Statement("CLOSE organization_rows"))
        return count
    }

    private func run<Value: Sendable>(
        _ scope: OrganizationScope, isolation: TransactionIsolation = .readCommitted,
        _ work: (Transaction) async throws -> Value
    ) async throws -> Value {
        let scoped = database.withOrganization(scope.organization.uuid)
        do {
            return try await scoped.transaction(isolation: isolation) { transaction in
                _ = try await transaction.query(
                    Statement(
                        """
                        SELECT set_config('role', 'spotter_owner', true), set_config('statement_timeout', '0', true),
                            set_config('idle_in_transaction_session_timeout', '0', true)
                        """))
                return try await work(transaction)
            }
        } catch let undone as Undone { throw undone } catch { throw StoreFailure.translate(error) }
    }
}
