import SpotterDomain

/// `spotter metrics list`
struct MetricsListCommand: Command {
    let path = ["metrics", "list"]
    let summary = "List the metrics that GET /metrics gives out, and what alerts can watch"
    let example = "spotter metrics list --json"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let entries = product.metrics
        if arguments.has("json") {
            let rows: [JSONValue] = entries.map { entry in
                [
                    "name": .string(entry.name), "kind": .string(entry.kind), "unit": .string(entry.unit),
                    "labels": .array(entry.labels.map { .string($0) }), "help": .string(entry.help),
                ]
            }
            terminal.print(JSONValue.array(rows).description)
        } else {
            terminal.table(
                ["metric", "kind", "labels", "what it is"],
                entries.map { [$0.name, $0.kind, $0.labels.joined(separator: ", "), $0.help] })
        }
    }
}

/// `spotter bench metrics`
struct BenchMetricsCommand: Command {
    let path = ["bench", "metrics"]
    let summary = "Measure what recording a metric costs, beside a bare atomic increment, and the check of the health"
    let example = "spotter bench metrics --records 5000000"
    let options: [OptionSpec] = [
        .option("records", "N", "How often each is recorded, 1000 to 1000000000. Default 5000000."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let records = try arguments.integer("records", in: 1_000...1_000_000_000) ?? 5_000_000
        let figures = try await product.benchMetrics(records: records) { terminal.complain(terminal.dim($0)) }
        terminal.show(figures, asJSON: arguments.has("json"))
    }
}

/// One metric, as the catalogue has it.
public struct MetricEntry: Sendable {
    /// As a collector sees it.
    public let name: String
    /// `counter`, `gauge` or `histogram`.
    public let kind: String
    /// Such as `seconds`; empty for plain numbers.
    public let unit: String
    /// Names of the labels.
    public let labels: [String]
    /// A sentence.
    public let help: String

    /// An entry.
    public init(name: String, kind: String, unit: String, labels: [String], help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.help = help
    }
}
