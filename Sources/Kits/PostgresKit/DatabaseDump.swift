import Foundation
import ServiceKit

/// A whole database as a file, by `pg_dump` and `pg_restore` in their custom format.
public enum DatabaseDump {
    /// Writes the database into a file that nobody else may read.
    ///
    /// - Throws: `ClusterError` with what `pg_dump` said.
    public static func write(_ configuration: PostgresConfiguration, to file: String) async throws {
        try await run(
            "pg_dump", ["--format=custom", "--no-password", "--file=\(file)", "--dbname=\(conninfo(configuration))"],
            configuration)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    }

    /// Brings a file back, all or nothing.
    ///
    /// - Throws: `ClusterError` with what `pg_restore` said.
    public static func restore(_ file: String, into configuration: PostgresConfiguration) async throws {
        try await run(
            "pg_restore",
            [
                "--exit-on-error", "--single-transaction", "--no-password", "--dbname=\(conninfo(configuration))", file,
            ], configuration)
    }

    /// The SHA-256 of a file, 64 hexadecimal digits, by `sha256sum`.
    public static func checksum(of file: String) async throws -> String {
        let output = try await run(program: "/usr/bin/env", ["sha256sum", "--", file], environment: [:])
        guard let digits = output.split(separator: " ").first, digits.count == 64 else {
            throw ClusterError("sha256sum did not give a checksum of \(file)")
        }
        return String(digits)
    }

    private static func conninfo(_ configuration: PostgresConfiguration) -> String {
        configuration.connectionParameters(sessionSettings: false).filter { $0.keyword != "password" }.map { pair in
            let value = pair.value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(pair.keyword)='\(value)'"
        }.joined(separator: " ")
    }

    private static func run(
        _ name: String, _ arguments: [String], _ configuration: PostgresConfiguration
    ) async throws {
        let binaries = try PostgresBinaries()
        let password = configuration.connectionParameters(sessionSettings: false).first { $0.keyword == "password" }
        // Not among the arguments, which everybody on the machine can read.
        let environment = password.map { ["PGPASSWORD": $0.value] } ?? [:]
        _ = try await run(program: "\(binaries.directory)/\(name)", arguments, environment: environment)
    }

    private static func run(
        program: String, _ arguments: [String], environment: [String: String]
    ) async throws -> String {
        try await BlockingConnection.detached {
            let output = NSTemporaryDirectory() + "/spotter-dump-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: output) }
            let child = try Subprocess(
                [program] + arguments, environment: Subprocess.inherited.merging(environment) { $1 },
                output: .file(output))
            let status = child.wait()
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            guard status == 0 else {
                throw ClusterError(
                    "\(program) ended with \(status): \(said.trimmingCharacters(in: .whitespacesAndNewlines))")
            }
            return said
        }
    }
}
