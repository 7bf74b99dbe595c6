import Foundation
public import PostgresKit

/// The PostgreSQL server that tests run against.
///
/// One a process: a temporary private cluster that is gone when the process ends, or the server that
/// `SPOTTER_TEST_DATABASE_ADMIN_URL` names (as a superuser).
public final class TestCluster: Sendable {
    /// The database `postgres`, as a superuser.
    public let adminURL: String
    // Kept, so that the server lives as long as the process.
    private let cluster: PrivateCluster?

    private static let starting = Task.detached { try await start() }

    /// The cluster; the first who asks starts it.
    public static var shared: TestCluster {
        get async throws { try await starting.value }
    }

    private init(adminURL: String, cluster: PrivateCluster?) {
        self.adminURL = adminURL
        self.cluster = cluster
    }

    private static func start() async throws -> TestCluster {
        if let url = ProcessInfo.processInfo.environment["SPOTTER_TEST_DATABASE_ADMIN_URL"], !url.isEmpty {
            return TestCluster(adminURL: url, cluster: nil)
        }
        return try await withCheckedThrowingContinuation { continuation in
            // Starting blocks, which the tasks' threads must not.
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let settings = ["max_connections": "400", "shared_buffers": "64MB", "autovacuum": "off"]
                        let cluster = try PrivateCluster.temporary(settings: settings)
                        return TestCluster(adminURL: try cluster.start().databaseURL, cluster: cluster)
                    })
            }
        }
    }

    /// The server as its superuser.
    public func administrator() throws -> PostgresConfiguration { try PostgresConfiguration(url: adminURL) }

    /// Makes a database of that name, with a random ending so that no two tests share one.
    ///
    /// - Parameter template: a database to copy, to which nobody may be connected.
    /// - Returns: how to connect to it as the superuser.
    public func createDatabase(named name: String, template: String? = nil) async throws -> PostgresConfiguration {
        let administrator = try administrator()
        let unique = "\(name)_\(UUID().uuidString.prefix(8).lowercased())"
        try await Administration.createDatabase(unique, on: administrator, template: template)
        return administrator.replacing(database: unique)
    }
}
