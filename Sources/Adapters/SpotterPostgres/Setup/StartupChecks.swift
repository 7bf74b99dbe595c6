public import PostgresKit

/// What must hold before the server may serve from a database, and what is worth a warning.
///
/// Row-level security protects nobody from a role that bypasses it, so the server refuses to be one.
public struct StartupChecks: Sendable {
    /// Why the server does not start: a sentence each, with what to do.
    public struct Refusal: Error, Sendable, CustomStringConvertible {
        /// At least one.
        public let reasons: [String]
        /// The reasons, a line each.
        public var description: String { reasons.joined(separator: "\n") }
    }

    private let database: Database
    private let schemaVersion: Int
    private let allowsDataLoss: Bool

    /// - Parameters:
    ///   - database: connected as the role that is going to serve.
    ///   - schemaVersion: how many migrations this program knows.
    ///   - allowsDataLoss: whether a server that may lose commits (`fsync=off`) will do: for tests and trials.
    public init(database: Database, schemaVersion: Int, allowsDataLoss: Bool = false) {
        self.database = database
        self.schemaVersion = schemaVersion
        self.allowsDataLoss = allowsDataLoss
    }

    /// - Returns: warnings.
    /// - Throws: `Refusal`, or `PostgresError` when the database does not answer.
    public func run() async throws -> [String] {
        let rows = try await database.unscoped.batch([Statement(Self.role), Statement(Self.server)])
        let server = try rows[1].exactlyOne()
        var reasons = try Self.reasons(againstRole: rows[0].exactlyOne())
        reasons += try self.reasons(againstServer: server)
        reasons += try await reasonsAgainstSchema(hasLedger: server.get("has_ledger"))
        guard reasons.isEmpty else { throw Refusal(reasons: reasons) }
        return Self.warnings(version: try server.get("version"))
    }

    // MARK: The role

    private static let role: StaticString = """
        SELECT me.rolname::text AS name, me.rolsuper AS is_superuser, me.rolbypassrls AS bypasses,
            EXISTS (SELECT FROM pg_class WHERE relowner = me.oid AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) AS owns,
            EXISTS (
                SELECT FROM pg_roles other
                WHERE other.oid <> me.oid AND NOT me.rolsuper AND pg_has_role(me.oid, other.oid, 'MEMBER')
                    AND (other.rolsuper OR other.rolbypassrls OR other.rolname = 'spotter_owner'
                        OR EXISTS (SELECT FROM pg_class WHERE relowner = other.oid AND relkind IN ('r', 'p'))))
                AS may_become_stronger
        FROM pg_roles me WHERE me.rolname = session_user
        """

    private static func reasons(againstRole role: Row) throws -> [String] {
        let name = try role.get("name", as: String.self)
        let remedy = "connect as spotter_app"
        var reasons: [String] = []
        if try role.get("is_superuser") {
            reasons.append("The role \(name) is a superuser, whom row-level security does not hold: \(remedy).")
        }
        if try role.get("bypasses") {
            reasons.append("The role \(name) bypasses row-level security: \(remedy).")
        }
        if try role.get("owns") {
            reasons.append("The role \(name) owns tables and could change their rules: \(remedy).")
        }
        if try role.get("may_become_stronger") {
            reasons.append(
                "The role \(name) is a member of a role that owns tables or bypasses their rules: \(remedy).")
        }
        return reasons
    }

    // MARK: The server and the schema

    private static let server: StaticString = """
        SELECT current_setting('server_version_num')::integer AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS synchronous_commit,
            to_regclass('spotter.schema_migrations') IS NOT NULL AS has_ledger,
            ARRAY(
                SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'spotter' AND c.relkind IN ('r', 'p')
                    AND c.relname NOT IN ('schema_migrations', 'workers', 'model_pricing', 'markups')
                    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                ORDER BY c.relname) AS unprotected
        """

    private func reasons(againstServer server: Row) throws -> [String] {
        var reasons: [String] = []
        if try server.get("version", as: Int.self) < 150_000 {
            reasons.append("PostgreSQL 15 or later is needed.")
        }
        if !allowsDataLoss {
            for (name, value) in [
                ("fsync", try server.get("fsync", as: String.self)),
                ("synchronous_commit", try server.get("synchronous_commit", as: String.self)),
            ] where value == "off" {
                reasons.append("\(name) is off, so that what was acknowledged may be lost: set it to on.")
            }
        }
        let unprotected = try server.get("unprotected", as: [String].self)
        if !unprotected.isEmpty {
            reasons.append("Row-level security is not forced on \(unprotected.joined(separator: ", ")).")
        }
        return reasons
    }

    private func reasonsAgainstSchema(hasLedger: Bool) async throws -> [String] {
        var version = 0
        if hasLedger {
            let statement = Statement("SELECT coalesce(max(version), 0) FROM spotter.schema_migrations")
            version = try await database.unscoped.query(statement).exactlyOne().get(0)
        }
        if version < schemaVersion {
            return ["The schema is at migration \(version) of \(schemaVersion): run `spotter migrate`."]
        }
        if version > schemaVersion {
            return ["The schema is at migration \(version), this program knows \(schemaVersion): it is too old for it."]
        }
        return []
    }

    // MARK: Warnings

    /// The first minor release of each major one without the known holes in row-level security (CVE-2025-8713 is the
    /// latest; https://www.postgresql.org/support/security/).
    private static let safeMinors = [15: 14, 16: 10, 17: 6]

    static func warnings(version: Int) -> [String] {
        let (major, minor) = version.quotientAndRemainder(dividingBy: 10_000)
        guard let safe = safeMinors[major], minor < safe else { return [] }
        return [
            "PostgreSQL \(major).\(minor) has known holes in row-level security: update it to \(major).\(safe) or later."
        ]
    }
}
