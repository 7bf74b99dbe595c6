public import Foundation

/// Marks the ids of alerts.
public enum AlertKind: IdentifierKind {
    /// Ids begin with `alert_`.
    public static let prefix = "alert"
}

/// The id of an alert, such as `alert_01h…`.
public typealias AlertID = Identifier<AlertKind>

/// How a measured value is held against a threshold.
public enum AlertOperator: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case gt, gte, lt, lte, eq

    /// Whether the value is one to be alarmed about.
    public func holds(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .gt: value > threshold
        case .gte: value >= threshold
        case .lt: value < threshold
        case .lte: value <= threshold
        case .eq: value == threshold
        }
    }

    /// As a sentence has it.
    public var words: String {
        switch self {
        case .gt: "more than"
        case .gte: "at least"
        case .lt: "less than"
        case .lte: "at most"
        case .eq: "exactly"
        }
    }
}

/// What is made of the measurements of a while.
public enum AlertAggregation: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case avg, sum, min, max, count, p95
}

/// How much an alert matters.
public enum AlertSeverity: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case info, warning, critical
}

/// How an alert stands.
public enum AlertState: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// All was well when it was looked at last, or nobody has looked yet.
    case inactive
    /// The value is beyond the threshold, but not for long enough.
    case pending
    case firing
    /// It has fired, and all is well again.
    case resolved
}

/// What people say of an alert.
public struct AlertSettings: Sendable, Codable, Hashable {
    /// For people; unique in the organisation.
    public var name: String
    /// What is measured: a name of `AlertMetric`, or `custom:` and the name of a custom metric.
    public var metric: String
    /// How the value is held against the threshold.
    public var `operator`: AlertOperator
    /// What the value is held against.
    public var threshold: Double
    /// For how long the value must be beyond it; also the stretch of time that the value is of, at least a minute.
    public var durationSeconds: Int
    /// What is made of the measurements of that stretch.
    public var aggregation: AlertAggregation
    /// How much it matters.
    public var severity: AlertSeverity
    /// What those who are told read; nil: a sentence is made.
    public var message: String?
    /// Which of the custom metric's series are watched: those with these very values. No tags of the alert; nil means all.
    public var labels: [String: String]?
    /// Whether it is looked at; nil means yes.
    public var enabled: Bool?
    /// Who is written to; nil means nobody.
    public var emails: [String]?
    /// Whether the staff is told inside Spotter; nil means yes.
    public var notify: Bool?

    /// Settings; whatever may be left out is nil.
    public init(
        name: String, metric: String, operator: AlertOperator, threshold: Double, durationSeconds: Int,
        aggregation: AlertAggregation, severity: AlertSeverity, message: String? = nil,
        labels: [String: String]? = nil, enabled: Bool? = nil, emails: [String]? = nil, notify: Bool? = nil
    ) {
        self.name = name
        self.metric = metric
        self.operator = `operator`
        self.threshold = threshold
        self.durationSeconds = durationSeconds
        self.aggregation = aggregation
        self.severity = severity
        self.message = message
        self.labels = labels
        self.enabled = enabled
        self.emails = emails
        self.notify = notify
    }

    /// The stretch of time that a value is of, in seconds: one in which something can have happened.
    public var window: Int { Swift.max(60, durationSeconds) }

    /// For how long the value must be beyond the threshold before anybody is told: a sum or a count is of the whole
    /// stretch already, and told at once.
    public var holdSeconds: Int { aggregation == .sum || aggregation == .count ? 0 : durationSeconds }

    /// What those who are told read.
    public var sentence: String {
        message ?? "\(metric) is \(`operator`.words) \(AlertText.number(threshold)) \(AlertText.span(durationSeconds))."
    }
}

extension AlertSettings: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("For people; unique in the organisation.", length: 1...200, example: "Too many errors"),
        "metric": Field(
            "What is measured: one of `GET /v1/alert-metrics`, or `custom:` and the name of a metric of your own.",
            length: 1...100, example: "error_rate"),
        "operator": Field("How the value is held against the threshold."),
        "threshold": Field("What the value is held against.", range: -1e12...1e12, example: 10),
        "duration_seconds": Field(
            "For how long the value must be beyond it; the value is of that stretch, at least of a minute.",
            range: 0...86_400, example: 300),
        "aggregation": Field("What is made of the measurements of that stretch."),
        "severity": Field("How much it matters."),
        "message": Field("What those who are told read; a sentence is made by default.", length: 1...1_000),
        "labels": Field(
            "Which series of a metric of your own are watched: those that were recorded with these labels and values. They "
                + "are no tags of the alert: where no series has them there is no value, and the alert never fires. All "
                + "series by default."),
        "enabled": Field("Whether it is looked at; true by default."),
        "emails": Field("Who is written to; nobody by default.", count: 0...10),
        "notify": Field("Whether the staff is told inside Spotter; true by default."),
    ]
}

