import Foundation
import PostgresKit
import ServiceKit
import SpotterDomain

/// PostgreSQL's own load generator, as the yardstick: the same SQL, pipelined and prepared, without an HTTP server.
struct PgBench: Sendable {
    let host: String
    let port: Int
    let user: String
    let database: String

    /// Transactions a second.
    ///
    /// - Throws: `SpotterError` when pgbench is not installed or fails, with what it said.
    func run(_ script: String, seconds: Int) async throws -> Double {
        try await run(script, clients: 16, seconds: seconds).rate
    }

    /// Transactions a second on `clients` connections.
    func rate(of script: String, clients: Int, seconds: Int) async throws -> Double {
        try await run(script, clients: clients, seconds: seconds).rate
    }

    /// How long it was at work, on `clients` connections, without the time to connect.
    func time(_ script: String, clients: Int, seconds: Int) async throws -> Duration {
        let run = try await run(script, clients: clients, seconds: seconds)
        return .seconds(run.transactions / run.rate)
    }

    private func run(
        _ script: String, clients: Int, seconds: Int
    ) async throws -> (rate: Double, transactions: Double) {
        let binary = try Self.binary()
        let file = NSTemporaryDirectory() + "/spotter-bench-\(UUID().uuidString).sql"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let arguments =
            ["-n", "-M", "prepared", "-j", "2", "-c", "\(clients)", "-T", "\(seconds)"]
            + ["-f", file, "-h", host, "-p", "\(port)", "-U", user, database]
        let output = try await withCheckedThrowingContinuation { (done: CheckedContinuation<String, any Error>) in
            Thread.detachNewThread { done.resume(with: Result { try Self.output(of: binary, arguments) }) }
        }
        guard let rate = Self.number(behind: "tps = ", in: output), rate > 0,
            let transactions = Self.number(behind: "number of transactions actually processed: ", in: output)
        else { throw SpotterError(.unavailable, "pgbench gave no figure: \(output.suffix(500))") }
        return (rate, transactions)
    }

    private static func number(behind label: String, in output: String) -> Double? {
        let line = output.split(separator: "\n").last { $0.hasPrefix(label) }
        return line.flatMap { Double($0.dropFirst(label.count).prefix { $0 != " " }) }
    }

    private static func output(of binary: String, _ arguments: [String]) throws -> String {
        let file = NSTemporaryDirectory() + "/spotter-bench-\(UUID().uuidString).log"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let status = try Subprocess([binary] + arguments, output: .file(file)).wait()
        let output = try String(contentsOfFile: file, encoding: .utf8)
        guard status == 0 else { throw SpotterError(.unavailable, "pgbench failed: \(output.suffix(500))") }
        return output
    }

    private static func binary() throws -> String {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let places = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin/pgbench" }
        guard let found = (places + ["/usr/bin/pgbench"]).first(where: FileManager.default.isExecutableFile) else {
            throw SpotterError(.unavailable, "pgbench is not installed; it comes with PostgreSQL.")
        }
        return found
    }
}
