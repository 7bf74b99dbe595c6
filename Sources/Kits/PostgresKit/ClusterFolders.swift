import Foundation

/// The folders of a private cluster: the one that was asked for where that works, else others, with a note saying so.
struct ClusterFolders {
    /// Holds `data` (PostgreSQL's own), `postgres.log` and usually the socket.
    let root: String
    let socketDirectory: String
    let notes: [String]

    var data: String { root + "/data" }
    var log: String { root + "/postgres.log" }
    var processIDFile: String { data + "/postmaster.pid" }
    /// Locked by the process that the server runs for.
    var ownership: String { root + "/owner.lock" }

    /// What `sockaddr_un` holds is 107 bytes; a margin for lock files beside the socket.
    private static let longestSocketPath = 100

    init(requested: String, account: ClusterAccount) throws {
        var notes: [String] = []
        let places = Self.places(requested)
        let (requested, short) = (places[0], Self.shortName(places[0]))
        let (root, problem) = try Self.usable(places, account: account)
        if root != requested {
            notes.append("the database is kept in \(root): \(problem ?? "\(requested) cannot be used")")
        }
        self.root = root
        if "\(root)/socket/.s.PGSQL.\(PrivateCluster.port)".utf8.count <= Self.longestSocketPath {
            socketDirectory = root + "/socket"
            try account.makePrivate(socketDirectory)
        } else {
            let (socket, _) = try Self.usable(["/run/\(short)", "/tmp/\(short)-socket"], account: account)
            socketDirectory = socket
            notes.append("the socket is in \(socket): its path in \(root) would be too long for the system")
        }
        self.notes = notes
    }

    /// Whether a cluster was made where one would be looked for, as far as this account may know.
    static func holdCluster(requested: String) -> Bool {
        places(requested).contains { access($0 + "/data/PG_VERSION", F_OK) == 0 || errno == EACCES }
    }

    /// Where a cluster may be: as requested, or else where that works.
    private static func places(_ requested: String) -> [String] {
        let path = URL(filePath: requested).standardizedFileURL.path(percentEncoded: false)
        let requested = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        return [requested, "/var/lib/\(shortName(requested))", "\(temporary)/\(shortName(requested))"]
    }

    private static func shortName(_ path: String) -> String { "spotter-" + hash(path) }

    private static var temporary: String {
        let path = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The first of `paths` that the account can use, and what was wrong with the first of all.
    private static func usable(_ paths: [String], account: ClusterAccount) throws -> (path: String, problem: String?) {
        var problems: [String] = []
        for path in paths {
            do {
                try account.makePrivate(path)
                if account.canUse(path) { return (path, problems.first) }
                problems.append("the user that PostgreSQL runs as cannot reach \(path)")
            } catch let error as ClusterError {
                problems.append(error.description)
            } catch {
                problems.append("\(path) cannot be made")
            }
        }
        throw ClusterError("no folder for the database works: " + problems.joined(separator: "; "))
    }

    /// FNV-1a, 64 bits: a short name for a path, the same in every run.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(value, radix: 36)
    }
}
