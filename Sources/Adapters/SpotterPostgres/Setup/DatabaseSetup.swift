public import PostgresKit
public import ServiceKit

/// Brings a database from nothing to the schema of this program: roles and schemas, then migrations.
public struct DatabaseSetup: Sendable {
    private let folder: String
    private let administrator: PostgresConfiguration
    private let log: Log

    /// - Parameters:
    ///   - migrationsFolder: holds `NNNN_name.sql` and `bootstrap/`.
    ///   - administrator: a superuser, or a role with CREATEROLE that owns the database.
    public init(migrationsFolder: String, administrator: PostgresConfiguration, log: Log) {
        folder = migrationsFolder
        self.administrator = administrator
        self.log = log
    }

    /// Prepares and migrates. Where all is done already, nothing is changed, and where this role may not prepare but
    /// nothing is missing, nothing is refused either.
    ///
    /// - Parameter appPassword: the password to give `spotter_app`; nil leaves it as it is.
    /// - Returns: the migrations that were applied now.
    public func prepare(appPassword: String? = nil) async throws -> [Migration] {
        let bootstrap = try DatabaseBootstrap(folder: folder)
        try await bootstrap.prepare(administrator, passwords: .init(application: appPassword))
        return try await migrator().migrate()
    }

    /// What is applied and what is pending.
    public func status() async throws -> MigrationStatus { try await migrator().status() }

    private func migrator() throws -> Migrator {
        SpotterSchema.migrator(try Migration.read(folder: folder), configuration: administrator, log: log)
    }
}
