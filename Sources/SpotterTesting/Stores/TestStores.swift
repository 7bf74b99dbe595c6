import EventLoopKit
import Foundation
public import PostgresKit
import ServiceKit
public import SpotterPostgres

/// PostgreSQL stores for tests: a migrated database, reached as `spotter_app`, under the rules of production.
///
/// `shared` is one database for all tests of the process: a test makes itself an organisation
/// (`TestOrganization.make(in:)`) and is alone in it. `fresh()` is a database of one's own, for tests that look at
/// everything or change the schema.
public struct TestStores: Sendable {
    /// Every store.
    public let stores: StoreSet
    /// The same.
    public let postgres: PostgresStores
    /// As `spotter_app`.
    public let database: Database
    /// As `spotter_app`.
    public let configuration: PostgresConfiguration
    /// The same database as a superuser.
    public let administrator: PostgresConfiguration

    /// Copied for every other database, so that migrations run once a process.
    private static let template = Task.detached { try await TestTemplate.make() }
    private static let sharing = Task.detached { try await open(copy(of: template.value, named: "spotter_shared")) }
    private static let loops = EventLoopGroup(count: 1)

    /// The process's own database; the first who asks makes it.
    public static var shared: TestStores {
        get async throws { try await sharing.value }
    }

    /// A new migrated database. `close()` removes it; otherwise it goes with the server.
    public static func fresh() async throws -> TestStores {
        try await open(copy(of: template.value, named: "spotter_fresh"))
    }

    /// The password of the roles that log in; nil where none is needed.
    public static var password: String? { TestTemplate.password }

    /// The folder of migrations of this project.
    public static var migrationsFolder: String { TestTemplate.migrationsFolder }

    private static func copy(of template: TestTemplate, named name: String) async throws -> PostgresConfiguration {
        let administrator = try await template.copy(named: name)
        // The privileges on a database are not copied with it.
        try await template.bootstrap.prepare(administrator, passwords: template.passwords)
        return administrator
    }

    /// Another connection to any database, such as one as another role.
    public static func connect(_ configuration: PostgresConfiguration) -> Database {
        Database(configuration: configuration, loops: loops, log: .silent)
    }

    private static func open(_ administrator: PostgresConfiguration) async throws -> TestStores {
        var configuration = administrator
        // A pooler in front of the same server, which keeps nothing in a session.
        if let pooler = ProcessInfo.processInfo.environment["SPOTTER_TEST_POOLER_URL"], !pooler.isEmpty {
            configuration = try PostgresConfiguration(url: pooler).replacing(database: administrator.database)
            configuration.preparesStatements = false
        }
        configuration = configuration.replacing(
            user: SpotterSchema.applicationRole, password: TestTemplate.password)
        // Tests run all at once; how long one waits for its turn is not what they are about.
        configuration.acquireTimeout = .seconds(60)
        let database = connect(configuration)
        try await database.ping()
        let postgres = PostgresStores(database)
        return TestStores(
            stores: StoreSet(postgres), postgres: postgres, database: database, configuration: configuration,
            administrator: administrator)
    }

    /// Ends the connections and removes the database: for those from `fresh()`.
    public func close() async throws {
        database.close()
        guard let name = configuration.database else { return }
        try await Administration.dropDatabase(name, on: administrator.replacing(database: "postgres"))
    }
}

/// The database that others are copied from.
private struct TestTemplate: Sendable {
    let cluster: TestCluster
    let name: String
    let bootstrap: DatabaseBootstrap
    let passwords: DatabaseBootstrap.Passwords

    /// Only a server that somebody else runs may ask for passwords.
    static let password: String? = {
        let url = ProcessInfo.processInfo.environment["SPOTTER_TEST_DATABASE_ADMIN_URL"] ?? ""
        return url.isEmpty ? nil : "spotter-test"
    }()

    static let migrationsFolder: String = {
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.appending(path: "migrations").path
    }()

    static func make() async throws -> TestTemplate {
        let cluster = try await TestCluster.shared
        let administrator = try await cluster.createDatabase(named: "spotter_template")
        let bootstrap = try DatabaseBootstrap(folder: migrationsFolder)
        let passwords = DatabaseBootstrap.Passwords(application: password, migrator: password)
        try await bootstrap.prepare(administrator, passwords: passwords)
        let migrator = administrator.replacing(user: SpotterSchema.migratorRole, password: password)
        try await SpotterSchema.migrator(Migration.read(folder: migrationsFolder), configuration: migrator).migrate()
        return TestTemplate(
            cluster: cluster, name: administrator.database ?? "", bootstrap: bootstrap, passwords: passwords)
    }

    /// A database cannot be copied while a session is in it, and a closed one takes a moment to go.
    func copy(named copy: String) async throws -> PostgresConfiguration {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                return try await cluster.createDatabase(named: copy, template: name)
            } catch let error as PostgresError where error.sqlState == "55006" && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
