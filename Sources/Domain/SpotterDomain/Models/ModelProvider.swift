/// One call of a model.
public struct ModelRequest: Sendable, Hashable {
    /// The model as its provider knows it.
    public var model: String
    /// What the model is told first.
    public var system: String
    /// Alternates as conversations do; every assistant message with tool calls is followed by its tool message.
    public var messages: [ModelMessage]
    /// The tools the model may call.
    public var tools: [ToolDescription]
    /// From 0, steady, to 2, wild; nil leaves it to the provider.
    public var temperature: Double?
    /// The longest answer, in tokens.
    public var maxOutputTokens: Int
    /// What the answer must look like; nil leaves the model free to say what it wants.
    public var responseSchema: ResponseSchema?
    /// Whether deltas are wanted while the answer is being made.
    public var isStreaming: Bool
    /// The end of the whole call, retries included.
    public var timeout: Duration

    /// A request; by default without tools, not streamed, at most 4,096 tokens in 300 seconds.
    public init(
        model: String, system: String, messages: [ModelMessage], tools: [ToolDescription] = [],
        temperature: Double? = nil, maxOutputTokens: Int = 4_096, responseSchema: ResponseSchema? = nil,
        isStreaming: Bool = false, timeout: Duration = .seconds(300)
    ) {
        self.model = model
        self.system = system
        self.messages = messages
        self.tools = tools
        self.temperature = temperature
        self.maxOutputTokens = maxOutputTokens
        self.responseSchema = responseSchema
        self.isStreaming = isStreaming
        self.timeout = timeout
    }
}

/// A piece of an answer that is still being made.
public enum ModelDelta: Sendable, Hashable {
    case text(String)
    case thinking(String)
    case toolCallStarted(id: String, name: String)
}

/// A whole answer.
public struct ModelResponse: Sendable, Codable, Hashable {
    /// Why the model stopped.
    public enum StopReason: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case endTurn = "end_turn"
        case maxTokens = "max_tokens"
        case stopSequence = "stop_sequence"
        case toolUse = "tool_use"
        /// The provider paused a long turn: send the message back to go on.
        case pauseTurn = "pause_turn"
        case refusal
        case contextExceeded = "context_exceeded"
        case contentFilter = "content_filter"
    }

    /// The assistant's message.
    public var message: ModelMessage
    /// Why the model stopped.
    public var stopReason: StopReason
    /// What the call used, in Spotter's own terms.
    public var usage: TokenUsage
    /// As the provider sent it, to the letter: bills are made from it.
    public var rawUsage: JSONValue
    /// The model that answered, as the provider names it.
    public var model: String
    /// The provider's name, such as `anthropic`.
    public var provider: String
    /// The provider's id of the call, for its support; nil if it sent none.
    public var requestId: String?
    /// The answer's own id, as the provider names it; nil if it named none.
    public var responseId: String?
    /// Why the model stopped, in the provider's word; nil where none was said.
    public var finishReason: String?
    /// How long the first piece of a streamed answer took, in milliseconds; nil where none came before the whole.
    public var firstChunkMs: Int?
    /// The models that were asked in vain before this one; nil where it was the first.
    public var insteadOf: [ModelFailover]?
    /// Whether it was given before and nobody was asked this time; nil where the provider was.
    public var isCached: Bool?

    /// An answer that has come in whole.
    public init(
        message: ModelMessage, stopReason: StopReason, usage: TokenUsage, rawUsage: JSONValue, model: String,
        provider: String, requestId: String? = nil, responseId: String? = nil, finishReason: String? = nil
    ) {
        self.message = message
        self.stopReason = stopReason
        self.usage = usage
        self.rawUsage = rawUsage
        self.model = model
        self.provider = provider
        self.requestId = requestId
        self.responseId = responseId.flatMap { $0.isEmpty ? nil : String($0.prefix(200)) }
        self.finishReason = finishReason.flatMap { $0.isEmpty ? nil : String($0.prefix(100)) }
    }
}

/// A service that runs models.
///
/// `complete` calls `onDelta` in order, one call at a time, and waits for it: a slow reader slows the stream, and
/// nothing piles up. Cancelling the task ends the call at once. Providers retry what is safe to retry; once a delta was
/// handed out they no longer do. Throws `ModelError` or `CancellationError`.
public protocol ModelProvider: Sendable {
    /// Such as `anthropic`; stands in usage records.
    var name: String { get }

    func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse
}

/// Finds the provider of a model.
public protocol ModelCatalog: Sendable {
    /// - Parameter fallback: a model to use instead where the provider of `model` has no key; nil refuses.
    /// - Returns: the provider and the name of the model as that provider knows it.
    /// - Throws: `SpotterError` (`invalid` for an unknown model, `unavailable` for one without a key).
    func provider(
        forModel model: String, fallback: String?, in scope: OrganizationScope
    ) throws -> (provider: any ModelProvider, model: String)

    /// The models to ask in turn where `model` cannot answer for a while; none unless the organisation has named some.
    func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String]

    /// How many tokens the model can take in and give out together; nil where that is not known.
    func contextWindow(ofModel model: String) -> Int?
}

extension ModelCatalog {
    /// None.
    public func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String] { [] }

    /// Not known.
    public func contextWindow(ofModel model: String) -> Int? { nil }
}
