import Foundation
import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose month.")

/// `spotter billing verify`
struct BillingVerifyCommand: Command {
    let path = ["billing", "verify"]
    let summary = "Work a month out again from its lines, to the last digit"
    let example = "spotter billing verify 2026-11 --organization iron-temple"
    let options: [OptionSpec] = [organizationOption]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let month = try month(arguments)
        let report = try await product.verify(month, organization: arguments.required("organization"))
        let state = report.closedAt == nil ? "open" : "closed"
        let cost = report.cost
        terminal.print(
            "\(month) (\(state)): \(report.lines) lines, base \(cost.base.amount), markup \(cost.markup.amount), "
                + "billed \(cost.billed.amount) \(cost.billed.currency)")
        for problem in report.problems { terminal.print(problem) }
        guard report.problemsCount == 0 else {
            throw SpotterError(.conflict, "\(report.problemsCount) things are wrong with the month \(month).")
        }
        terminal.print("Every line is right.")
    }
}

/// `spotter billing close`
struct BillingCloseCommand: Command {
    let path = ["billing", "close"]
    let summary = "Close a month that is over, with all before it; it stays closed"
    let example = "spotter billing close 2026-10 --organization iron-temple"
    let options: [OptionSpec] = [organizationOption]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let month = try month(arguments)
        let closed = try await product.close(month, organization: arguments.required("organization"))
        terminal.print(
            "\(month) was closed on \(Timestamp.string(from: closed.closedAt)): \(closed.total.lines) lines, "
                + "\(closed.total.cost.billed.amount) \(closed.total.cost.billed.currency) billed")
    }
}

/// `spotter billing correct`
struct BillingCorrectCommand: Command {
    let path = ["billing", "correct"]
    let summary = "Put a line of the ledger right by another, which counts for the open month"
    let example =
        "spotter billing correct line_01jd4xk8p9e6zt7c2m5v3w1q8r --organization iron-temple --base -0.25 --markup -0.05 "
        + "--note 'Charged twice'"
    let options: [OptionSpec] = [
        organizationOption,
        .flag("reverse", "Give all back that is left of the line, usage and money."),
        .option("base", "USD", "What is added to the provider's price; negative to give back."),
        .option("markup", "USD", "What is added to the markup; negative to give back. Default 0."),
        .option("note", "TEXT", "Why, for whoever reads the bill."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let id = arguments.words.first.flatMap(LedgerLineID.init) else {
            throw UsageError("a line is needed, such as line_01jd4xk8p9e6zt7c2m5v3w1q8r")
        }
        let correction = Correction(id, try change(arguments), note: try arguments.required("note"))
        if let issue = correction.issues.first {
            throw UsageError("\(issue.pointer.dropFirst().replacing("/", with: ".")) \(issue.message)")
        }
        let line = try await product.correct(correction, organization: arguments.required("organization"))
        terminal.print(
            "\(line.id) corrects \(id): base \(line.cost.base.amount), markup \(line.cost.markup.amount), "
                + "billed \(line.cost.billed.amount) \(line.cost.billed.currency), counts for \(BillingMonth(of: line.at))"
        )
    }

    private func change(_ arguments: Arguments) throws -> Correction.Change {
        let (base, markup) = (try money("base", arguments), try money("markup", arguments))
        if arguments.has("reverse") {
            guard base == nil, markup == nil else { throw UsageError("--reverse goes without --base and --markup") }
            return .reversal
        }
        guard let base else { throw UsageError("--base or --reverse is needed") }
        return .money(base: base, markup: markup ?? Cost.zero.markup)
    }

    private func money(_ name: String, _ arguments: Arguments) throws -> Money? {
        guard let text = arguments[name] else { return nil }
        guard let money = Money(text, Cost.zero.billed.currency) else {
            throw UsageError("--\(name) must be a decimal number such as -0.25")
        }
        return money
    }
}

extension Command {
    fileprivate func month(_ arguments: Arguments) throws -> BillingMonth {
        try noMoreThan(1, arguments)
        guard let month = arguments.words.first.flatMap(BillingMonth.init) else {
            throw UsageError("a month is needed, such as 2026-11")
        }
        return month
    }
}
