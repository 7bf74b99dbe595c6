public import Foundation

/// Marks the ids of incidents.
public enum IncidentKind: IdentifierKind {
    /// Ids begin with `incident_`.
    public static let prefix = "incident"
}

/// The id of an incident, such as `incident_01h…`.
public typealias IncidentID = Identifier<IncidentKind>

/// One time that an alert has fired, and when it was over.
public struct Incident: Sendable, Hashable {
    /// Never changes.
    public let id: IncidentID
    /// The alert that fired.
    public let alert: AlertID
    /// As it was when it fired.
    public let severity: AlertSeverity
    /// What those who were told have read.
    public let message: String
    /// What was measured when it fired.
    public let value: Double
    /// Since when the value was beyond the threshold.
    public let startedAt: Date
    /// When it was told.
    public let firedAt: Date
    /// When all was well again; nil while it is not.
    public var resolvedAt: Date?

    /// An incident; by default one that is not over.
    public init(
        id: IncidentID, alert: AlertID, severity: AlertSeverity, message: String, value: Double, startedAt: Date,
        firedAt: Date, resolvedAt: Date? = nil
    ) {
        self.id = id
        self.alert = alert
        self.severity = severity
        self.message = message
        self.value = value
        self.startedAt = startedAt
        self.firedAt = firedAt
        self.resolvedAt = resolvedAt
    }
}

/// What comes of a look at an alert: pure, so that whoever looks comes to the same.
public struct AlertVerdict: Sendable, Hashable {
    /// What there is to tell.
    public enum News: Sendable, Hashable {
        case nothing
        case firing(Incident)
        /// The incident that is over.
        case resolved(IncidentID)
    }

    /// How the alert stands now.
    public var standing: Alert.Standing
    /// What there is to tell, once.
    public var news: News
}

extension Alert {
    /// How it stands after a look.
    ///
    /// A value that is beyond the threshold for as long as the alert says makes it fire; one that is not, or none at
    /// all, ends that.
    ///
    /// - Parameters:
    ///   - value: what was measured; nil where there was nothing to measure.
    ///   - incident: the id of a new incident, if there is one.
    public func judged(by value: Double?, at now: Date, incident: IncidentID) -> AlertVerdict {
        var next = standing
        next.value = value
        next.evaluatedAt = now
        guard let value, settings.operator.holds(value, settings.threshold) else {
            return ended(next, at: now)
        }
        switch standing.state {
        case .firing: return AlertVerdict(standing: next, news: .nothing)
        case .inactive, .resolved:
            next.state = .pending
            next.since = now
        case .pending: break
        }
        let start = next.since ?? now
        guard now.timeIntervalSince(start) >= Double(settings.holdSeconds) else {
            return AlertVerdict(standing: next, news: .nothing)
        }
        next.state = .firing
        next.since = now
        next.incident = incident
        return AlertVerdict(
            standing: next,
            news: .firing(
                Incident(
                    id: incident, alert: id, severity: settings.severity, message: settings.sentence, value: value,
                    startedAt: start, firedAt: now)))
    }

    private func ended(_ standing: Standing, at now: Date) -> AlertVerdict {
        var next = standing
        switch standing.state {
        case .inactive, .resolved: return AlertVerdict(standing: next, news: .nothing)
        case .pending:
            next.state = .inactive
            next.since = now
            return AlertVerdict(standing: next, news: .nothing)
        case .firing:
            next.state = .resolved
            next.since = now
            next.incident = nil
            return AlertVerdict(standing: next, news: standing.incident.map { .resolved($0) } ?? .nothing)
        }
    }
}
