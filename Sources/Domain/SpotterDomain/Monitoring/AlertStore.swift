public import Foundation

/// Which alerts a list shows. Everything that is nil lets all pass.
public struct AlertFilter: Sendable, Hashable {
    /// How they stand.
    public var state: AlertState?

    /// A filter; without arguments one that lets all pass.
    public init(state: AlertState? = nil) { self.state = state }
}

/// What a look at an alert has come to, and all that follows from it: written in one transaction.
public struct AlertPass: Sendable {
    /// As it was when it was taken.
    public let alert: Alert
    /// How it stands, and what there is to tell.
    public let verdict: AlertVerdict
    /// For the event log.
    public var events: [EventDraft] = []
    /// For the staff inside Spotter.
    public var notices: [StaffNotice] = []
    /// For those who are written to.
    public var messages: [OutboxDraft] = []

    /// A look at an alert.
    public init(_ alert: Alert, _ verdict: AlertVerdict) {
        self.alert = alert
        self.verdict = verdict
    }
}

/// Alerts that were taken to be looked at.
public struct AlertClaim: Sendable {
    /// Nobody else looks at these for now.
    public let alerts: [Alert]
    /// When they were taken, by the database's clock.
    public let now: Date
    /// How many e-mails the organisation's alerts have written in the 24 hours before.
    public let mailsOfDay: Int

    /// A claim.
    public init(alerts: [Alert], now: Date, mailsOfDay: Int) {
        self.alerts = alerts
        self.now = now
        self.mailsOfDay = mailsOfDay
    }
}

/// Where alerts are kept.
public protocol AlertStore: Sendable {
    /// Keeps a new alert. Throws `conflict` for a name that is taken, and `limitReached`.
    func create(_ alert: Alert, receipt: Receipt?, in scope: OrganizationScope) async throws
    /// Throws `notFound`.
    func alert(_ id: AlertID, in scope: OrganizationScope) async throws -> Alert
    /// Newest first.
    func list(_ filter: AlertFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Alert>
    /// Replaces the settings if the stored version is `alert.version - 1`; otherwise throws `preconditionFailed`,
    /// `notFound`, or `conflict` for a name that is taken. The alert begins anew; what it told of is over.
    func update(_ alert: Alert, in scope: OrganizationScope) async throws
    /// Deletes it, with `version` only if that is the current one; what it told of is over. Its history stays.
    func delete(_ id: AlertID, version: Int?, in scope: OrganizationScope) async throws
    /// What it has told of, newest first. Throws `notFound`.
    func incidents(of id: AlertID, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Incident>

    /// Keeps those that come with Spotter, where the organisation never had one of their name from there.
    func keepDefaults(_ alerts: [Alert], in scope: OrganizationScope) async throws
    /// Keeps those of the organisation's file: new ones, changed ones, and no others of that source. A name that an alert
    /// of another source has is left out, and answered.
    func keepFile(_ alerts: [Alert], at now: Date, in scope: OrganizationScope) async throws -> [String]

    /// The organisations of which an alert is due to be looked at, in no order.
    func organizationsWithDueAlerts() async throws -> [OrganizationID]
    /// Takes those that are due, at most `limit`: nobody else gets them before `interval` is over.
    func claimDue(limit: Int, interval: Duration, in scope: OrganizationScope) async throws -> AlertClaim
    /// Writes what a look has come to, if nobody has taken or changed the alert since.
    /// - Returns: whether it was written; if not, nothing was.
    func advance(_ pass: AlertPass, in scope: OrganizationScope) async throws -> Bool
}
