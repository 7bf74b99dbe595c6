public import SpotterDomain
import Synchronization

/// A model that says what a test has written for it, and notes what it was asked.
///
/// It is provider, catalogue and price list in one: it answers to every name of a model.
public final class ScriptedModel: ModelProvider, ModelCatalog, Pricing {
    /// What it does when it is called.
    public enum Reply: Sendable {
        /// Says this.
        case text(String)
        /// Wants these tools.
        case calls([ToolCall])
        /// Gives this answer.
        case response(ModelResponse)
        /// Fails.
        case failure(ModelError)
        /// Fails with anything.
        case error(any Error)
        /// Says these pieces, then nothing until the call is cancelled.
        case hang(after: [String] = [])
        /// Whatever comes of this.
        case work(@Sendable (ModelRequest) async throws -> ModelResponse)
    }

    private struct State {
        var replies: [Reply]
        var requests: [ModelRequest] = []
        var cancelled = 0
    }

    /// Stands in usage records.
    public let name = "scripted"
    private let state: Mutex<State>
    private let price: ModelPrice?
    private let unpriced: Set<String>
    private let fallbacks: [String]
    /// One element for each call that has begun.
    public let calls: AsyncStream<Void>
    private let called: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - replies: in the order of the calls; the last one is given again and again.
    ///   - price: of every model; without it none has a price.
    ///   - unpriced: the models that have no price all the same.
    ///   - fallbacks: the models to ask, in turn, where one cannot answer.
    public init(
        _ replies: [Reply] = [.text("Hello!")], price: ModelPrice? = nil, unpriced: Set<String> = [],
        fallbacks: [String] = []
    ) {
        state = Mutex(State(replies: replies))
        self.unpriced = unpriced
        self.fallbacks = fallbacks
        self.price = price
        (calls, called) = AsyncStream.makeStream(of: Void.self)
    }

    /// What it was asked, in order.
    public var requests: [ModelRequest] { state.withLock(\.requests) }
    /// Calls that were cancelled while it said nothing.
    public var cancelled: Int { state.withLock(\.cancelled) }

    /// Answers by the script.
    public func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        let reply = state.withLock { state in
            state.requests.append(request)
            return state.replies.count > 1 ? state.replies.removeFirst() : state.replies.first ?? .text("")
        }
        called.yield()
        switch reply {
        case .text(let text):
            try await onDelta(.text(text))
            return Self.response([.text(text)])
        case .calls(let calls): return Self.response(calls.map(ModelPart.toolCall), stopReason: .toolUse)
        case .response(let response): return response
        case .failure(let error): throw error
        case .error(let error): throw error
        case .hang(let pieces):
            for piece in pieces { try await onDelta(.text(piece)) }
            await Self.untilCancelled()
            state.withLock { $0.cancelled += 1 }
            throw CancellationError()
        case .work(let work): return try await work(request)
        }
    }

    /// Returns when the task is cancelled.
    public static func untilCancelled() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
        continuation.finish()
    }

    /// An answer of these parts that has used ten tokens and given five.
    public static func response(
        _ parts: [ModelPart], stopReason: ModelResponse.StopReason = .endTurn
    ) -> ModelResponse {
        ModelResponse(
            message: ModelMessage(role: .assistant, parts: parts), stopReason: stopReason,
            usage: TokenUsage(inputTokens: 10, outputTokens: 5), rawUsage: [:], model: "scripted",
            provider: "scripted")
    }

    /// Itself.
    public func provider(
        forModel model: String, fallback: String?, in scope: OrganizationScope
    ) throws -> (provider: any ModelProvider, model: String) { (self, model) }

    /// Those it was made with.
    public func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String] { fallbacks }

    /// The same for every call, with twenty percent on it.
    public func quote(model: String, provider: String, plan: Organization.Plan?) -> Quote? {
        unpriced.contains(model) ? nil : price.map { Quote(price: $0, markup: .standard) }
    }
}
