import Foundation
public import SpotterDomain

/// Works a month out again, line by line: from what the provider sent of each call's usage, where it sent something, and
/// the versions of price and markup that the line names.
public struct StatementCheck: Sendable {
    private let ledger: any LedgerStore
    private let reader: any UsageReader

    /// A check of `ledger` that reads what providers sent with `reader`.
    public init(ledger: any LedgerStore, reader: any UsageReader) {
        self.ledger = ledger
        self.reader = reader
    }

    /// Says whether every amount of the month is right to the last digit, and whether the lines add up to what the month
    /// was closed with.
    public func verify(_ month: BillingMonth, in scope: OrganizationScope) async throws -> StatementReport {
        let prices = Dictionary(try await ledger.prices().map { ($0.version, $0) }) { first, _ in first }
        let markups = Dictionary(try await ledger.markups().map { ($0.version, $0) }) { first, _ in first }
        var report = StatementReport(month: month)
        try await StatementReader(ledger: ledger).lines(of: month, in: scope) { lines in
            for line in lines {
                report.lines += 1
                report.cost = report.cost + line.cost
                if let problem = problem(with: line, prices, markups) { report.note("\(line.id): \(problem)") }
            }
        }
        let closed = try await ledger.closedMonths(in: scope).first { $0.month == month }
        report.closedAt = closed?.closedAt
        if let total = closed?.total, total.lines != report.lines || total.cost != report.cost {
            report.note(
                "The month was closed with \(total.lines) lines and \(total.cost.billed.amount) billed; there are "
                    + "\(report.lines) lines and \(report.cost.billed.amount).")
        }
        return report
    }

    private func problem(
        with line: LedgerLine, _ prices: [String: ModelPrice], _ markups: [String: Markup]
    ) -> String? {
        guard line.cost.base + line.cost.markup == line.cost.billed else {
            return "base and markup do not add up to what is billed"
        }
        guard line.call != nil else { return nil }
        if let problem = usageProblem(with: line) { return problem }
        guard let priceVersion = line.priceVersion, let markupVersion = line.markupVersion else {
            return line.cost == .zero ? nil : "has a cost but no price"
        }
        guard let price = prices[priceVersion] else { return "the price is not known: \(priceVersion)" }
        guard let markup = markups[markupVersion] else { return "the markup is not known: \(markupVersion)" }
        let expected = Quote(price: price, markup: markup).cost(of: line.usage)
        guard expected != line.cost else { return nil }
        return "billed \(line.cost.billed.amount), but \(expected.billed.amount) by its usage and versions"
    }

    /// A line without a word of the provider's, or whose usage is a guess beyond it, says so.
    private func usageProblem(with line: LedgerLine) -> String? {
        guard let raw = line.rawUsage else {
            let isEmpty = line.usage.inputTokens == 0 && line.usage.outputTokens == 0
            return line.isEstimate || isEmpty ? nil : "has usage that no provider sent and nobody estimated"
        }
        guard !line.isEstimate, var expected = reader.usage(in: raw, of: line.provider) else { return nil }
        expected.modelCalls = line.usage.modelCalls
        guard expected != line.usage else { return nil }
        return "counts \(line.usage.inputTokens) tokens in and \(line.usage.outputTokens) out, but the provider sent "
            + "\(expected.inputTokens) and \(expected.outputTokens)"
    }
}
