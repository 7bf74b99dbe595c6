import SpotterDomain

/// `spotter demo`: a gym with an invented past.
struct DemoCommand: Command {
    let path = ["demo"]
    let summary = "Fill an empty gym with an invented past: members, payments, classes, leads"
    let operands = ""
    let example = "spotter demo --organization iron-temple --members 1200 --months 24 --seed 7"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "The gym; it must have no members of its own."),
        .option("members", "N", "How many there ever were. Default 1200."),
        .option("months", "N", "How far back it goes. Default 24."),
        .option("seed", "N", "The same seed makes the same gym on the same day. Default 7."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let order = DemoOrder(
            organization: try arguments.required("organization"),
            members: try Self.number("members", 1...200_000, 1_200, arguments),
            months: try Self.number("months", 1...120, 24, arguments),
            seed: try Self.number("seed", 0...1_000_000_000, 7, arguments))
        let rows = try await product.demo(order) { done, all in
            guard terminal.isInteractive else { return }
            let width = 30 * done / max(all, 1)
            let bar = String(repeating: "#", count: width) + String(repeating: ".", count: 30 - width)
            terminal.write("\r[\(bar)] \(100 * done / max(all, 1))%")
        }
        if terminal.isInteractive { terminal.print() }
        terminal.print(
            rows == 0
                ? "Nothing was missing: \(order.organization) has this past already."
                : "\(order.organization): \(rows) records of \(order.months) months and \(order.members) members.")
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ standard: Int, _ arguments: Arguments
    ) throws -> Int {
        guard let text = arguments[name] else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw UsageError("--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
