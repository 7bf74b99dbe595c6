/// What one call of a model used, and what that costs: all that a ledger line needs to know of the call itself.
public struct CallCharge: Sendable, Hashable {
    /// How the call ended.
    public enum Outcome: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case completed, failed
        /// Broken off by Spotter: somebody cancelled, or the process had to stop.
        case aborted
        /// The process was gone before it could say.
        case unknown
    }

    /// The provider's name, such as `anthropic`.
    public var provider: String
    /// The model as the provider knows it.
    public var model: String
    /// How the call ended.
    public var outcome: Outcome
    /// What it used, in Spotter's own terms.
    public var usage: TokenUsage
    /// What it used, as the provider sent it, to the letter; nil where it sent nothing.
    public var rawUsage: JSONValue?
    /// Whether `usage` is Spotter's guess, because the provider did not say.
    public var isEstimate: Bool
    /// The versions of price and markup that `cost` comes from; nil for a model without a price.
    public var quote: Quote?

    /// A charge.
    public init(
        provider: String, model: String, outcome: Outcome, usage: TokenUsage, rawUsage: JSONValue? = nil,
        isEstimate: Bool = false, quote: Quote?
    ) {
        self.provider = provider
        self.model = model
        self.outcome = outcome
        self.usage = usage
        self.rawUsage = rawUsage
        self.isEstimate = isEstimate
        self.quote = quote
    }

    /// What it costs; nil for a model without a price.
    public var cost: Cost? { quote?.cost(of: usage) }
}
