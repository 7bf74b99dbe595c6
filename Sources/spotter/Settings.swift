import Foundation
import ServiceKit
import SpotterDomain

/// What the environment says (12-factor); everything has a default that works on a developer's machine.
struct Settings: Sendable {
    let environment: [String: String]
    let host: String
    let port: Int
    let logLevel: Log.Level
    /// The application's database; nil for a private one.
    let databaseURL: String?
    /// A connection that may create roles and migrate.
    let databaseAdminURL: String?
    let home: ProductHome

    /// - Throws: `SpotterError` that names the variable and what it must be.
    init(environment: [String: String]) throws {
        self.environment = environment.filter { !$0.value.isEmpty }
        host = self.environment["SPOTTER_HOST"] ?? "127.0.0.1"
        port = try Self.integer("SPOTTER_PORT", in: 0...65_535, self.environment) ?? 8_080
        let level = self.environment["SPOTTER_LOG_LEVEL"] ?? "info"
        guard let logLevel = Log.Level(rawValue: level) else {
            throw SpotterError(.invalid, "SPOTTER_LOG_LEVEL must be debug, info, warning or error, not \(level).")
        }
        self.logLevel = logLevel
        databaseURL = self.environment["DATABASE_URL"]
        databaseAdminURL = self.environment["DATABASE_ADMIN_URL"]
        home = try ProductHome.find(environment: self.environment)
    }

    /// How many event loops serve; one a core unless `SPOTTER_LOOPS` says otherwise.
    var loopCount: Int {
        get throws {
            try Self.integer("SPOTTER_LOOPS", in: 1...256, environment) ?? ProcessInfo.processInfo.activeProcessorCount
        }
    }

    /// The ring of signing keys that the operator keeps; nil for the one in the data folder.
    var signingKeysPath: String? { environment["SPOTTER_SIGNING_KEYS"] }

    /// Secrets that must never be seen in a log.
    var secrets: [String] {
        let names = environment.keys.filter {
            $0.hasSuffix("_KEY") || $0.hasSuffix("_SECRET") || $0.hasSuffix("_PASSWORD")
        }
        return names.compactMap { environment[$0] }
    }

    /// A whole number; nil where the variable is not set.
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        try Self.integer(name, in: range, environment)
    }

    private static func integer(
        _ name: String, in range: ClosedRange<Int>, _ environment: [String: String]
    ) throws -> Int? {
        guard let text = environment[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw SpotterError(.invalid, "\(name) must be a whole number from \(bounds), not \(text).")
        }
        return number
    }
}
