import Foundation
import SpotterDomain

/// What the environment says of metrics and traces.
struct MonitoringSettings: Sendable {
    /// What whoever reads the metrics has to show; nil lets requests of this machine in.
    var metricsToken: String?
    /// Where traces are sent; nil means nowhere.
    var tracesEndpoint: String?
    /// Headers that go along.
    var tracesHeaders: [(String, String)] = []
    /// What is said of this process.
    var resource: [String: String] = ["service.name": "spotter"]
    /// The folder of which the disk is looked at.
    var dataDirectory = "."

    /// Nothing is sent, and requests of this machine may read.
    init() {}

    /// - Throws: `SpotterError` that names the variable and what it must be.
    init(_ environment: [String: String], data: String) throws {
        dataDirectory = data
        metricsToken = environment["SPOTTER_METRICS_TOKEN"]
        if let metricsToken, metricsToken.utf8.count < 16 {
            throw SpotterError(.invalid, "SPOTTER_METRICS_TOKEN must have at least 16 characters.")
        }
        tracesEndpoint = try Self.endpoint(environment)
        let headers = environment["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] ?? environment["OTEL_EXPORTER_OTLP_HEADERS"]
        tracesHeaders = try Self.pairs(headers ?? "", "OTEL_EXPORTER_OTLP_HEADERS")
        for (name, value) in try Self.pairs(environment["OTEL_RESOURCE_ATTRIBUTES"] ?? "", "OTEL_RESOURCE_ATTRIBUTES") {
            resource[name] = value
        }
        if let name = environment["OTEL_SERVICE_NAME"] { resource["service.name"] = name }
        resource["service.version"] = Application.version
    }

    /// The variable for traces alone is taken as it is; the general one gets the path (OTLP exporter specification).
    private static func endpoint(_ environment: [String: String]) throws -> String? {
        let (own, general) = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
        guard let address = environment[own] ?? environment[general] else { return nil }
        let name = environment[own] == nil ? general : own
        let parts = URLComponents(string: address)
        guard ["http", "https"].contains(parts?.scheme?.lowercased() ?? ""), !(parts?.host ?? "").isEmpty else {
            throw SpotterError(.invalid, "\(name) must be an http or https address, such as http://127.0.0.1:4318.")
        }
        if environment[own] != nil { return address }
        return address + (address.hasSuffix("/") ? "" : "/") + "v1/traces"
    }

    /// `name=value` with commas between, values percent-encoded.
    private static func pairs(_ text: String, _ variable: String) throws -> [(String, String)] {
        try text.split(separator: ",").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard parts.count == 2, !parts[0].isEmpty, let value = parts[1].removingPercentEncoding else {
                throw SpotterError(.invalid, "\(variable) must be name=value, several with commas between.")
            }
            return (parts[0], value)
        }
    }
}
