import Foundation
import SpotterDomain

/// `spotter bench http`
struct BenchCommand: Command {
    let path = ["bench", "http"]
    let summary = "Measure the server beside pgbench on the same SQL, and print both and the ratio"
    let example = "spotter bench http --seconds 5"
    let options: [OptionSpec] = [
        .option("connections", "N", "Connections that send requests, 1 to 1024. Default 64."),
        .option("seconds", "N", "How long each measurement takes, 1 to 60. Default 5."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = BenchOptions(
            connections: try arguments.integer("connections", in: 1...1_024) ?? 64,
            seconds: try arguments.integer("seconds", in: 1...60) ?? 5)
        let results = try await product.benchHTTP(options) { terminal.complain(terminal.dim($0)) }
        if arguments.has("json") {
            terminal.print(JSONValue.array(results.map(Self.json)).description)
            return
        }
        let rows = results.map { result in
            [
                result.name, text(result.rate, 0), text(result.baseline, 0), text(result.ratio, 2),
                text(result.p50, 2), text(result.p99, 2), "\(result.errors)",
            ]
        }
        terminal.table(["Request", "per second", "pgbench", "ratio", "p50 ms", "p99 ms", "errors"], rows)
    }

    private func text(_ number: Double, _ digits: Int) -> String {
        number.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
    }

    private static func json(_ result: BenchResult) -> JSONValue {
        [
            "name": .string(result.name), "rate": .double(result.rate), "pgbench": .double(result.baseline),
            "ratio": .double(result.ratio), "p50_ms": .double(result.p50), "p99_ms": .double(result.p99),
            "errors": .int(Int64(result.errors)),
        ]
    }
}
