/// How what came before is made shorter when it no longer fits into a model's window.
public enum SummaryMethod: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// A model writes the summary; where it cannot, the telling sentences are picked.
    case model
    /// The telling sentences are picked, without a model: free, at once, and always the same.
    case extractive
}

/// What a model is shown of a conversation, as people set it for an agent.
public struct ContextSettings: Sendable, Codable, Hashable {
    /// The most tokens of prompt, tools, conversation and answer together; nil means what the model can read.
    public var maxTokens: Int?
    /// How older turns are summarised; nil means by a model.
    public var summary: SummaryMethod?
    /// The model that writes summaries; nil means the agent's own.
    public var summaryModel: String?

    /// Settings; what is nil is left to the defaults.
    public init(maxTokens: Int? = nil, summary: SummaryMethod? = nil, summaryModel: String? = nil) {
        self.maxTokens = maxTokens
        self.summary = summary
        self.summaryModel = summaryModel
    }
}

extension ContextSettings: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "max_tokens": Field(
            "The most tokens of prompt, tools, conversation and answer together; what the model can read unless given.",
            range: 1_000...10_000_000),
        "summary": Field("How older turns are summarised when they no longer fit: `model` unless given."),
        "summary_model": Field("The model that writes summaries; the agent's own unless given.", length: 1...100),
    ]
}

extension ContextSettings: JSONWritable {
    /// The members in order; what is nil is left out.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("max_tokens", maxTokens)
            json.member("summary", summary?.rawValue)
            json.member("summary_model", summaryModel)
        }
    }
}
