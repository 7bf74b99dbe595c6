import Foundation

/// The two texts in which metrics are given out.
public enum PrometheusFormat: Sendable, CaseIterable {
    /// Prometheus' text of version 0.0.4.
    case plain
    /// OpenMetrics 1.0.
    case openMetrics

    /// As the header says it.
    public var contentType: String {
        switch self {
        case .plain: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What stands behind the last metric.
    public var ending: String { self == .openMetrics ? "# EOF\n" : "" }

    /// What an `Accept` header wants most; the plain text where it says nothing of use (RFC 9110, 12.5.1).
    public static func negotiate(_ accept: String?) -> PrometheusFormat {
        var (open, plain) = (0.0, 0.0)
        for range in (accept ?? "").split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            let quality = parts.first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            let version = parts.first { $0.hasPrefix("version=") }?.dropFirst(8)
            switch parts.first {
            case "application/openmetrics-text" where version == nil || version == "1.0.0": open = max(open, quality)
            case "text/plain", "text/*", "*/*": plain = max(plain, quality)
            default: break
            }
        }
        return open > 0 && open >= plain ? .openMetrics : .plain
    }
}

/// Puts the text together.
struct PrometheusWriter {
    private let format: PrometheusFormat
    private var text = ""

    init(_ format: PrometheusFormat) { self.format = format }

    mutating func write(_ family: MetricsRegistry.Family) {
        head(family.description)
        switch family {
        case .counter(let family):
            for (values, cell) in family.all { counter(family.description, values, "\(cell.value)") }
        case .sum(let family):
            for (values, cell) in family.all { counter(family.description, values, Self.number(cell.value)) }
        case .gauge(let family):
            for (values, cell) in family.all {
                sample(family.description.name, labels(family.description, values), Self.number(cell.value))
            }
        case .histogram(let family):
            for (values, cell) in family.all { histogram(family.description, values, cell) }
        }
    }

    consuming func finish() -> String { text + format.ending }

    private mutating func head(_ description: MetricDescription) {
        let name = format == .openMetrics ? description.name : description.sampleName
        text += "# HELP \(name) \(help(description.help))\n# TYPE \(name) \(description.kind.rawValue)\n"
        if format == .openMetrics, !description.unit.isEmpty { text += "# UNIT \(name) \(description.unit)\n" }
    }

    private mutating func counter(_ description: MetricDescription, _ values: [String], _ value: String) {
        sample(description.sampleName, labels(description, values), value)
    }

    private mutating func histogram(_ description: MetricDescription, _ values: [String], _ cell: Histogram) {
        let (counts, sum) = cell.snapshot
        let own = labels(description, values)
        var total = 0
        for (place, count) in counts.enumerated() {
            total += count
            let bound = place < cell.bounds.count ? Self.number(cell.bounds[place]) : "+Inf"
            sample("\(description.name)_bucket", own + ["le=\"\(bound)\""], "\(total)")
        }
        sample("\(description.name)_sum", own, Self.number(sum))
        sample("\(description.name)_count", own, "\(total)")
    }

    private mutating func sample(_ name: String, _ labels: [String], _ value: String) {
        text += name
        if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
        text += " \(value)\n"
    }

    /// A label without a value is as good as none.
    private func labels(_ description: MetricDescription, _ values: [String]) -> [String] {
        zip(description.labels, values).filter { !$1.isEmpty }.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }
    }

    private func help(_ text: String) -> String { Self.escaped(text, quotes: format == .openMetrics) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// As Go and everybody else reads it.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value)).0" : "\(value)"
    }
}
