import HTTPClientKit
import SpotterDomain

/// One attempt that failed, with what the provider said about trying again.
struct AttemptFailure: Error {
    let error: ModelError
    /// `x-should-retry`.
    var shouldRetry: Bool?

    init(_ error: ModelError, shouldRetry: Bool? = nil) {
        self.error = error
        self.shouldRetry = shouldRetry
    }

    var isRetryable: Bool { RetryPolicy.isRetryable(error, shouldRetry: shouldRetry) }

    /// A failure of the transport. `hasAnswered` says that the head of an answer had come.
    static func transport(
        _ error: HTTPClientError, provider: String, hasAnswered: Bool, usage: TokenUsage?, rawUsage: JSONValue? = nil
    ) -> AttemptFailure {
        func failure(_ kind: ModelError.Kind, retry: Bool? = nil) -> AttemptFailure {
            let model = ModelError(
                kind, provider: provider, message: error.description, usage: usage, rawUsage: rawUsage)
            return AttemptFailure(model, shouldRetry: retry)
        }
        switch error {
        case .nameResolution, .connect, .shutDown, .cancelled, .outOfMemory: return failure(.unreachable)
        case .addressRefused, .tls: return failure(.unreachable, retry: false)
        case .connectionLost: return failure(hasAnswered ? .interrupted : .unreachable)
        case .timeout(.connect):
            // Nobody was asked yet.
            let model = ModelError(
                .timedOut, provider: provider, message: error.description, usage: TokenUsage(modelCalls: 1))
            return AttemptFailure(model, shouldRetry: true)
        case .timeout: return failure(.timedOut, retry: false)
        case .tooLarge, .protocolViolation, .bodyAlreadyConsumed: return failure(.malformed)
        case .invalidRequest: return failure(.invalidRequest)
        }
    }
}
