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
            seconds: try arguments.integer("seconds", in: 1...600) ?? 60, parts: try arguments.parts())
        let results = try await product.benchQueue(options) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// What of the queue is measured.
public enum QueueBenchPart: String, CaseIterable, Sendable {
    /// How many go through a second.
    case drain
    /// How soon one begins.
    case starts
    /// Whether one organisation holds up another.
    case fairness
    /// Whether age slows it down.
    case history
    /// What waiting costs.
    case memory
}

/// How the queue is measured.
public struct QueueBenchOptions: Sendable {
    /// About how long everything may take together, in seconds; sizes shrink and grow with it.
    public let seconds: Int
    /// What is measured.
    public let parts: Set<QueueBenchPart>

    /// Puts the options together.
    public init(seconds: Int, parts: Set<QueueBenchPart>) {
        self.seconds = seconds
        self.parts = parts
    }
}
