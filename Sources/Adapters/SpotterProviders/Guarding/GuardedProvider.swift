import SpotterDomain

/// A provider behind its circuit breaker and in the line of those who use the same key.
///
/// A class, as whoever waits for an answer keeps room for it; see `ModelCall`.
final class GuardedProvider: ModelProvider {
    private let provider: any ModelProvider
    private let gate: ProviderGate
    private let circuits: CircuitBoard
    private let key: CircuitBoard.Key

    init(provider: any ModelProvider, gate: ProviderGate, circuits: CircuitBoard, key: CircuitBoard.Key) {
        self.provider = provider
        self.gate = gate
        self.circuits = circuits
        self.key = key
    }

    var name: String { provider.name }

    func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        let ticket = try admit()
        do {
            let waited = try await enter(for: request)
            defer { gate.leave() }
            let response = try await provider.complete(Self.request(request, after: waited), onDelta: onDelta)
            circuits.receive(.success, of: ticket, for: key)
            return response
        } catch {
            circuits.receive(Self.outcome(of: error, request), of: ticket, for: key)
            throw error
        }
    }

    /// Waits for a place in line. Whoever gives up there has asked nobody.
    private func enter(for request: ModelRequest) async throws -> Duration {
        do {
            return try await gate.enter(key.organization, patience: request.timeout)
        } catch let error as CancellationError {
            throw CallNotMade(error)
        }
    }

    @inline(never)
    private func admit() throws -> CircuitBreaker.Ticket {
        switch circuits.admit(key) {
        case .admitted(let ticket): return ticket
        case .refused(let wait):
            throw ModelError(
                .circuitOpen, provider: name,
                message: "has failed several times in a row and is left alone for a while", retryAfter: wait)
        }
    }

    @inline(never)
    private static func request(_ request: ModelRequest, after waited: Duration) -> ModelRequest {
        var request = request
        request.timeout = max(request.timeout - waited, .zero)
        return request
    }

    /// What something else than the provider's own failure says: nothing.
    @inline(never)
    private static func outcome(of error: any Error, _ request: ModelRequest) -> CircuitBreaker.Outcome {
        (error as? ModelError).map { outcome(of: $0, request) } ?? .neither
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
