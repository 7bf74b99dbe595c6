import Foundation

@testable import SpotterTenants

/// A folder of its own for one test, gone with it.
final class TemporaryFolder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("spotter-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(text, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: file(name), withDestinationPath: target)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// What `work` throws, an issue a line, the folder's path left out.
    func issues<T>(_ work: () throws(ConfigurationError) -> T) -> [String] {
        do throws(ConfigurationError) {
            _ = try work()
            return []
        } catch {
            return error.issues.map { $0.description.replacing("\(path)/", with: "") }
        }
    }
}

extension TemporaryFolder {
    /// The issues of the folder read as tenants.
    func tenantIssues(providers: Set<String> = ["openai", "anthropic"], packs: Set<String>? = ["gym"]) -> [String] {
        let directory = TenantDirectory(
            path: path,
            vocabulary: .system(
                providers: providers, packs: packs, tools: ["http_request", "search_clients", "store_data"]))
        return issues { () throws(ConfigurationError) in try directory.read() }
    }

    /// The issues of the folder read as agent templates.
    func templateIssues(knownTools: Set<String>? = nil) -> [String] {
        let directory = TemplateDirectory(path: path, knownTools: knownTools)
        return issues { () throws(ConfigurationError) in try directory.read() }
    }
}
