public import Foundation

/// What somebody puts right: a line of the ledger, by another line. Nothing is ever changed or taken away.
public struct Correction: Sendable, Hashable {
    /// What is added to what the line was billed with; negative to give back.
    public enum Change: Sendable, Hashable {
        /// Gives all of it back that has not been given back yet, usage and money.
        case reversal
        /// Adds money.
        case money(base: Money, markup: Money)
    }

    /// The line of a call.
    public var line: LedgerLineID
    /// What is added.
    public var change: Change
    /// Why, for whoever reads the bill; 1 to 500 characters.
    public var note: String

    /// A correction.
    public init(_ line: LedgerLineID, _ change: Change, note: String) {
        self.line = line
        self.change = change
        self.note = note
    }
}

extension Correction {
    /// What is wrong with it, by the fields of the API; empty when all is well.
    public var issues: [FieldIssue] {
        var issues: [FieldIssue] = []
        if note.allSatisfy(\.isWhitespace) || note.count > 500 {
            issues.append(FieldIssue(pointer: "/note", message: "must say why, in 1 to 500 characters"))
        }
        guard case .money(let base, let markup) = change else { return issues }
        let currency = Cost.zero.billed.currency
        for (name, money) in [("base", base), ("markup", markup)] {
            if money.currency != currency {
                let message = "must be \(currency), as all costs are"
                issues.append(FieldIssue(pointer: "/\(name)/currency", message: message))
            }
            if abs(money.amount) > 1_000_000_000 || money.amount.exponent < -12 {
                let message = "must be at most 1000000000 with at most 12 decimals"
                issues.append(FieldIssue(pointer: "/\(name)/amount", message: message))
            }
        }
        if base.amount == 0, markup.amount == 0 {
            issues.append(FieldIssue(pointer: "/base/amount", message: "must not be 0, unless the markup is not"))
        }
        return issues
    }

    /// The line that it becomes.
    ///
    /// - Parameter entry: the line that it corrects, with all that has corrected it before.
    /// - Throws: `SpotterError` where there is nothing left to give back, or less than that.
    public func line(of entry: [LedgerLine], id: LedgerLineID, at now: Date) throws -> LedgerLine {
        guard let line = entry.first(where: { $0.id == self.line }) else { throw SpotterError.notFound("line") }
        if let corrected = line.corrects {
            throw SpotterError.invalid("/line_id", "is a correction itself: name the line \(corrected)")
        }
        let cost = entry.reduce(Cost.zero) { $0 + $1.cost }
        let usage = entry.reduce(TokenUsage()) { $0 + $1.usage }
        let added: (cost: Cost, usage: TokenUsage)
        switch change {
        case .reversal:
            guard cost != .zero || usage.isAny else {
                throw SpotterError(.conflict, "Nothing of the line \(line.id) is left to give back.")
            }
            added = (cost.negated, usage.negated)
        case .money(let base, let markup):
            added = (Cost(base: base, markup: markup, billed: base + markup), TokenUsage())
            guard (cost + added.cost).billed.amount >= 0 else {
                let message =
                    "would give back more than the \(cost.billed.amount) \(cost.billed.currency) that are left"
                throw SpotterError.invalid("/base/amount", message)
            }
        }
        return LedgerLine(correcting: line, by: added.cost, usage: added.usage, note: note, id: id, at: now)
    }
}

extension Cost {
    fileprivate var negated: Cost {
        func negated(_ money: Money) -> Money { Money(-money.amount, money.currency) }
        return Cost(base: negated(base), markup: negated(markup), billed: negated(billed))
    }
}

extension TokenUsage {
    fileprivate var isAny: Bool {
        self != TokenUsage()
    }

    fileprivate var negated: TokenUsage {
        TokenUsage(
            inputTokens: -inputTokens, outputTokens: -outputTokens, cacheReadTokens: -cacheReadTokens,
            cacheWriteTokens: -cacheWriteTokens, reasoningTokens: -reasoningTokens, modelCalls: -modelCalls)
    }
}
