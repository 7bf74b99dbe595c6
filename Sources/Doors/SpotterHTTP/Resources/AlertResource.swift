import Foundation
import SpotterDomain

/// An alert as the API shows it.
struct AlertResource: Codable, Sendable {
    let id: AlertID
    let version: Int
    let name: String
    let metric: String
    let `operator`: AlertOperator
    let threshold: Double
    let durationSeconds: Int
    let aggregation: AlertAggregation
    let severity: AlertSeverity
    let message: String?
    let labels: [String: String]?
    let enabled: Bool
    let emails: [String]
    let notify: Bool
    let source: Alert.Source
    let state: AlertState
    let value: Double?
    let reason: String?
    let since: Date?
    let evaluatedAt: Date?
    let createdAt: Date
    let updatedAt: Date

    init(_ alert: Alert) {
        let (settings, standing) = (alert.settings, alert.standing)
        id = alert.id
        version = alert.version
        name = settings.name
        metric = settings.metric
        self.operator = settings.operator
        threshold = settings.threshold
        durationSeconds = settings.durationSeconds
        aggregation = settings.aggregation
        severity = settings.severity
        message = settings.message
        labels = settings.labels
        enabled = alert.isEnabled
        emails = settings.emails ?? []
        notify = settings.notify ?? true
        source = alert.source
        state = standing.state
        value = standing.value
        reason = alert.reason
        since = standing.since
        evaluatedAt = standing.evaluatedAt
        createdAt = alert.createdAt
        updatedAt = alert.updatedAt
    }
}

/// One time that an alert has fired.
struct IncidentResource: Codable, Sendable {
    let id: IncidentID
    let alertId: AlertID
    let severity: AlertSeverity
    let state: AlertState
    let message: String
    let value: Double
    let startedAt: Date
    let firedAt: Date
    let resolvedAt: Date?

    init(_ incident: Incident) {
        id = incident.id
        alertId = incident.alert
        severity = incident.severity
        state = incident.resolvedAt == nil ? .firing : .resolved
        message = incident.message
        value = incident.value
        startedAt = incident.startedAt
        firedAt = incident.firedAt
        resolvedAt = incident.resolvedAt
    }
}

/// What alerts can watch.
struct AlertMetricResource: Codable, Sendable {
    let name: String
    let unit: String
    let description: String

    init(_ metric: AlertMetric) {
        name = metric.rawValue
        unit = metric.unit
        description = metric.explanation
    }
}
