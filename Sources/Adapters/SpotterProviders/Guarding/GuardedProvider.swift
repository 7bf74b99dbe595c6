import SpotterDomain

/// A provider behind its circuit breaker and in the line of those who use the same key.
struct GuardedProvider: ModelProvider {
    let provider: any ModelProvider
    let gate: ProviderGate
    let circuits: CircuitBoard
    let key: CircuitBoard.Key

    var name: String { provider.name }

    func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        let ticket: CircuitBreaker.Ticket
        switch circuits.admit(key) {
        case .admitted(let admitted): ticket = admitted
        case .refused(let wait):
            throw ModelError(
                .circuitOpen, provider: name,
                message: "has failed several times in a row and is left alone for a while", retryAfter: wait)
        }
        var outcome = CircuitBreaker.Outcome.neither
        var isAsked = false
        defer { circuits.receive(outcome, of: ticket, for: key) }
        do {
            let response = try await gate.pass(key.organization, patience: request.timeout) { waited in
                isAsked = true
                var request = request
                request.timeout = max(request.timeout - waited, .zero)
                return try await provider.complete(request, onDelta: onDelta)
            }
            outcome = .success
            return response
        } catch let error as ModelError {
            outcome = Self.outcome(of: error, request)
            throw error
        } catch  where !isAsked {
            // Given up while it waited in line.
            throw CallNotMade(error)
        }
    }

    /// A call that ran out of this much time says that the provider is slow; one with less says nothing.
    private static let fairTime: Duration = .seconds(30)

    /// What a failure says of the provider: an answer is an answer, also where it refuses.
    static func outcome(of error: ModelError, _ request: ModelRequest) -> CircuitBreaker.Outcome {
        switch error.kind {
        case .overloaded, .serverError, .unreachable, .interrupted, .malformed: .failure
        case .timedOut: request.timeout >= fairTime ? .failure : .neither
        case .rateLimited, .circuitOpen: .neither
        case .authentication, .permission, .notFound, .invalidRequest, .contextTooLong, .tooLarge, .quotaExhausted,
            .schemaMismatch:
            .success
        }
    }
}
