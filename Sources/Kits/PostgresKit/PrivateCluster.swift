import CLibpq
import Foundation
import ServiceKit
import Synchronization

/// A PostgreSQL server of one's own: made, started, adopted and stopped by this process, reached by a unix socket only.
///
/// Its folder holds everything; whoever can enter the socket's folder (mode 0700) is trusted. The server has a
/// session of its own, so that Ctrl-C in the terminal does not reach it. Every method blocks: not for a loop's thread.
public final class PrivateCluster: Sendable {
    /// Where a running cluster is found.
    public struct Endpoint: Sendable {
        /// The folder of the unix socket.
        public let socketDirectory: String
        /// The number in the socket's name; nothing listens on TCP.
        public let port: Int
        /// The role that may do everything.
        public let superuser: String
        /// The database `postgres`, as the superuser.
        public let databaseURL: String
        /// What the person who started it should know, such as that another folder is used.
        public let notes: [String]
        /// Whether the server was running already for somebody else; `stop()` leaves it running then.
        public let wasRunning: Bool
    }

    static let port = 5432
    private static let superuser = "postgres"

    private struct State {
        var server: Subprocess?
        var folders: ClusterFolders?
        var ownsServer = false
        /// Held as long as the server is this process's, so that others see when it no longer is: also after a SIGKILL.
        var ownership: FileLock?
        var watchdog: ClusterWatchdog?
    }

    private let dataDirectory: String
    private let settings: [String: String]
    private let isTemporary: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - dataDirectory: made when it is not there.
    ///   - settings: for `postgresql.conf`, over the defaults; `fsync=off` and the like are for tests.
    public convenience init(dataDirectory: String, settings: [String: String] = [:]) {
        self.init(dataDirectory: dataDirectory, settings: settings, isTemporary: false)
    }

    private init(dataDirectory: String, settings: [String: String], isTemporary: Bool) {
        self.dataDirectory = dataDirectory
        self.settings = settings
        self.isTemporary = isTemporary
    }

    /// A cluster in a folder of its own that is stopped and removed when this process ends, however it ends.
    ///
    /// It does not outlive a crash of the machine: nothing is synced to the disk.
    public static func temporary(settings: [String: String] = [:]) throws -> PrivateCluster {
        var template = Array((NSTemporaryDirectory() + "/spotter-XXXXXX").utf8CString)
        guard let path = mkdtemp(&template) else { throw ClusterError("no temporary folder can be made") }
        let careless = ["fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"]
        return PrivateCluster(
            dataDirectory: String(cString: path), settings: careless.merging(settings) { _, given in given },
            isTemporary: true)
    }

    /// Starts the server, or finds it running, and returns when it answers. One that is running although the process that
    /// it was started for is gone, as after a SIGKILL, is this object's from then on.
    ///
    /// - Throws: `ClusterError`, with the end of the server's log when it would not start.
    public func start() throws -> Endpoint {
        try state.withLock { state in
            let account = try ClusterAccount()
            let folders = try ClusterFolders(requested: dataDirectory, account: account)
            // Of several processes that start at once one makes the cluster, and the others find it running.
            let lock = try FileLock(path: folders.root + "/start.lock")
            defer { lock.unlock() }
            if let running = Postmaster(folders: folders), running.isAlive {
                try waitUntilReady(running.socketDirectory, folders: folders) { running.isAlive }
                if !state.ownsServer, let ownership = FileLock(ifFree: folders.ownership) {
                    (state.ownership, state.ownsServer, state.folders) = (ownership, true, folders)
                }
                return endpoint(running.socketDirectory, folders.notes, wasRunning: !state.ownsServer)
            }
            _ = state.server?.poll()
            if isTemporary, state.watchdog == nil { state.watchdog = try ClusterWatchdog(folders: folders) }
            try? FileManager.default.removeItem(atPath: folders.processIDFile)
            try initialize(folders, account)
            let server = try launch(folders, account)
            state.server = server
            state.folders = folders
            state.ownsServer = true
            if state.ownership == nil { state.ownership = FileLock(ifFree: folders.ownership) }
            try waitUntilReady(folders.socketDirectory, folders: folders) { server.poll() == nil }
            return endpoint(folders.socketDirectory, folders.notes, wasRunning: false)
        }
    }

    /// Whether the cluster has been made, by whomever: `start()` makes one that is not there.
    public var exists: Bool { ClusterFolders.holdCluster(requested: dataDirectory) }

    /// Whether the server that this object started or took over has ended without being asked to. `start()` starts it again.
    public var hasDied: Bool {
        state.withLock { state in
            guard state.ownsServer else { return false }
            if let server = state.server { return server.poll() != nil }
            return state.folders.map { Postmaster(folders: $0)?.isAlive != true } ?? false
        }
    }