/// A rule that tells people when a measured value is not what it should be.
public struct Alert: Sendable, Hashable {
    /// Who has set it.
    public enum Source: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Somebody, by a request.
        case api
        /// The organisation's file in `tenants/`.
        case file
        /// It comes with Spotter.
        case `default`
    }

    /// How it stands.
    public struct Standing: Sendable, Hashable {
        /// See `AlertState`.
        public var state: AlertState
        /// What was measured last; nil where nothing was.
        public var value: Double?
        /// Since when it stands so; nil before the first change.
        public var since: Date?
        /// When it was looked at last; nil before.
        public var evaluatedAt: Date?
        /// What it tells of now; nil unless it fires.
        public var incident: IncidentID?

        /// A standing; by default that of a rule which nobody has looked at.
        public init(
            state: AlertState = .inactive, value: Double? = nil, since: Date? = nil, evaluatedAt: Date? = nil,
            incident: IncidentID? = nil
        ) {
            self.state = state
            self.value = value
            self.since = since
            self.evaluatedAt = evaluatedAt
            self.incident = incident
        }
    }

    /// Never changes.
    public let id: AlertID
    /// 1 at first, one more with each change of its settings.
    public var version: Int
    /// What people say of it.
    public var settings: AlertSettings
    /// Who has set it.
    public let source: Source
    /// How it stands.
    public var standing: Standing
    /// How often it was taken to be looked at: of several who look at once, one counts.
    public var looks: Int64
    /// When it was made.
    public let createdAt: Date
    /// When its settings were last changed.
    public var updatedAt: Date

    /// An alert; by default one that nobody has looked at.
    public init(
        id: AlertID, version: Int, settings: AlertSettings, source: Source, standing: Standing = Standing(),
        looks: Int64 = 0, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.version = version
        self.settings = settings
        self.source = source
        self.standing = standing
        self.looks = looks
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Why there is no value; nil where there is one, and before anybody has looked.
    public var reason: String? {
        guard isEnabled, standing.evaluatedAt != nil, standing.value == nil else { return nil }
        let stretch = AlertText.stretch(settings.window)
        guard settings.metric.hasPrefix(AlertMetric.customPrefix) else {
            return "There was nothing to measure in the last \(stretch)."
        }
        let name = settings.metric.dropFirst(AlertMetric.customPrefix.count)
        guard let labels = settings.labels, !labels.isEmpty else {
            return "No value of \(name) was recorded in the last \(stretch)."
        }
        let wanted = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
        return "No series of \(name) with these labels (\(wanted)) has a value of the last \(stretch). "
            + "Labels choose series; they are no tags of the alert."
    }

    /// Whether it is looked at.
    public var isEnabled: Bool { settings.enabled ?? true }
}

/// How much of alerts there may be.
public enum AlertLimits {
    /// The most alerts of an organisation, deleted ones not counted.
    public static let mostAlerts = 200
    /// The most e-mails that an organisation's alerts write in 24 hours. What they tell beyond that stands in the staff's
    /// notices and in the event log.
    public static let mailsPerDay = 100
    /// The most addresses, of all its alerts together, that an organisation may have written to; those of its file in
    /// `tenants/`, which an operator applies, are not counted.
    public static let mostAddresses = 20
    /// Who writes an alert's messages, in the outbox.
    public static let sender = "alerts"

    /// Another one has the name.
    public static var nameIsTaken: SpotterError {
        SpotterError(
            .conflict, "Another alert of this organisation has this name.",
            issues: [FieldIssue(pointer: "/name", message: "is the name of another alert")])
    }

    /// Its alerts write to as many people as they may.
    public static var tooManyAddresses: SpotterError {
        SpotterError.invalid(
            "/emails",
            "would be more than \(mostAddresses) addresses that this organisation's alerts write to. Take one away from "
                + "another alert, or name an address that several people read")
    }

    /// There is no room for another.
    public static var tooMany: SpotterError {
        SpotterError(
            .limitReached, "This organisation has \(mostAlerts) alerts and may have no more. Delete one first.")
    }
}
