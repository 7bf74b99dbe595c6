import Foundation
import SpotterDomain

/// `spotter bench schedule`
struct BenchScheduleCommand: Command {
    let path = ["bench", "schedule"]
    let summary = "Let many schedules fire at once, and print how late they were and whether each fired once"
    let example = "spotter bench schedule --schedules 100000 --window 60"
    let options: [OptionSpec] = [
        .option("schedules", "N", "Schedules that are due, 1 to 1000000. Default 100000."),
        .option("window", "SECONDS", "Over how long they are due, 1 to 600. Default 60."),
        .option("schedulers", "N", "Schedulers that look, as so many processes would, 1 to 8. Default 2."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = ScheduleBenchOptions(
            schedules: try arguments.integer("schedules", in: 1...1_000_000) ?? 100_000,
            window: try arguments.integer("window", in: 1...600) ?? 60,
            schedulers: try arguments.integer("schedulers", in: 1...8) ?? 2)
        let result = try await product.benchSchedule(options) { terminal.complain(terminal.dim($0)) }
        if arguments.has("json") {
            terminal.print(Self.json(result).description)
        } else {
            let late = [result.late.p50, result.late.p95, result.late.p99, result.late.most].map { text($0, 0) }
            terminal.table(
                ["schedules", "fired", "per second", "late p50 ms", "p95", "p99", "most", "once each"],
                [
                    ["\(options.schedules)", "\(result.fired)", text(result.rate, 0)] + late
                        + ["\(result.once)"]
                ])
        }
        guard result.fired == options.schedules, result.once == options.schedules, result.runs == options.schedules
        else {
            throw SpotterError(
                .internal,
                "Of \(options.schedules) schedules \(result.once) fired just once; \(result.runs) runs were made.")
        }
    }

    private func text(_ number: Double, _ digits: Int) -> String {
        number.formatted(.number.precision(.fractionLength(digits)).grouping(.never))
    }

    private static func json(_ result: ScheduleBenchResult) -> JSONValue {
        [
            "fired": .int(Int64(result.fired)), "once": .int(Int64(result.once)), "runs": .int(Int64(result.runs)),
            "rate": .double(result.rate), "late_p50_ms": .double(result.late.p50),
            "late_p95_ms": .double(result.late.p95), "late_p99_ms": .double(result.late.p99),
            "late_most_ms": .double(result.late.most),
        ]
    }
}

/// How schedules are measured.
public struct ScheduleBenchOptions: Sendable {
    /// Schedules that are due, each once.
    public let schedules: Int
    /// Over how many seconds.
    public let window: Int
    /// Schedulers that look.
    public let schedulers: Int

    /// Puts the options together.
    public init(schedules: Int, window: Int, schedulers: Int) {
        self.schedules = schedules
        self.window = window
        self.schedulers = schedulers
    }
}

/// What came of it.
public struct ScheduleBenchResult: Sendable {
    /// Fires that a scheduler was told of.
    public let fired: Int
    /// Schedules that fired just once, with just one run, as the database has it.
    public let once: Int
    /// Runs that the database has.
    public let runs: Int
    /// Fires a second, from the first that was due to the last that was committed.
    public let rate: Double
    /// How long after its time a fire was committed.
    public let late: Lateness

    /// Percentiles, in milliseconds.
    public struct Lateness: Sendable {
        /// The 50th, 95th and 99th percentile, and the most.
        public let p50, p95, p99, most: Double

        /// - Parameter seconds: in any order.
        public init(_ seconds: [Double]) {
            let sorted = seconds.sorted()
            func percentile(_ share: Double) -> Double {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] * 1_000
            }
            (p50, p95, p99, most) = (percentile(0.5), percentile(0.95), percentile(0.99), percentile(1))
        }
    }

    /// Puts the result together.
    public init(fired: Int, once: Int, runs: Int, rate: Double, late: Lateness) {
        self.fired = fired
        self.once = once
        self.runs = runs
        self.rate = rate
        self.late = late
    }
}
