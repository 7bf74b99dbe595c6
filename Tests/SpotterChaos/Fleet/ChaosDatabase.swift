import EventLoopKit
import Foundation
import PostgresKit
import ServiceKit
import SpotterDomain
import SpotterPostgres

/// The system's database: a private cluster as careful as a real one, and a superuser's look into it.
final class ChaosDatabase: Sendable {
    /// The application's and the administrator's addresses.
    let application: String
    let administrator: String
    let look: ScopedDatabase
    /// The stores as the application has them: for work that no request of the API asks for.
    let stores: PostgresStores
    private let cluster: PrivateCluster
    private let loops: EventLoopGroup
    private let database: Database
    private let own: Database

    static func start() async throws -> ChaosDatabase {
        // What is acknowledged must be on its way to the disk: the tests' usual shortcuts would lose it.
        let careful = ["fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200"]
        let cluster = try PrivateCluster.temporary(settings: careful)
        let endpoint = try await blocking { try cluster.start() }
        let server = try PostgresConfiguration(url: endpoint.databaseURL)
        try await Administration.createDatabase("spotter", on: server)
        return try ChaosDatabase(cluster, endpoint, server)
    }

    private init(
        _ cluster: PrivateCluster, _ endpoint: PrivateCluster.Endpoint, _ server: PostgresConfiguration
    ) throws {
        self.cluster = cluster
        administrator = endpoint.databaseURL.replacingOccurrences(of: "@/postgres?", with: "@/spotter?")
        application = administrator.replacingOccurrences(of: "//\(endpoint.superuser)@", with: "//spotter_app@")
        loops = EventLoopGroup(count: 1)
        database = Database(configuration: server.replacing(database: "spotter"), loops: loops, log: .silent)
        look = database.unscoped
        own = Database(configuration: try PostgresConfiguration(url: application), loops: loops, log: .silent)
        stores = PostgresStores(own)
    }

    /// As `pg_ctl restart -m immediate`: no session is ended well, and the next start recovers.
    func restart() async throws {
        try await Self.blocking { [cluster] in
            cluster.stop(immediate: true)
            _ = try cluster.start()
        }
    }

    /// Ends sessions of the application's, whatever they are doing.
    func cutSessions(_ count: Int) async throws {
        _ = try await look.query(
            Statement(
                """
                SELECT pg_terminate_backend(pid) FROM (
                    SELECT pid FROM pg_stat_activity WHERE usename = 'spotter_app' ORDER BY random() LIMIT $1) AS chosen
                """, count))
    }

    /// Ends the session of one heart, which is the one that last prolonged a lease.
    func cutHeart() async throws {
        _ = try await look.query(
            Statement(
                """
                SELECT pg_terminate_backend(pid) FROM (
                    SELECT pid FROM pg_stat_activity
                    WHERE usename = 'spotter_app' AND query LIKE '%spotter.workers SET lease_until%'
                    ORDER BY random() LIMIT 1) AS chosen
                """))
    }

    /// How much has not come to an end.
    func openExecutions() async throws -> Int {
        let statement = Statement(
            "SELECT count(*) FROM spotter.executions WHERE state NOT IN ('completed', 'failed', 'cancelled')")
        return try await look.query(statement).exactlyOne().get(0)
    }

    /// The id of a slug.
    func organization(_ slug: String) async throws -> OrganizationScope {
        let statement = Statement("SELECT organization_id FROM spotter.organizations WHERE slug = $1", slug)
        return OrganizationScope(OrganizationID(try await look.query(statement).exactlyOne().get(0)))
    }

    func stop() {
        own.close()
        database.close()
        loops.stop()
        cluster.stop(immediate: true)
    }

    static func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: Result { try work() }) }
        }
    }
}
