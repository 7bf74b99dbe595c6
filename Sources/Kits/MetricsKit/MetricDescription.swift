/// What a metric measures, before anybody has recorded anything: one entry of a catalogue.
public struct MetricDescription: Sendable, Hashable {
    /// What the numbers mean.
    public enum Kind: String, Sendable, Hashable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
        /// How many values were how large.
        case histogram
    }

    /// As Prometheus has it, without `_total`; the unit at its end.
    public let name: String
    /// What the numbers mean.
    public let kind: Kind
    /// A sentence for people.
    public let help: String
    /// The base unit in which it is measured, such as `seconds`; empty for plain numbers.
    public let unit: String
    /// Names of the labels.
    public let labels: [String]
    /// Upper bounds of a histogram's buckets, ascending, without infinity.
    public let buckets: [Double]
    /// How many different combinations of labels are told apart; the rest count under `other`.
    public let mostSeries: Int

    /// An entry.
    ///
    /// - Precondition: a unit is the end of the name, after an underscore (OpenMetrics 1.0); a counter's name does not end
    ///   with `_total`; buckets ascend.
    public init(
        _ name: String, _ kind: Kind, _ help: String, unit: String = "", labels: [String] = [],
        buckets: [Double] = MetricDescription.durations, mostSeries: Int = 1_000
    ) {
        precondition(unit.isEmpty || name.hasSuffix("_\(unit)"), "the unit of \(name) is not the end of its name")
        precondition(!name.hasSuffix("_total"), "\(name) gets its ending when it is written")
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "buckets of \(name) must ascend")
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        self.labels = labels
        self.buckets = kind == .histogram ? buckets : []
        self.mostSeries = mostSeries
    }

    /// From a tenth of a millisecond to two minutes, for durations in seconds.
    public static let durations: [Double] = [
        0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]

    /// The name in the text of version 0.0.4.
    var sampleName: String { kind == .counter ? name + "_total" : name }
}
