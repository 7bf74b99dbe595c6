public import Foundation

/// A number that an organisation records itself.
public enum CustomMetric {
    /// What the numbers of a metric mean.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Each value is added.
        case counter
        /// Each value takes the place of the one before.
        case gauge
        /// Each value is one of many.
        case histogram
    }

    /// Names and values of labels, beside the metric's own name, that an organisation may have in all.
    public static let mostSeries = 200
    /// The most single values that are read for a percentile.
    public static let mostValues = 50_000
    /// Labels of one series.
    public static let mostLabels = 8
    /// For how long measurements are kept.
    public static let kept: TimeInterval = 8 * 86_400
    /// What has no room any more is recorded under this label alone.
    public static let other = ["other": "true"]

    /// What is wrong with a metric's name; nil where nothing is.
    public static func problem(withName name: String) -> String? {
        isName(name, longest: 80) ? nil : "must be 1 to 80 of a-z 0-9 _, beginning with a letter"
    }

    /// What is wrong with a series' labels.
    public static func issues(withLabels labels: [String: String], at pointer: String = "/labels") -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if labels.count > mostLabels {
            issues.append(FieldIssue(pointer: pointer, message: "must have at most \(mostLabels) members"))
        }
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            let place = "\(pointer)/\(JSONSchema.escape(name))"
            if !isName(name, longest: 40) {
                issues.append(
                    FieldIssue(
                        pointer: place, message: "must be named by 1 to 40 of a-z 0-9 _, beginning with a letter"))
            }
            if value.unicodeScalars.count > 100 || value.utf8.contains(where: { $0 < 0x20 }) {
                issues.append(
                    FieldIssue(pointer: place, message: "must have at most 100 characters, and none that is invisible"))
            }
        }
        return issues
    }

    private static func isName(_ name: String, longest: Int) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...longest).contains(bytes.count), let first = bytes.first, (0x61...0x7A).contains(first) else {
            return false
        }
        return bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    /// Labels as one text, the same for the same labels.
    public static func key(of labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.utf8.count):\($0.value)" }.joined(separator: ",")
    }
}

/// One recorded value.
public struct CustomSample: Sendable, Hashable {
    /// 1 to 80 of `a-z 0-9 _`.
    public let name: String
    /// What the metric's numbers mean.
    public let kind: CustomMetric.Kind
    /// Which series of the metric.
    public let labels: [String: String]
    /// The number.
    public let value: Double

    /// A value.
    public init(name: String, kind: CustomMetric.Kind, labels: [String: String] = [:], value: Double) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.value = value
    }

    /// What is wrong with it.
    public var issues: [FieldIssue] {
        var issues = CustomMetric.issues(withLabels: labels)
        if let problem = CustomMetric.problem(withName: name) {
            issues.append(FieldIssue(pointer: "/name", message: problem))
        }
        if !value.isFinite || abs(value) > 1e15 {
            issues.append(FieldIssue(pointer: "/value", message: "must be a number from -1e15 to 1e15"))
        } else if kind == .counter, value < 0 {
            issues.append(FieldIssue(pointer: "/value", message: "must not be negative: a counter only grows"))
        }
        return issues
    }
}

/// A series of recorded values, over a stretch of time.
public struct CustomSeries: Sendable, Hashable {
    /// The metric's name.
    public let name: String
    /// What its numbers mean.
    public let kind: CustomMetric.Kind
    /// Which series of the metric.
    public let labels: [String: String]
    /// The values of the stretch.
    public let figures: SampleFigures
    /// Of the whole stretch the last value; of a counter all that was ever added.
    public let value: Double
    /// When the last value came.
    public let updatedAt: Date

    /// A series.
    public init(
        name: String, kind: CustomMetric.Kind, labels: [String: String], figures: SampleFigures, value: Double,
        updatedAt: Date
    ) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.figures = figures
        self.value = value
        self.updatedAt = updatedAt
    }
}
