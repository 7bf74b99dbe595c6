import SpotterDomain

/// `spotter bench limits`
struct BenchLimitsCommand: Command {
    let path = ["bench", "limits"]
    let summary = "Measure what a quiet organisation feels of one that floods the server"
    let example = "spotter bench limits --seconds 5"
    let options: [OptionSpec] = [
        .option("connections", "N", "Connections that flood, 1 to 1024. Default 64."),
        .option("seconds", "N", "How long each measurement takes, 1 to 60. Default 5."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = BenchOptions(
            connections: try arguments.integer("connections", in: 1...1_024) ?? 64,
            seconds: try arguments.integer("seconds", in: 1...60) ?? 5)
        let results = try await product.benchLimits(options) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// What is measured of limits.
public enum LimitsBenchPart: String, CaseIterable, Sendable {
    /// One organisation beside another.
    case flood
}
