import HTTPServerKit
public import ServiceKit
public import SpotterMonitoring

/// What the routes of figures, alerts and traces work with.
public struct MonitoringServices: Sendable {
    let meters: Meters
    let alerts: AlertService
    let figures: MonitoringService
    let timelines: TimelineService
    let access: MetricsAccess
    let logs: Log

    /// Puts them together.
    ///
    /// - Parameters:
    ///   - access: who may read the metrics of the process.
    ///   - logs: whose levels are shown and set.
    public init(
        meters: Meters, alerts: AlertService, figures: MonitoringService, timelines: TimelineService,
        access: MetricsAccess, logs: Log
    ) {
        self.meters = meters
        self.alerts = alerts
        self.figures = figures
        self.timelines = timelines
        self.access = access
        self.logs = logs
    }
}

/// Who may read the metrics of the process, which are those of all organisations: whoever has the metrics token where
/// one is set, else requests of this machine that came by no proxy; and operators always.
public struct MetricsAccess: Sendable {
    private let token: [UInt8]?

    /// - Parameter token: asked of whoever reads; nil lets requests of this machine in.
    public init(token: String?) { self.token = token.map { Array($0.utf8) } }

    /// Whether a request may read without being an operator's.
    ///
    /// - Parameters:
    ///   - authorization: as it was sent; nil for none.
    ///   - address: the peer's; empty within the process.
    ///   - isForwarded: whether a proxy says that it asks for somebody else.
    func admits(authorization: String?, from address: String, isForwarded: Bool) -> Bool {
        guard let token else { return !isForwarded && Self.isLocal(address) }
        let shown = Array((authorization ?? "").utf8)
        let wanted = Array("Bearer ".utf8) + token
        guard shown.count == wanted.count else { return false }
        // In the same time wherever they differ.
        return zip(shown, wanted).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Whether a request may come from elsewhere although its peer is this machine: by a proxy, or by a page whose host
    /// name has been made to lead here.
    static func isForwarded(_ headers: HTTPHeaders) -> Bool {
        let proxies = ["forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip"]
        let names = headers.map { $0.name.lowercased() }
        if names.contains(where: { proxies.contains($0) || $0.hasPrefix("x-forwarded-") }) { return true }
        guard let host = headers.single("host") else { return !headers.values(of: "host").isEmpty }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return !(name == "localhost" || name == "[::1]" || name.hasPrefix("127."))
    }

    private static func isLocal(_ address: String) -> Bool {
        address.isEmpty || address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}
