import Foundation
import SpotterDomain

/// `spotter bench route`
struct BenchRouteCommand: Command {
    let path = ["bench", "route"]
    let summary = "Measure how long it takes to choose the best agent of many, beside its target"
    let example = "spotter bench route --agents 10000"
    let options: [OptionSpec] = [
        .option("agents", "N", "Registered agents, 10 to 100000. Default 10000."),
        .option("rounds", "N", "How often one is chosen, 10 to 100000. Default 2000."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let results = try await product.benchRoute(
            agents: try arguments.integer("agents", in: 10...100_000) ?? 10_000,
            rounds: try arguments.integer("rounds", in: 10...100_000) ?? 2_000)
        terminal.show(results, asJSON: arguments.has("json"))
    }
}
