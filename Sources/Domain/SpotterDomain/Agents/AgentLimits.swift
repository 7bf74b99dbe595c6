public import Foundation

/// Bounds of one run of an agent.
public struct AgentLimits: Sendable, Hashable {
    /// Model calls in one turn.
    public var maxSteps: Int?
    /// Wall time of one turn.
    public var timeoutSeconds: Int?
    /// How much a run may be billed, what it begins included, in dollars; nil for any amount.
    public var maxCost: Decimal?
    /// How many tokens a run may use, what it begins included; nil for any number.
    public var maxTokens: Int?

    /// Limits; what is nil is left to the defaults.
    public init(maxSteps: Int? = nil, timeoutSeconds: Int? = nil, maxCost: Decimal? = nil, maxTokens: Int? = nil) {
        self.maxSteps = maxSteps
        self.timeoutSeconds = timeoutSeconds
        self.maxCost = maxCost
        self.maxTokens = maxTokens
    }

    /// The same limits with every default spelled out: 10 steps, 300 seconds.
    public var resolved: AgentLimits {
        AgentLimits(
            maxSteps: maxSteps ?? 10, timeoutSeconds: timeoutSeconds ?? 300, maxCost: maxCost, maxTokens: maxTokens)
    }

    /// What a run may spend, as a budget of its own; nil where it may spend anything.
    ///
    /// - Parameter id: of the budget.
    public func cap(_ id: BudgetID) -> RunCap? {
        guard maxCost != nil || maxTokens != nil else { return nil }
        return RunCap(id: id, limit: maxCost.map { Money($0, Cost.zero.billed.currency) }, tokens: maxTokens)
    }

    /// Whether a run may spend only so much.
    public var areCapped: Bool { maxCost != nil || maxTokens != nil }
}

extension AgentLimits: Codable, FieldsDescribed {
    private enum CodingKeys: String, CodingKey { case maxSteps, timeoutSeconds, maxCost, maxTokens }

    /// Reads the amount from a decimal string: a JSON number would pass through a float.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            maxSteps: try container.decodeIfPresent(Int.self, forKey: .maxSteps),
            timeoutSeconds: try container.decodeIfPresent(Int.self, forKey: .timeoutSeconds),
            maxCost: try container.decodeIfPresent(PriceText.self, forKey: .maxCost)?.value,
            maxTokens: try container.decodeIfPresent(Int.self, forKey: .maxTokens))
    }

    /// Writes the amount as a decimal string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(maxSteps, forKey: .maxSteps)
        try container.encodeIfPresent(timeoutSeconds, forKey: .timeoutSeconds)
        try container.encodeIfPresent(maxCost.map(PriceText.init), forKey: .maxCost)
        try container.encodeIfPresent(maxTokens, forKey: .maxTokens)
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "max_steps": Field("Model calls in one turn.", range: 1...200),
        "timeout_seconds": Field("Wall time of one turn.", range: 1...86_400),
        "max_cost": Field("How much one turn or run may be billed, in US dollars.", example: "0.50"),
        "max_tokens": Field(
            "How many tokens one turn or run may use, input and output together.", range: 0...1_000_000_000_000),
    ]
}
