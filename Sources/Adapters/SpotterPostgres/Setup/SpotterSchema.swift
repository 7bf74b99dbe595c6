public import PostgresKit
public import ServiceKit

/// The schema's migrations, and the roles that its bootstrap makes.
public enum SpotterSchema {
    /// Owns every object; nobody logs in as it.
    public static let ownerRole = "spotter_owner"
    /// Migrates.
    public static let migratorRole = "spotter_migrate"
    /// Serves: owns nothing and bypasses nothing.
    public static let applicationRole = "spotter_app"

    /// Where the record of migrations is kept: in the schema of the tables, readable by the server, which refuses to
    /// serve a schema that is not its own.
    public static let ledger = Migrator.Ledger(schema: "spotter", owner: ownerRole, readers: [applicationRole])

    /// The migrator of a database that `DatabaseBootstrap` has prepared.
    ///
    /// - Parameters:
    ///   - migrations: from `Migration.read(folder:)`.
    ///   - configuration: as `spotter_migrate`, or as a superuser.
    public static func migrator(
        _ migrations: [Migration], configuration: PostgresConfiguration, log: Log = .silent
    ) -> Migrator {
        Migrator(migrations, configuration: configuration, ledger: ledger, log: log)
    }
}
