import Foundation
import PostgresKit
import SpotterPostgres
import SpotterTesting
import Testing

struct BootstrapTests {
    /// A server of its own, on which no role of Spotter's is yet.
    private func newCluster() async throws -> (cluster: PrivateCluster, administrator: PostgresConfiguration) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let cluster = try PrivateCluster.temporary(settings: ["shared_buffers": "16MB"])
                        return (cluster, try PostgresConfiguration(url: cluster.start().databaseURL))
                    })
            }
        }
    }

    @Test func `databases of one new cluster can be prepared and migrated at the same moment, and again`() async throws
    {
        let (cluster, administrator) = try await newCluster()
        let bootstrap = try DatabaseBootstrap(folder: TestStores.migrationsFolder)
        let migrations = try Migration.read(folder: TestStores.migrationsFolder)
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<4 {
                let name = "gym_\(number)"
                try await Administration.createDatabase(name, on: administrator)
                for _ in 0..<2 {
                    group.addTask {
                        let database = administrator.replacing(database: name)
                        try await bootstrap.prepare(database, passwords: .init(application: "it's $1 \"x\" \\"))
                        let migrator = database.replacing(user: SpotterSchema.migratorRole)
                        return try await SpotterSchema.migrator(migrations, configuration: migrator).migrate().count
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // Of the two that prepared each database one migrated it and the other found it done.
        #expect(applied.sorted() == [0, 0, 0, 0] + Array(repeating: migrations.count, count: 4))
        let database = TestStores.connect(administrator.replacing(database: "gym_0"))
        #expect(try await CatalogRule.breaches(in: database) == [])
        let passwords = try await database.unscoped.query(
            Statement(
                """
                SELECT rolname::text, rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid
                WHERE rolname LIKE 'spotter%' ORDER BY rolname
                """))
        #expect(
            try passwords.map { try $0.get(0, as: String.self) } == ["spotter_app", "spotter_migrate", "spotter_owner"])
        #expect(try passwords.map { try $0.get(1, as: Bool?.self) } == [true, nil, nil])
        database.close()
        cluster.stop(immediate: true)
    }

    @Test func `a role that is no superuser but may create roles can prepare its own database`() async throws {
        let (cluster, administrator) = try await newCluster()
        try await Administration.run(script: "CREATE ROLE operator LOGIN CREATEROLE CREATEDB", on: administrator)
        try await Administration.createDatabase("gym", on: administrator, owner: "operator")
        let configuration = administrator.replacing(user: "operator", database: "gym")
        let bootstrap = try DatabaseBootstrap(folder: TestStores.migrationsFolder)
        for _ in 0..<2 { try await bootstrap.prepare(configuration) }
        let migrations = try Migration.read(folder: TestStores.migrationsFolder)
        let migrator = configuration.replacing(user: SpotterSchema.migratorRole)
        try await SpotterSchema.migrator(migrations, configuration: migrator).migrate()
        let application = TestStores.connect(configuration.replacing(user: SpotterSchema.applicationRole))
        _ = try await StartupChecks(
            database: application, schemaVersion: migrations.count, allowsDataLoss: true
        ).run()
        application.close()
        cluster.stop(immediate: true)
    }
}
