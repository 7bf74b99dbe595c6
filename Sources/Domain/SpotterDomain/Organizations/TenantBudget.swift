/// A cap that an organisation's file sets on what the calls of all its agents may cost.
public struct TenantBudget: Sendable, Codable, Hashable, FieldsDescribed {
    /// For how long what was spent counts.
    public var period: Budget.Period
    /// How much may be billed, in dollars, as a decimal string; nil for any amount.
    public var limit: String?
    /// How many tokens may be used; nil for any number.
    public var tokens: Int?

    /// A cap; at least one of `limit` and `tokens` is given.
    public init(period: Budget.Period, limit: String? = nil, tokens: Int? = nil) {
        self.period = period
        self.limit = limit
        self.tokens = tokens
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "period": Field("For how long what was spent counts; days and months are those of UTC."),
        "limit": Field("How much may be billed, in US dollars.", length: 1...13, example: "50.00"),
        "tokens": Field("How many tokens may be used, input and output together.", range: 0...1_000_000_000_000_000),
    ]

    /// The order that it stands for; nil for a limit that is no amount of money.
    public var order: BudgetOrder? {
        guard let limit else {
            return tokens.map { BudgetOrder(.organization, period: period, tokens: $0, source: .file) }
        }
        guard let amount = PriceText.value(of: limit) else { return nil }
        let money = Money(amount, Cost.zero.billed.currency)
        return BudgetOrder(.organization, period: period, limit: money, tokens: tokens, source: .file)
    }
}

extension [TenantBudget] {
    /// What the schema cannot say: amounts, and one budget for a period.
    func issues(at pointer: String) -> [FieldIssue] {
        enumerated().flatMap { index, budget -> [FieldIssue] in
            let place = "\(pointer)/\(index)"
            var issues: [FieldIssue] = []
            if budget.limit == nil, budget.tokens == nil {
                issues.append(FieldIssue(pointer: place, message: "must have a limit, tokens, or both"))
            } else if budget.order == nil {
                issues.append(FieldIssue(pointer: "\(place)/limit", message: PriceText.expectation))
            }
            if self[..<index].contains(where: { $0.period == budget.period }) {
                issues.append(FieldIssue(pointer: "\(place)/period", message: "is that of a budget before"))
            }
            return issues
        }
    }
}
