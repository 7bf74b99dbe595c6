import Foundation
import PostgresKit
import SpotterPostgres
import SpotterTesting
import Testing

@testable import SpotterPostgres

struct StartupChecksTests {
    private static func version() throws -> Int { try Migration.read(folder: TestStores.migrationsFolder).count }

    /// The reasons against serving from `configuration`.
    private func reasons(
        _ configuration: PostgresConfiguration, version: Int? = nil, allowsDataLoss: Bool = true
    ) async throws -> [String] {
        let database = TestStores.connect(configuration)
        defer { database.close() }
        let checks = StartupChecks(
            database: database, schemaVersion: try version ?? Self.version(), allowsDataLoss: allowsDataLoss)
        do {
            _ = try await checks.run()
            return []
        } catch let refusal as StartupChecks.Refusal { return refusal.reasons }
    }

    @Test func `the application's role may serve`() async throws {
        let stores = try await TestStores.shared
        #expect(try await reasons(stores.configuration) == [])
    }

    @Test func `a superuser may not serve`() async throws {
        let stores = try await TestStores.shared
        let reasons = try await reasons(stores.administrator)
        #expect(reasons.contains { $0.contains("is a superuser") })
        #expect(reasons.allSatisfy { !$0.contains("Row-level security is not forced") })
    }

    @Test func `the migrator may not serve`() async throws {
        let stores = try await TestStores.shared
        let configuration = stores.configuration.replacing(
            user: SpotterSchema.migratorRole, password: TestStores.password)
        let reasons = try await reasons(configuration)
        #expect(reasons.count == 1)
        #expect(reasons.first?.contains("member of a role that owns tables") == true)
    }

    @Test func `roles that bypass row-level security or own a table may not serve`() async throws {
        let stores = try await TestStores.fresh()
        let suffix = UUID().uuidString.prefix(8).lowercased()
        let role = "spotter_test_\(suffix)"
        // A name made here of hexadecimal digits; libpq's quoting is PostgresKit's own.
        try await Administration.run(
            script: """
                CREATE ROLE \(role) LOGIN BYPASSRLS PASSWORD 'spotter-test';
                DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO \(role)', current_database()); END $$;
                GRANT USAGE ON SCHEMA spotter TO \(role); GRANT SELECT ON spotter.schema_migrations TO \(role);
                CREATE TABLE spotter.owned (); ALTER TABLE spotter.owned OWNER TO \(role);
                """, on: stores.administrator)
        let reasons = try await reasons(stores.configuration.replacing(user: role, password: "spotter-test"))
        #expect(reasons.contains { $0.contains("bypasses row-level security") })
        #expect(reasons.contains { $0.contains("owns tables") })
        #expect(reasons.contains { $0.contains("not forced on owned") })
        try await Administration.run(
            script: "DROP TABLE spotter.owned; DROP OWNED BY \(role); DROP ROLE \(role)", on: stores.administrator)
        try await stores.close()
    }

    @Test func `a server that may lose commits is refused unless that is wanted`() async throws {
        // A cluster of tests syncs nothing; one that somebody else runs may, and then there is nothing to refuse.
        let stores = try await TestStores.shared
        let settings = try await stores.database.unscoped.query(
            Statement("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        ).exactlyOne()
        let reasons = try await reasons(stores.configuration, allowsDataLoss: false)
        #expect(reasons.contains { $0.hasPrefix("fsync is off") } == (try settings.get(0) == "off"))
        #expect(reasons.contains { $0.hasPrefix("synchronous_commit is off") } == (try settings.get(1) == "off"))
    }

    @Test func `a schema of another version than the program's is refused`() async throws {
        let stores = try await TestStores.shared
        let version = try Self.version()
        let older = try await reasons(stores.configuration, version: version + 1)
        #expect(older == ["The schema is at migration \(version) of \(version + 1): run `spotter migrate`."])
        let newer = try await reasons(stores.configuration, version: version - 1)
        #expect(newer.first?.contains("it is too old for it") == true)
    }

    @Test func `an empty database is refused with what to do`() async throws {
        let cluster = try await TestCluster.shared
        let administrator = try await cluster.createDatabase(named: "spotter_empty")
        let reasons = try await reasons(administrator)
        #expect(reasons.contains { $0.contains("run `spotter migrate`") })
        guard let name = administrator.database else { return }
        try await Administration.dropDatabase(name, on: try cluster.administrator())
    }

    @Test func `row-level security that somebody turned off is noticed`() async throws {
        let stores = try await TestStores.fresh()
        try await Administration.run(
            script: """
                ALTER TABLE spotter.clients NO FORCE ROW LEVEL SECURITY;
                ALTER TABLE spotter.agents DISABLE ROW LEVEL SECURITY;
                """, on: stores.administrator)
        #expect(
            try await reasons(stores.configuration) == ["Row-level security is not forced on agents, clients."])
        try await stores.close()
    }

    @Test(arguments: [
        (150_013, true), (150_014, false), (150_020, false), (160_009, true), (160_010, false), (170_005, true),
        (170_006, false), (180_000, false),
    ])
    func `minor releases with known holes give a warning`(_ version: Int, _ warns: Bool) {
        #expect(StartupChecks.warnings(version: version).isEmpty == !warns)
    }
}
