public import ServiceKit

/// Brings a database's schema up to date.
///
/// Each migration is one transaction that also writes its line into `schema_migrations` (version, name, checksum,
/// applied_at), so that an interruption leaves whole ones only and the next run goes on from there. An advisory lock
/// lets one process at a time do it; the others wait and then find nothing left to do.
public struct Migrator: Sendable {
    /// Where the record is kept and who may see it.
    public struct Ledger: Sendable {
        /// The schema that holds `schema_migrations`; it must exist.
        public var schema: String
        /// The role that owns the table; by default the one that connects. That one must be a member.
        public var owner: String?
        /// Roles that may read it.
        public var readers: [String]

        /// - Parameter schema: must exist.
        public init(schema: String = "public", owner: String? = nil, readers: [String] = []) {
            self.schema = schema
            self.owner = owner
            self.readers = readers
        }
    }

    private let migrations: [Migration]
    private let configuration: PostgresConfiguration
    private let ledger: Ledger
    private let log: Log

    /// - Parameter configuration: a role that may change the schema.
    public init(
        _ migrations: [Migration], configuration: PostgresConfiguration, ledger: Ledger = Ledger(),
        log: Log = .silent
    ) {
        self.migrations = migrations
        self.configuration = configuration
        self.ledger = ledger
        self.log = log
    }

    /// What has been applied and what is pending; changes nothing.
    ///
    /// - Throws: `MigrationError` when program and database do not belong together.
    public func status() async throws -> MigrationStatus {
        try await BlockingConnection.detached { try status(on: BlockingConnection(configuration)) }
    }

    /// Applies what is pending, in order, and returns it.
    ///
    /// - Throws: `MigrationError`; what had been applied before stays.
    @discardableResult
    public func migrate() async throws -> [Migration] {
        try await BlockingConnection.detached {
            let connection = try BlockingConnection(configuration)
            try lock(connection)
            try makeLedger(connection)
            let pending = try status(on: connection).pending
            for migration in pending { try apply(migration, on: connection) }
            return pending
        }
    }

    /// Held until the connection closes, also by a crash.
    private func lock(_ connection: BlockingConnection) throws {
        try connection.query(Statement("SELECT set_config('lock_timeout', '120s', false)"))
        do {
            // The number is this kit's own: "pgkit" in ASCII.
            try connection.query(Statement("SELECT pg_advisory_lock(482670340468)"))
        } catch let error as PostgresError where error.sqlState == "55P03" {
            throw MigrationError("another process has been migrating this database for two minutes; try again later")
        }
        try connection.query(Statement("SELECT set_config('lock_timeout', '0', false)"))
    }

    private func makeLedger(_ connection: BlockingConnection) throws {
        try connection.transaction {
            try enterLedger(connection)
            let exists = try connection.query(Statement(Self.ledgerExists)).exactlyOne().get(0, as: Bool.self)
            guard !exists else { return }
            try connection.query(
                Statement(
                    """
                    CREATE TABLE schema_migrations (
                        version integer PRIMARY KEY,
                        name text NOT NULL,
                        checksum text NOT NULL,
                        applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
                    """))
            for reader in ledger.readers {
                // A role's name cannot be a parameter: libpq quotes it.
                try connection.run(
                    script: "GRANT SELECT ON schema_migrations TO \(try connection.quoted(identifier: reader))")
            }
        }
    }

    private static let ledgerExists: StaticString =
        "SELECT to_regclass(quote_ident(current_schema()) || '.schema_migrations') IS NOT NULL"

    /// Becomes the ledger's owner, in its schema, for the rest of the transaction.
    private func enterLedger(_ connection: BlockingConnection) throws {
        try connection.query(
            Statement("SELECT set_config('role', coalesce($1, 'none'), true)", ledger.owner))
        // Quoted by the server, since the setting is a list of identifiers.
        try connection.query(
            Statement("SELECT set_config('search_path', quote_ident($1), true)", ledger.schema))
        let schema = try connection.query(Statement("SELECT current_schema()")).exactlyOne().get(0, as: String?.self)
        guard schema == ledger.schema else {
            throw MigrationError(
                "there is no schema \(ledger.schema) for the record of migrations, or no right to use it")
        }
    }

    private func status(on connection: BlockingConnection) throws -> MigrationStatus {
        let applied = try connection.transaction {
            // Reading needs no more than the right to read.
            try connection.query(
                Statement("SELECT set_config('search_path', quote_ident($1), true)", ledger.schema))
            guard try connection.query(Statement(Self.ledgerExists)).exactlyOne().get(0, as: Bool?.self) ?? false else {
                return [MigrationStatus.Applied]()
            }
            let rows = try connection.query(
                Statement("SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version"))
            return try rows.map { row in
                MigrationStatus.Applied(
                    version: try row.get("version"), name: try row.get("name"), checksum: try row.get("checksum"),
                    appliedAt: try row.get("applied_at"))
            }
        }
        let known = try zip(migrations, checksums(on: connection)).map { (migration: $0, checksum: $1) }
        return MigrationStatus(applied: applied, pending: try MigrationPlan.pending(of: known, after: applied))
    }

    private func checksums(on connection: BlockingConnection) throws -> [String] {
        let computed = try connection.query(
            Statement(
                """
                SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') AS checksum
                FROM unnest($1::text[]) WITH ORDINALITY AS file (text, number) ORDER BY number
                """, migrations.map(\.sql)))
        return try zip(migrations, computed).map { try $0.checksum ?? $1.get("checksum") }
    }

    private func apply(_ migration: Migration, on connection: BlockingConnection) throws {
        do {
            try connection.transaction {
                try connection.run(script: migration.sql)
                guard connection.isInTransaction else {
                    throw MigrationError("migration \(migration.title) ends its transaction itself, which it may not")
                }
                try enterLedger(connection)
                try connection.query(
                    Statement(
                        """
                        INSERT INTO schema_migrations (version, name, checksum)
                        VALUES ($1, $2, coalesce($3, encode(sha256(convert_to($4, 'UTF8')), 'hex')))
                        """, migration.version, migration.name, migration.checksum, migration.sql))
            }
        } catch let error as PostgresError {
            throw MigrationError("migration \(migration.title) failed: \(String(reflecting: error))")
        }
        log.info("migration applied", ["migration": migration.title])
    }
}
