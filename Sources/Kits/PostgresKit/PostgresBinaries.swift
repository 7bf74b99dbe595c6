import Foundation
import ServiceKit

/// The programs of an installed PostgreSQL.
struct PostgresBinaries {
    let directory: String

    var postgres: String { directory + "/postgres" }
    var initdb: String { directory + "/initdb" }

    /// The newest installation, or the one of `majorVersion` when a cluster needs just that.
    ///
    /// Looks under `/usr/lib/postgresql/*/bin` (Debian), then in `PATH`, then where `pg_config` says.
    init(majorVersion: String? = nil) throws {
        let isSuitable = { (directory: String) in
            guard ["postgres", "initdb"].allSatisfy({ access("\(directory)/\($0)", X_OK) == 0 }) else { return false }
            guard let majorVersion else { return true }
            // Only Debian's layout tells the version by its name; elsewhere the server itself will say.
            guard directory.hasPrefix(Self.debian) else { return true }
            return directory == "\(Self.debian)/\(majorVersion)/bin"
        }
        guard let found = Self.candidates.first(where: isSuitable) ?? Self.configured.filter(isSuitable).first else {
            let name = majorVersion.map { "PostgreSQL \($0)" } ?? "PostgreSQL"
            let package = majorVersion.map { "postgresql-\($0)" } ?? "postgresql"
            throw ClusterError("no \(name) server is installed; on Debian: apt-get install \(package)")
        }
        directory = found
    }

    private static let debian = "/usr/lib/postgresql"

    private static var candidates: [String] {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let newestFirst = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(debian)/\($0)/bin" }
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return newestFirst + path
    }

    /// What `pg_config --bindir` says. Through a file: a pipe could be inherited, and so kept open, by whatever another
    /// thread starts meanwhile.
    private static var configured: [String] {
        let output = NSTemporaryDirectory() + "/pg_config-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        guard let child = try? Subprocess(["/usr/bin/env", "pg_config", "--bindir"], output: .file(output)),
            child.wait() == 0, let text = try? String(contentsOfFile: output, encoding: .utf8)
        else { return [] }
        return [text.trimmingCharacters(in: .whitespacesAndNewlines)]
    }
}

/// Why a private cluster cannot run; a sentence for the person who started it.
public struct ClusterError: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what to do about it.
    public let description: String
    init(_ description: String) { self.description = description }
}
