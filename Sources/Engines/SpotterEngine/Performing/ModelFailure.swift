import SpotterDomain
import Synchronization

/// Why a model did not answer, and whether another may be asked in its place.
struct ModelFailure: Error {
    /// As the execution keeps it.
    let reason: ExecutionError
    /// What the provider did; nil where none was found.
    let error: ModelError?
    let allowsAnother: Bool

    /// A provider that failed. Only what passes allows another model: a request that one refuses is not taken elsewhere.
    init(_ error: ModelError, hasDelivered: Bool) {
        let code =
            switch error.kind {
            case .timedOut: "provider_timed_out"
            case .circuitOpen: "provider_unavailable"
            case .contextTooLong, .tooLarge: "context_too_long"
            default: "provider_failed"
            }
        self.error = error
        reason = ExecutionError(
            code: code, message: error.description, isTransient: error.isTransient ? true : nil,
            retryAfter: error.retryAfter.map { $0 / .seconds(1) })
        allowsAnother = error.isTransient && !hasDelivered
    }

    /// A model that nobody runs: without a key for one, the next may have one.
    init(_ error: SpotterError) {
        self.error = nil
        reason = ExecutionError(code: "model_unavailable", message: error.message)
        allowsAnother = error.code == .unavailable
    }
}

/// What the models of one call have come to so far.
struct Tally {
    let end: ContinuousClock.Instant
    var failovers: [ModelFailover] = []
    private var usage = TokenUsage()
    private var cost: Cost?
    private var failure: ExecutionError?

    init(end: ContinuousClock.Instant) { self.end = end }

    /// The time that the next model gets: all that is left, or less where others wait behind it.
    func share(at now: ContinuousClock.Instant, isLast: Bool) -> Duration {
        let left = max(end - now, .zero)
        return isLast ? left : left * 2 / 3
    }

    mutating func add(_ usage: TokenUsage, _ cost: Cost?) {
        self.usage = self.usage + usage
        if let cost { self.cost = self.cost.map { $0 + cost } ?? cost }
    }

    /// The failure that counts is the last of a provider; that nobody runs a model counts only of the first.
    mutating func keep(_ failure: ModelFailure, isFirst: Bool) {
        if failure.error != nil || isFirst { self.failure = failure.reason }
    }

    func outcome(_ result: Result<ModelResponse, ExecutionError>? = nil) -> ModelCaller.Outcome {
        let none = ExecutionError(code: "model_unavailable", message: "No model was asked.")
        return ModelCaller.Outcome(
            result: result ?? .failure(failure ?? none), usage: usage, cost: cost, failovers: failovers)
    }
}

/// Passes deltas on and remembers that there were some.
final class DeltaWatch: Sendable {
    private let onDelta: @Sendable (ModelDelta) async throws -> Void
    private let passed = Mutex(false)

    init(_ onDelta: @escaping @Sendable (ModelDelta) async throws -> Void) { self.onDelta = onDelta }

    var hasPassed: Bool { passed.withLock { $0 } }

    func pass(_ delta: ModelDelta) async throws {
        passed.withLock { $0 = true }
        try await onDelta(delta)
    }
}
