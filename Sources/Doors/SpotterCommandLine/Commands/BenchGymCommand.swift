import Foundation
import SpotterDomain

/// `spotter bench gym`
struct BenchGymCommand: Command {
    let path = ["bench", "gym"]
    let summary = "Measure each report over a large gym beside many others, each figure beside its target"
    let example = "spotter bench gym --members 10000 --bookings 200000 --payments 100000"
    let options: [OptionSpec] = [
        .option("members", "N", "Members of the large gym, 100 to 1000000. Default 100000."),
        .option("bookings", "N", "Its bookings, 1000 to 10000000. Default 2000000."),
        .option("payments", "N", "Its payments, 1000 to 10000000. Default 1000000."),
        .option("others", "N", "Organisations beside it, 0 to 5000. Default 1000."),
        .option("rounds", "N", "How often each report is asked for, 3 to 1000. Default 20."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let options = GymBenchOptions(
            members: try arguments.integer("members", in: 100...1_000_000) ?? 100_000,
            bookings: try arguments.integer("bookings", in: 1_000...10_000_000) ?? 2_000_000,
            payments: try arguments.integer("payments", in: 1_000...10_000_000) ?? 1_000_000,
            others: try arguments.integer("others", in: 0...5_000) ?? 1_000,
            rounds: try arguments.integer("rounds", in: 3...1_000) ?? 20)
        let results = try await product.benchGym(options) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// What of reports is measured.
public enum GymBenchPart: String, CaseIterable, Sendable {
    /// Over the period that is usual.
    case usual
    /// Over the longest period that a report covers.
    case longest
    /// What is asked for all the time.
    case search
}

/// How reports are measured.
public struct GymBenchOptions: Sendable {
    /// Of the large gym.
    public let members, bookings, payments: Int
    /// How many organisations stand beside it.
    public let others: Int
    /// How often each report is asked for.
    public let rounds: Int

    /// Puts the options together.
    public init(members: Int, bookings: Int, payments: Int, others: Int, rounds: Int) {
        self.members = members
        self.bookings = bookings
        self.payments = payments
        self.others = others
        self.rounds = rounds
    }
}
