import Foundation
import HTTPServerKit
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
    /// Off behind a pooler that keeps nothing in a session, such as PgBouncer in transaction mode.
    let preparesStatements: Bool
    let home: ProductHome
    /// The files of TLS; nil serves plain HTTP.
    let tls: HTTPServerConfiguration.TLSFiles?

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
        let prepared = self.environment["SPOTTER_PREPARED_STATEMENTS"] ?? "on"
        guard ["on", "off"].contains(prepared) else {
            throw SpotterError(.invalid, "SPOTTER_PREPARED_STATEMENTS must be on or off, not \(prepared).")
        }
        preparesStatements = prepared == "on"
        tls = try Self.tls(self.environment)
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

    /// Where people reach this server, as `https://spotter.example.com`; nil where nobody said.
    var publicURL: String? {
        get throws {
            let name = "SPOTTER_PUBLIC_URL"
            guard let text = environment[name] else { return nil }
            let parts = URLComponents(string: text)
            guard let parts, ["http", "https"].contains(parts.scheme?.lowercased() ?? ""), !(parts.host ?? "").isEmpty,
                parts.user == nil, parts.query == nil, parts.fragment == nil
            else {
                throw SpotterError(
                    .invalid, "\(name) must be an http or https address, such as https://spotter.example.com.")
            }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
    }

    /// Secrets that must never be seen in a log.
    var secrets: [String] {
        let names = environment.keys.filter {
            $0.hasSuffix("_KEY") || $0.hasSuffix("_SECRET") || $0.hasSuffix("_PASSWORD")
                || $0 == "SPOTTER_METRICS_TOKEN" || $0 == "OTEL_EXPORTER_OTLP_HEADERS"
        }
        return names.compactMap { environment[$0] }
    }

    /// A whole number; nil where the variable is not set.
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        try Self.integer(name, in: range, environment)
    }

    /// `true` or `false`; nil where the variable is not set.
    func flag(_ name: String) throws -> Bool? {
        guard let text = environment[name] else { return nil }
        guard let value = Bool(text.lowercased()) else {
            throw SpotterError(.invalid, "\(name) must be true or false, not \(text).")
        }
        return value
    }

    /// One file without the other is a mistake, and must not end in plain HTTP.
    private static func tls(_ environment: [String: String]) throws -> HTTPServerConfiguration.TLSFiles? {
        let (chain, key) = ("SPOTTER_TLS_CERTIFICATE", "SPOTTER_TLS_KEY")
        switch (environment[chain], environment[key]) {
        case (nil, nil): return nil
        case (let certificate?, let privateKey?):
            return .init(certificateChain: certificate, privateKey: privateKey)
        case (nil, _): throw SpotterError(.invalid, "\(key) is set, but \(chain) is not. HTTPS needs both.")
        case (_, nil): throw SpotterError(.invalid, "\(chain) is set, but \(key) is not. HTTPS needs both.")
        }
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
