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

extension Command {
    fileprivate func month(_ arguments: Arguments) throws -> BillingMonth {
        try noMoreThan(1, arguments)
        guard let month = arguments.words.first.flatMap(BillingMonth.init) else {
            throw UsageError("a month is needed, such as 2026-11")
        }
        return month
    }
}
