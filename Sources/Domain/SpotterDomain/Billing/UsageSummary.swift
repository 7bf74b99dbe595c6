/// What the lines of a ledger are put together by.
public enum UsageGrouping: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case agent, conversation, task, execution, model, provider
    /// Of a CRM's workflow the key is `crm:` and the CRM's name of it.
    case workflow
    /// Days and months of UTC, such as `2026-11-21` and `2026-11`.
    case day, month
}

/// What lines of a ledger add up to.
public struct UsageSum: Sendable, Hashable {
    /// What they have in common: an id, a name, a day or a month; nil for lines that have none.
    public let key: String?
    /// How many they are.
    public let lines: Int
    /// What they used.
    public let usage: TokenUsage
    /// What they cost.
    public let cost: Cost

    /// A sum.
    public init(key: String?, lines: Int, usage: TokenUsage, cost: Cost) {
        self.key = key
        self.lines = lines
        self.usage = usage
        self.cost = cost
    }
}

/// A summary of the ledger.
public struct UsageSummary: Sendable, Hashable {
    /// Of all lines that were asked for.
    public let total: UsageSum
    /// By what they were to be put together by: days and months in their order, everything else by cost, the dearest
    /// first. At most `limit`; empty when nothing was asked for.
    public let groups: [UsageSum]

    /// The most groups that a summary has.
    public static let limit = 1_000

    /// A summary.
    public init(total: UsageSum, groups: [UsageSum]) {
        self.total = total
        self.groups = groups
    }
}
