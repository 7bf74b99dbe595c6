import Foundation
import SpotterDomain

/// `spotter bench queue`
struct BenchQueueCommand: Command {
    let path = ["bench", "queue"]
    let summary = "Measure the queue: rate, start, fairness, age, memory, each beside its target"
    let example = "spotter bench queue --only drain,starts"
    let options: [OptionSpec] = [
        .option("only", "PARTS", "Some of: drain,starts,fairness,history,memory. Default all."),
        .option("seconds", "N", "About how long it may take in all, 1 to 600; sizes go with it. Default 60."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = QueueBenchOptions(
            seconds: try arguments.integer("seconds", in: 1...600) ?? 60, parts: try Self.parts(arguments["only"]))
        let results = try await product.benchQueue(options) { terminal.complain(terminal.dim($0)) }
        if arguments.has("json") {
            terminal.print(JSONValue.array(results.map(Self.json)).description)
            return
        }
        let rows = results.map(Self.row)
        terminal.table(["Measured", "value", "beside", "ratio", "target", "verdict"], rows)
    }

    private static func row(_ result: QueueBenchResult) -> [String] {
        let value = text(result.value) + " " + result.unit
        let beside = result.baseline.map { text($0) + " (" + (result.baselineName ?? "") + ")" }
        let ratio = result.ratio.map { text($0, digits: 2) }
        let verdict = result.isMet.map { $0 ? "met" : "MISSED" }
        return [result.name, value, beside ?? "", ratio ?? "", result.target?.text ?? "", verdict ?? ""]
    }

    /// - Throws: `UsageError` that names the nearest part there is.
    static func parts(_ text: String?) throws -> Set<QueueBenchPart> {
        guard let text else { return Set(QueueBenchPart.allCases) }
        let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard !names.isEmpty else { throw UsageError("--only needs at least one part") }
        return try Set(
            names.map { name in
                guard let part = QueueBenchPart(rawValue: name) else {
                    let known = QueueBenchPart.allCases.map(\.rawValue)
                    throw UsageError("--only: there is no part \(name)\(DidYouMean.hint(for: name, among: known))")
                }
                return part
            })
    }

    /// Large numbers need no fractions.
    private static func text(_ number: Double, digits: Int? = nil) -> String {
        number.formatted(
            .number.precision(.fractionLength(digits ?? (number >= 1_000 ? 0 : 2))).grouping(.never))
    }

    private static func json(_ result: QueueBenchResult) -> JSONValue {
        let baseline: JSONValue = result.baseline.map { .double($0) } ?? .null
        let baselineName: JSONValue = result.baselineName.map { .string($0) } ?? .null
        let ratio: JSONValue = result.ratio.map { .double($0) } ?? .null
        let target: JSONValue = result.target.map { .string($0.text) } ?? .null
        let isMet: JSONValue = result.isMet.map { .bool($0) } ?? .null
        return [
            "part": .string(result.part.rawValue), "name": .string(result.name), "value": .double(result.value),
            "unit": .string(result.unit), "beside": baseline, "beside_name": baselineName, "ratio": ratio,
            "target": target, "met": isMet,
        ]
    }
}
