import Foundation
import ServiceKit
import SpotterDomain

/// The folder of a run: what the product reads, and what its processes say.
final class ChaosHome: Sendable {
    private static let slugs = ["iron-chaos", "harbour-chaos", "summit-chaos"]

    let folder: String
    private let binary: String
    private let environment: [String: String]
    private let administrator: String
    private let watchdog: Watchdog

    init(folder: String, binary: String, database: ChaosDatabase, recorder: Int) throws {
        self.folder = folder
        self.binary = binary
        administrator = database.administrator
        let files = FileManager.default
        try files.createDirectory(atPath: folder + "/home/tenants", withIntermediateDirectories: true)
        try files.createDirectory(atPath: folder + "/log", withIntermediateDirectories: true)
        for name in ["migrations", "templates"] {
            try files.createSymbolicLink(
                atPath: "\(folder)/home/\(name)", withDestinationPath: "\(files.currentDirectoryPath)/\(name)")
        }
        for slug in Self.slugs {
            try Self.tenant(slug).write(
                toFile: "\(folder)/home/tenants/\(slug).yaml", atomically: true, encoding: .utf8)
        }
        // Only what is named here: the keys of whoever runs this stay out of it.
        let kept = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]
        environment = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }.merging([
            "DATABASE_URL": database.application, "SPOTTER_DATA": folder, "SPOTTER_HOME": folder + "/home",
            "SPOTTER_LEASE_SECONDS": "\(ChaosSystem.lease)", "SPOTTER_DRAIN_SECONDS": "3", "QUEUE_CONCURRENCY": "20",
            "SPOTTER_LOOPS": "1", "SPOTTER_REHEARSAL": "1", "SPOTTER_HTTP_ALLOW_PRIVATE": "127.0.0.1:\(recorder)",
            "ANTHROPIC_API_KEY": "sk-chaos-anthropic", "OPENAI_API_KEY": "sk-chaos-openai",
        ]) { $1 }
        watchdog = try Watchdog(list: folder + "/processes", binary: binary)
    }

    private static func tenant(_ slug: String) -> String {
        """
        slug: \(slug)
        name: \(slug)
        timezone: UTC
        currency: EUR
        providers:
          anthropic: {api_key: env:ANTHROPIC_API_KEY}
          openai: {api_key: env:OPENAI_API_KEY}
        limits: {requests_per_minute: 1000000, runs_per_minute: 0}
        http: {allow_hosts: [127.0.0.1], allow_http: true}

        """
    }

    /// Schema, organisations and tokens, as an operator makes them.
    func prepare() async throws -> [ChaosSystem.Organization] {
        _ = try await command(["migrate", "--json"], ["DATABASE_ADMIN_URL": administrator])
        _ = try await command(["tenants", "apply"])
        var organizations: [ChaosSystem.Organization] = []
        for slug in Self.slugs {
            let output = try await command(["token", "issue", "--organization", slug, "--json"])
            guard let token = try JSONParser.parse(Self.lastLine(of: output))["token"]?.string else {
                throw SpotterError(.unavailable, "No token was issued: \(output)")
            }
            organizations.append(.init(slug: slug, token: token))
        }
        return organizations
    }

    /// Starts a process of the system.
    func launch(
        _ name: String, _ arguments: [String], _ added: [String: String], crash: String?
    ) throws -> SpotterProcess {
        let process = try SpotterProcess(
            binary,
            .init(
                name: name, arguments: arguments, environment: environment.merging(added) { $1 },
                log: "\(folder)/log/\(name).log", crash: crash))
        try watchdog.add(process.identifier)
        return process
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func command(_ arguments: [String], _ added: [String: String] = [:]) async throws -> String {
        try await ChaosDatabase.blocking { [binary, environment] in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: binary)
            process.arguments = arguments
            process.environment = environment.merging(added) { $1 }
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: try output.fileHandleForReading.readUntilEnd(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw SpotterError(.unavailable, "spotter \(arguments.joined(separator: " ")): \(text)")
            }
            return text
        }
    }

    /// Warnings come before it.
    private static func lastLine(of output: String) -> String {
        output.split(separator: "\n").last.map(String.init) ?? ""
    }
}
