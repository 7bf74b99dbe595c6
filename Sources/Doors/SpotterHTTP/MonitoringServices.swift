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

    private static func isLocal(_ address: String) -> Bool {
        address.isEmpty || address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}
