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

    /// Takes the organisation out of the database, all or nothing. Nobody adds anything to it meanwhile; what was under way
    /// loses its lease, as after a crash.
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
            return try await run(scope) { transaction in
                // Whatever is added to an organisation holds its row: from here on nothing is.
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

    /// Deletes what came after: a request that was under way writes into the audit log, which hangs on nothing.
    ///
    /// - Parameter entry: what stays.
    /// - Returns: how many rows there were.
    public func sweep(_ scope: OrganizationScope, keeping entry: AuditEntryID) async throws -> Int {
        let statement = Statement(
            """
            DELETE FROM spotter.audit_entries WHERE organization_id = app.organization() AND id <> $1
            """, entry.uuid)
        return try await run(scope) { try await $0.query(statement).affected }
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
        _ scope: OrganizationScope, _ work: (Transaction) async throws -> Value
    ) async throws -> Value {
        do {
            return try await database.withOrganization(scope.organization.uuid).transaction { transaction in
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
