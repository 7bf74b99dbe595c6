import Foundation
import SpotterDomain
import Synchronization

/// A call of one model that has not been made yet: who answers it, and what it may cost.
///
/// A class, because everybody who waits for it keeps room for what it holds.
final class PreparedCall: Sendable {
    /// Who answers.
    let provider: any ModelProvider
    /// As the provider is asked.
    let request: ModelRequest
    /// The versions of price and markup; nil for a model without a price.
    let quote: Quote?

    init(provider: any ModelProvider, request: ModelRequest, quote: Quote?) {
        self.provider = provider
        self.request = request
        self.quote = quote
    }

    /// The same call with an answer of at most so many tokens.
    func limited(toTokens tokens: Int) -> PreparedCall {
        guard tokens < request.maxOutputTokens else { return self }
        var request = request
        request.maxOutputTokens = tokens
        return PreparedCall(provider: provider, request: request, quote: quote)
    }

    /// Whether the call costs nothing, however long it is.
    var isFree: Bool {
        quote?.cost(of: TokenUsage(inputTokens: 1_000_000, outputTokens: 1_000_000)).billed.amount == 0
    }

    /// What it used and costs, if that is so.
    func charge(
        _ outcome: CallCharge.Outcome, _ usage: TokenUsage, raw: JSONValue? = nil, isEstimate: Bool = false
    ) -> CallCharge {
        CallCharge(
            provider: provider.name, model: request.model, outcome: outcome, usage: usage, rawUsage: raw,
            isEstimate: isEstimate, quote: quote)
    }
}

/// Follows one call, so that what it used is known also when nobody hears how it ended.
final class CallMeter: Sendable {
    private struct State {
        var hasBegun = false
        var begunAt: ContinuousClock.Instant?
        /// From the beginning to the first piece that came.
        var firstChunk: Duration?
        var outputBytes = 0
        var heard = ""
    }

    let call: PreparedCall
    /// As the provider is asked now.
    let request: ModelRequest
    private let state = Mutex(State())

    init(_ call: PreparedCall, timeout: Duration) {
        self.call = call
        var request = call.request
        request.timeout = timeout
        self.request = request
    }

    /// The provider is being asked.
    func begin() {
        state.withLock { state in
            state.hasBegun = true
            state.begunAt = .now
        }
    }

    /// The provider was not asked after all.
    func undo() { state.withLock { $0.hasBegun = false } }

    /// The provider has said a part of its answer.
    func hear(_ delta: ModelDelta) {
        state.withLock { state in
            if state.firstChunk == nil { state.firstChunk = state.begunAt?.duration(to: .now) ?? .zero }
            state.outputBytes += delta.size
            if case .text(let text) = delta { state.heard += text }
        }
    }

    /// What it has said so far to those who read.
    var heard: String { state.withLock(\.heard) }

    /// Whether a reader has seen a part of the answer.
    var hasDelivered: Bool { firstChunk != nil }

    /// How long the first piece of the answer took; nil where none came before the whole.
    var firstChunk: Duration? { state.withLock(\.firstChunk) }

    /// What the call used if it is broken off here; nil if it has not begun.
    var aborted: CallCharge? {
        state.withLock(\.hasBegun) ? call.charge(.aborted, estimate, isEstimate: true) : nil
    }

    /// What it used as far as can be told from what was said and heard.
    var estimate: TokenUsage {
        TokenUsage(
            inputTokens: ModelRequest.estimatedTokens(bytes: call.request.textBytes),
            outputTokens: ModelRequest.estimatedTokens(bytes: state.withLock(\.outputBytes)), modelCalls: 1)
    }
}

/// What came of asking one model.
///
/// A class, because everybody who waits for it keeps room for it.
final class ModelAnswer: Sendable {
    let result: Result<ModelResponse, ModelFailure>
    /// What the call used and costs; nil where the provider was not asked after all.
    let charge: CallCharge?

    init(_ result: Result<ModelResponse, ModelFailure>, charge: CallCharge?) {
        self.result = result
        self.charge = charge
    }
}
