public import SpotterDomain
import Synchronization

/// A call of a model that has not been made yet: who answers it, and what it may cost.
public struct PreparedCall: Sendable {
    /// Who answers.
    let provider: any ModelProvider
    /// As the provider is asked.
    var request: ModelRequest
    /// The versions of price and markup; nil for a model without a price.
    public let quote: Quote?

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
        var outputBytes = 0
    }

    private let call: PreparedCall
    private let state = Mutex(State())

    init(_ call: PreparedCall) { self.call = call }

    /// The provider is being asked.
    func begin() { state.withLock { $0.hasBegun = true } }

    /// The provider has said a part of its answer.
    func hear(_ delta: ModelDelta) { state.withLock { $0.outputBytes += delta.size } }

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
