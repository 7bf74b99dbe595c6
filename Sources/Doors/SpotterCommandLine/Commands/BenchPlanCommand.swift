import Foundation
import SpotterDomain

/// `spotter bench plan`
struct BenchPlanCommand: Command {
    let path = ["bench", "plan"]
    let summary = "Measure plans, workflows, routing and the event bus, each beside its target"
    let example = "spotter bench plan --only plans,events"
    let options: [OptionSpec] = [
        .option("only", "PARTS", "Some of: plans,starts,routing,events. Default all."),
        .option("seconds", "N", "About how long it may take in all, 1 to 600; sizes go with it. Default 30."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = PlanBenchOptions(
            seconds: try arguments.integer("seconds", in: 1...600) ?? 30, parts: try arguments.parts())
        let results = try await product.benchPlan(options) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// What is measured beside plans.
public enum PlanBenchPart: String, CaseIterable, Sendable {
    /// How many steps a second go through plans.
    case plans
    /// How soon a workflow begins.
    case starts
    /// How soon the best agent is found.
    case routing
    /// How many events a second go through the bus.
    case events
}

/// How plans are measured.
public struct PlanBenchOptions: Sendable {
    /// About how long everything may take together, in seconds; sizes shrink and grow with it.
    public let seconds: Int
    /// What is measured.
    public let parts: Set<PlanBenchPart>

    /// Puts the options together.
    public init(seconds: Int, parts: Set<PlanBenchPart>) {
        self.seconds = seconds
        self.parts = parts
    }
}