    /// Stops a server that this object started or took over, ending every session, and waits for it.
    ///
    /// - Parameter immediate: without a last checkpoint; the next start recovers. For tests of just that.
    public func stop(immediate: Bool = false) {
        state.withLock { state in
            guard state.ownsServer, let folders = state.folders else { return }
            let server = state.server
            let ownership = state.ownership
            (state.ownsServer, state.server, state.ownership) = (false, nil, nil)
            defer { ownership?.unlock() }
            let postmaster = Postmaster(folders: folders).flatMap { $0.isAlive ? $0 : nil }
            guard let processID = postmaster?.processID ?? server?.processID else { return }
            // One that was taken over is nobody's child here: it has ended when it is gone.
            let hasEnded = { if let server { server.poll() != nil } else { postmaster?.isAlive != true } }
            kill(processID, immediate ? SIGQUIT : SIGINT)
            if !Poll.until(seconds: 30, hasEnded) {
                kill(processID, SIGQUIT)
                _ = Poll.until(seconds: 30, hasEnded)
            }
        }
    }

    /// Leaves the server running for whoever finds it, as the end of the process without a stop does.
    func letGo() {
        state.withLock { state in
            state.ownership?.unlock()
            (state.ownsServer, state.ownership) = (false, nil)
        }
    }

    private func endpoint(_ socketDirectory: String, _ notes: [String], wasRunning: Bool) -> Endpoint {
        let host = socketDirectory.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? socketDirectory
        return Endpoint(
            socketDirectory: socketDirectory, port: Self.port, superuser: Self.superuser,
            databaseURL: "postgres://\(Self.superuser)@/postgres?host=\(host)&port=\(Self.port)", notes: notes,
            wasRunning: wasRunning)
    }

    // MARK: Making and starting

    /// Makes the cluster beside its place and moves it there when it is whole, so that a crash leaves no half of one.
    private func initialize(_ folders: ClusterFolders, _ account: ClusterAccount) throws {
        guard access(folders.data + "/PG_VERSION", F_OK) != 0 else { return }
        let unfinished = folders.root + "/data.unfinished"
        try? FileManager.default.removeItem(atPath: unfinished)
        let command = [
            try PostgresBinaries().initdb, "--pgdata=\(unfinished)", "--username=\(Self.superuser)",
            "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--no-instructions",
        ]
        let sync = settings["fsync"] == "off" ? ["--no-sync"] : []
        let status = try Subprocess(account.running(command + sync), output: .file(folders.log)).wait()
        guard status == 0 else { throw ClusterError("initdb failed (\(status)): \(Self.tail(of: folders.log))") }
        guard rename(unfinished, folders.data) == 0 else { throw ClusterError("\(folders.data) cannot be made") }
    }

    private func launch(_ folders: ClusterFolders, _ account: ClusterAccount) throws -> Subprocess {
        let version = try String(contentsOfFile: folders.data + "/PG_VERSION", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        var all = [
            "listen_addresses": "", "unix_socket_directories": folders.socketDirectory,
            "unix_socket_permissions": "0700", "port": "\(Self.port)", "logging_collector": "off",
        ]
        all.merge(settings) { fixed, _ in fixed }
        let options = all.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let command = [try PostgresBinaries(majorVersion: version).postgres, "-D", folders.data] + options
        return try Subprocess(account.running(command), output: .file(folders.log))
    }

    private func waitUntilReady(
        _ socketDirectory: String, folders: ClusterFolders, while isRunning: () -> Bool
    ) throws {
        let isReady = Poll.until(seconds: 60) {
            Self.answers(socketDirectory) || !isRunning()
        }
        guard isReady, Self.answers(socketDirectory) else {
            throw ClusterError("the private PostgreSQL did not start; its log ends: \(Self.tail(of: folders.log))")
        }
    }

    private static func answers(_ socketDirectory: String) -> Bool {
        let keywords = ["host", "port", "user", "dbname", "connect_timeout"]
        let values = [socketDirectory, "\(port)", superuser, "postgres", "2"]
        let parameters = zip(keywords, values).map { (keyword: $0, value: $1) }
        return CStrings.withPairs(parameters) { PQpingParams($0, $1, 0) } == PQPING_OK
    }

    private static func tail(of path: String) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "(no log)" }
        return text.split(separator: "\n").suffix(5).joined(separator: " | ")
    }
}

/// Waiting for what tells nobody when it happens: looks every few milliseconds.
enum Poll {
    static func until(seconds: Double, _ condition: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !condition() {
            if ContinuousClock.now > deadline { return false }
            usleep(5_000)
        }
        return true
    }
}
