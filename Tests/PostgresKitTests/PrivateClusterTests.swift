import Foundation
import Testing

@testable import PostgresKit

@Suite(.timeLimit(.minutes(3)))
struct PrivateClusterTests {
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "cluster-\(UUID().uuidString.prefix(8))"
    )
    .path(percentEncoded: false)
    private static let quick = ["fsync": "off", "shared_buffers": "16MB"]

    private func withCluster(
        _ folder: String, _ body: (PrivateCluster, PrivateCluster.Endpoint) async throws -> Void
    ) async throws {
        let cluster = PrivateCluster(dataDirectory: folder, settings: Self.quick)
        let endpoint = try await start(cluster)
        defer { cluster.stop() }
        try await body(cluster, endpoint)
    }

    /// Starting waits, which a task's thread must not.
    private func start(_ cluster: PrivateCluster) async throws -> PrivateCluster.Endpoint {
        try await BlockingConnection.detached { try cluster.start() }
    }

    private func remember(_ endpoint: PrivateCluster.Endpoint, _ database: String) async throws -> Bool {
        try await Administration.createDatabase(database, on: PostgresConfiguration(url: endpoint.databaseURL))
    }

    @Test func `a cluster keeps its data over a stop and a start`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(folder) { cluster, endpoint in
            #expect(endpoint.notes.isEmpty)
            #expect(!endpoint.wasRunning)
            let made = try await remember(endpoint, "kept")
            #expect(made)
            cluster.stop()
            let again = try await start(cluster)
            let isNew = try await remember(again, "kept")
            #expect(!isNew)
        }
    }

    @Test func `a cluster that runs already is found and left running by who found it`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(folder) { _, endpoint in
            let second = PrivateCluster(dataDirectory: folder, settings: Self.quick)
            let found = try await start(second)
            #expect(found.wasRunning)
            #expect(found.socketDirectory == endpoint.socketDirectory)
            second.stop()
            let made = try await remember(endpoint, "alive")
            #expect(made)
        }
    }

    @Test func `a server whose process is gone belongs to who finds it, and stops with them`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(folder) { first, endpoint in
            _ = try await remember(endpoint, "kept")
            // As a SIGKILL does it: the server runs on, and nobody holds the lock.
            first.letGo()
            let second = PrivateCluster(dataDirectory: folder, settings: Self.quick)
            let found = try await start(second)
            #expect(!found.wasRunning)
            let isNew = try await remember(found, "kept")
            #expect(!isNew)
            #expect(!second.hasDied)
            second.stop()
            #expect(access(folder + "/data/postmaster.pid", F_OK) != 0)
            // What was started anew is the third's own.
            let third = PrivateCluster(dataDirectory: folder, settings: Self.quick)
            #expect(try await !start(third).wasRunning)
            third.stop()
        }
    }

    @Test func `a process file left behind by a crash does not keep a cluster from starting`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(folder) { cluster, _ in
            cluster.stop()
            // A process that lives, but is no server of this folder.
            try "\(getpid())\n\(folder)/data\n0\n5432\n\(folder)/socket\n".write(
                toFile: folder + "/data/postmaster.pid", atomically: true, encoding: .utf8)
            let endpoint = try await start(cluster)
            #expect(!endpoint.wasRunning)
            let made = try await remember(endpoint, "started")
            #expect(made)
        }
    }

    @Test func `a cluster that was killed recovers`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(folder) { cluster, endpoint in
            _ = try await remember(endpoint, "survivor")
            let file = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
            let server = try #require(pid_t(file.prefix { $0 != "\n" }))
            kill(server, SIGKILL)
            let gone = try await eventually { access("/proc/\(server)/cwd", F_OK) != 0 }
            #expect(gone)
            let isNew = try await remember(try await start(cluster), "survivor")
            #expect(!isNew)
        }
    }

    @Test func `the server has no TCP port, its folders are private, and it leads a session of its own`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(folder) { _, endpoint in
            for path in [folder, endpoint.socketDirectory, folder + "/data"] {
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o700)
            }
            let file = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
            let server = try #require(pid_t(file.prefix { $0 != "\n" }))
            #expect(getsid(server) == server)
            #expect(getsid(server) != getsid(0))
            let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[5].isEmpty)
        }
    }

    @Test func `a socket path that is too long for the system is met with another folder, and said`() async throws {
        let long = folder + "/" + String(repeating: "long-", count: 18)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(long) { _, endpoint in
            defer { try? FileManager.default.removeItem(atPath: endpoint.socketDirectory) }
            #expect(endpoint.socketDirectory.utf8.count < 80)
            #expect(endpoint.notes.contains { $0.contains(endpoint.socketDirectory) })
            let made = try await remember(endpoint, "reachable")
            #expect(made)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root runs the server as another user"))
    func `a folder that the server's user cannot reach is met with another, and said`() async throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let unreachable = folder + "/inner"
        try await withCluster(unreachable) { _, endpoint in
            let note = try #require(endpoint.notes.first { $0.contains("database is kept") })
            #expect(note.contains(unreachable))
            let made = try await remember(endpoint, "reachable")
            #expect(made)
            let root = URL(filePath: endpoint.socketDirectory).deletingLastPathComponent()
            #expect(note.contains(root.path(percentEncoded: false).dropLast()))
            try FileManager.default.removeItem(at: root)
        }
    }

    @Test func `a folder that holds a damaged cluster is an error with the log's end`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cluster = PrivateCluster(dataDirectory: folder, settings: Self.quick)
        _ = try await start(cluster)
        cluster.stop()
        try FileManager.default.removeItem(atPath: folder + "/data/global/pg_control")
        let error = await #expect(throws: ClusterError.self) { try await start(cluster) }
        #expect(error?.description.contains("pg_control") == true)
    }

    @Test func `a temporary cluster is stopped and removed when its process ends`() async throws {
        try await withCluster(folder) { _, endpoint in
            let watchdog = try ClusterWatchdog(folders: ClusterFolders(requested: folder, account: ClusterAccount()))
            let file = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
            let server = try #require(pid_t(file.prefix { $0 != "\n" }))
            // The end of the process closes what is open in it.
            close(watchdog.lifeline)
            let gone = try await eventually { access(folder, F_OK) != 0 && access("/proc/\(server)/cwd", F_OK) != 0 }
            #expect(gone)
        }
    }
}
