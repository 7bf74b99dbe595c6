import ServiceKit
public import SpotterDomain

/// Performs `callModel`: finds the provider, streams, goes on with another model where one cannot answer, and keeps what
/// all of it costs.
public struct ModelCaller: Sendable {
    private let catalog: any ModelCatalog
    private let pricing: any Pricing
    private let now: @Sendable () -> ContinuousClock.Instant

    /// A caller that finds providers in `catalog` and counts their cost by `pricing`; `now` is a monotonic clock.
    public init(
        catalog: any ModelCatalog, pricing: any Pricing,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.catalog = catalog
        self.pricing = pricing
        self.now = now
    }

    /// What came of a call: an answer, or why there is none. What it used is counted either way.
    ///
    /// A class, because everybody who waits for it keeps room for it.
    public final class Outcome: Sendable {
        /// The answer, or why there is none.
        public let result: Result<ModelResponse, ExecutionError>
        /// What the providers counted, also of calls that failed.
        public let usage: TokenUsage
        /// What the usage costs; nil when nothing of it has a price.
        public let cost: Cost?
        /// The models that were asked in vain before, in order.
        public let failovers: [ModelFailover]

        init(
            result: Result<ModelResponse, ExecutionError>, usage: TokenUsage, cost: Cost?, failovers: [ModelFailover]
        ) {
            self.result = result
            self.usage = usage
            self.cost = cost
            self.failovers = failovers
        }
    }

    /// The most models that one call is tried with.
    static let mostModels = 6

    /// Asks the request's model, and where that fails in a way that passes, those after it of the organisation's list.
    /// Once a reader has seen a part of an answer no other model begins anew.
    ///
    /// - Parameter fallback: the model to use where the provider of the request's own has no key.
    /// - Throws: `CancellationError`, and whatever `onDelta` throws. Failures of the provider are an `Outcome`.
    ///
    /// Not inlined, as what follows: whoever waits for a model would keep room for all that they hold.
    @inline(never)
    public func call(
        _ request: ModelRequest, fallback: String?, in scope: OrganizationScope,
        onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> Outcome {
        let listed = catalog.fallbacks(forModel: request.model, in: scope).filter { $0 != request.model }
        let models = [request.model] + listed.prefix(Self.mostModels - 1)
        var tally = Tally(end: now() + request.timeout)
        for (place, model) in models.enumerated() {
            let isLast = place == models.count - 1
            var request = request
            request.model = model
            request.timeout = tally.share(at: now(), isLast: isLast)
            let answer = try await ask(
                request, fallback: place == 0 ? fallback : nil, in: scope, &tally, onDelta: onDelta)
            switch answer {
            case .success(var response):
                if !tally.failovers.isEmpty { response.insteadOf = tally.failovers }
                return tally.outcome(.success(response))
            case .failure(let failure):
                tally.keep(failure, isFirst: place == 0)
                guard failure.allowsAnother, now() < tally.end else { return tally.outcome() }
                if !isLast, let error = failure.error { tally.failovers.append(ModelFailover(model: model, error)) }
            }
        }
        return tally.outcome()
    }

    /// Asks one model, and counts what that used.
    @inline(never)
    private func ask(
        _ request: ModelRequest, fallback: String?, in scope: OrganizationScope, _ tally: inout Tally,
        onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> Result<ModelResponse, ModelFailure> {
        let watch = DeltaWatch(onDelta)
        var asked: (provider: any ModelProvider, model: String)?
        do {
            let found = try catalog.provider(forModel: request.model, fallback: fallback, in: scope)
            asked = found
            var request = request
            request.model = found.model
            let response = try await found.provider.complete(request) { try await watch.pass($0) }
            var usage = response.usage
            if response.isCached != true { usage.modelCalls = max(1, usage.modelCalls) }
            tally.add(usage, pricing.cost(of: usage, model: found.model, provider: found.provider.name))
            return .success(response)
        } catch let error as ModelError {
            let usage = error.usage ?? TokenUsage(modelCalls: error.kind == .circuitOpen ? 0 : 1)
            let cost = error.usage.flatMap { usage in
                asked.flatMap { pricing.cost(of: usage, model: $0.model, provider: $0.provider.name) }
            }
            tally.add(usage, cost)
            return .failure(ModelFailure(error, hasDelivered: watch.hasPassed))
        } catch let error as SpotterError {
            return .failure(ModelFailure(error))
        }
    }
}
