import MetricsKit
import SpotterDomain

/// What an organisation has recorded itself, as collectors read it: under `custom_` and its name, so that nothing of
/// the program's own can be taken for it. There are at most `CustomMetric.mostSeries` series and one for the rest.
///
/// A counter is all that was ever added, a gauge its last value. Of a histogram only the day is kept, so it becomes four
/// gauges: how many values there were, their average, the least and the greatest.
struct RecordedMetrics {
    let registry = MetricsRegistry()
    private var taken: Set<String> = []

    init(_ series: [CustomSeries]) {
        let names = series.map(\.name).reduce(into: [String]()) { names, name in
            if names.last != name { names.append(name) }
        }
        let byName = Dictionary(grouping: series, by: \.name)
        for name in names {
            guard let series = byName[name], let kind = series.first?.kind else { continue }
            let labels = Set(series.flatMap(\.labels.keys)).sorted()
            switch kind {
            case .counter: counter(name, labels, series)
            case .gauge: gauge(name, "Recorded by the organisation: the last value.", labels, series) { $0.value }
            case .histogram: day(name, labels, series)
            }
        }
    }

    private mutating func counter(_ name: String, _ labels: [String], _ series: [CustomSeries]) {
        let family = registry.sum(
            MetricDescription(
                free(name), .counter, "Recorded by the organisation: all that was added.", labels: labels))
        for one in series { family.series(labels.map { one.labels[$0] ?? "" }).add(one.value) }
    }

    private mutating func gauge(
        _ name: String, _ help: String, _ labels: [String], _ series: [CustomSeries],
        _ value: (CustomSeries) -> Double
    ) {
        let family = registry.gauge(MetricDescription(free(name), .gauge, help, labels: labels))
        for one in series { family.series(labels.map { one.labels[$0] ?? "" }).set(value(one)) }
    }

    private mutating func day(_ name: String, _ labels: [String], _ series: [CustomSeries]) {
        let help = "Recorded by the organisation: of the last day,"
        gauge("\(name)_day_values", "\(help) how many values.", labels, series) { Double($0.figures.count) }
        gauge("\(name)_day_average", "\(help) their average.", labels, series) { $0.figures.average ?? 0 }
        gauge("\(name)_day_minimum", "\(help) the least.", labels, series) { $0.figures.minimum ?? 0 }
        gauge("\(name)_day_maximum", "\(help) the greatest.", labels, series) { $0.figures.maximum ?? 0 }
    }

    /// A name that no other metric has. `_total` is written by the format, and by it alone.
    private mutating func free(_ name: String) -> String {
        var base = "custom_" + name
        while base.hasSuffix("_total") { base.removeLast(6) }
        var candidate = base
        var number = 2
        while !taken.insert(candidate).inserted {
            candidate = "\(base)_\(number)"
            number += 1
        }
        return candidate
    }
}
