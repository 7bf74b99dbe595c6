import SpotterDomain

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
