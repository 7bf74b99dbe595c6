import Foundation
import SpotterDomain
import Testing

/// The rooms of the house: an arrow points down the table or nowhere.
@Suite struct HouseTests {
    /// Which rooms a room's targets may depend on, beside their own C libraries.
    private static let allowed: [String: Set<String>] = [
        "C": [], "Kits": ["C", "Kits"], "Domain": [], "Engines": ["Domain", "Engines", "MetricsKit", "ServiceKit"],
        "Adapters": ["Domain", "Kits"], "Doors": ["Domain", "Engines", "HTTPServerKit", "ServiceKit"],
    ]

    @Test func `every target keeps to its room`() async throws {
        let targets = try Self.targets()
        #expect(targets.count > 20)
        for (name, target) in targets where target.room != nil {
            guard let room = target.room, let allowed = Self.allowed[room] else { continue }
            for dependency in target.dependencies {
                let itsRoom = targets[dependency]?.room ?? ""
                #expect(
                    allowed.contains(itsRoom) || allowed.contains(dependency),
                    "\(name) in \(room) must not depend on \(dependency) in \(itsRoom)")
            }
        }
        #expect(targets["SpotterAgents"]?.dependencies.contains("SpotterWorkflows") != true)
    }

    @Test func `no source file is longer than a sitting`() throws {
        let root = FileManager.default.currentDirectoryPath + "/Sources"
        let files = try #require(FileManager.default.enumerator(atPath: root)).compactMap { $0 as? String }
        for file in files where file.hasSuffix(".swift") {
            let lines = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 400, "\(file) has \(lines.count) lines")
        }
    }

    private struct Target { let room: String?, dependencies: [String] }

    /// Read from the manifest as it is written: a second SwiftPM would wait for the one that runs the tests.
    private static func targets() throws -> [String: Target] {
        let manifest = try String(contentsOfFile: "Package.swift", encoding: .utf8)
        var targets: [String: Target] = [:]
        for match in manifest.matches(of: /library\("(\w+)"/) {
            targets[String(match.1)] = Target(room: "C", dependencies: [])
        }
        targets["CLLHTTP"] = Target(room: "C", dependencies: [])
        for match in manifest.matches(of: /target\(\s*"(\w+)",\s*in:\s*"(\w+)"([^)]*)\)/) {
            let names = match.3.matches(of: /"(\w+)"/).map { String($0.1) }
            targets[String(match.1)] = Target(room: String(match.2), dependencies: names)
        }
        return targets
    }
}
