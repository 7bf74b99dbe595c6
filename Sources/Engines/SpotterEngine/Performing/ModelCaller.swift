import ServiceKit
public import SpotterDomain

/// Performs `callModel`: finds the provider, streams, and keeps what it costs.
public struct ModelCaller: Sendable {
    private let catalog: any ModelCatalog
    private let pricing: any Pricing

    /// A caller that finds providers in `catalog` and counts their cost by `pricing`.
    public init(catalog: any ModelCatalog, pricing: any Pricing) {
        self.catalog = catalog
        self.pricing = pricing
    }

    /// What came of a call: an answer, or why there is none. What it used is counted either way.
    ///
    /// A class, because everybody who waits for it keeps room for it.
    public final class Outcome: Sendable {
        /// The answer, or why there is none.
        public let result: Result<ModelResponse, ExecutionError>
        /// What the provider counted, also of a call that failed.
        public let usage: TokenUsage
        /// What the usage costs; nil when the model has no price.
        public let cost: Cost?

        init(result: Result<ModelResponse, ExecutionError>, usage: TokenUsage, cost: Cost?) {
            self.result = result
            self.usage = usage
            self.cost = cost
        }
    }

    /// - Throws: `CancellationError`, and whatever `onDelta` throws. Failures of the provider are an `Outcome`.
    ///
    /// Not inlined, as what follows: whoever waits for a model would keep room for all that they hold.
    @inline(never)
    public func call(
        _ request: ModelRequest, fallback: String?, in scope: OrganizationScope,
        onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> Outcome {
        do {
            let (provider, model) = try catalog.provider(forModel: request.model, fallback: fallback, in: scope)
            var request = request
            request.model = model
            let response = try await provider.complete(request, onDelta: onDelta)
            return outcome(of: response, model: model, provider: provider.name)
        } catch let error as ModelError {
            return Self.outcome(of: error)
        } catch let error as SpotterError {
            let failure = ExecutionError(code: "model_unavailable", message: error.message)
            return Outcome(result: .failure(failure), usage: TokenUsage(), cost: nil)
        }
    }

    @inline(never)
    private func outcome(of response: ModelResponse, model: String, provider: String) -> Outcome {
        var usage = response.usage
        usage.modelCalls = max(1, usage.modelCalls)
        let cost = pricing.cost(of: usage, model: model, provider: provider)
        return Outcome(result: .success(response), usage: usage, cost: cost)
    }

    @inline(never)
    private static func outcome(of error: ModelError) -> Outcome {
        let code = error.kind == .timedOut ? "provider_timed_out" : "provider_failed"
        let failure = ExecutionError(
            code: code, message: error.description, isTransient: error.isTransient ? true : nil,
            retryAfter: error.retryAfter.map { $0 / .seconds(1) })
        return Outcome(result: .failure(failure), usage: error.usage ?? TokenUsage(modelCalls: 1), cost: nil)
    }
}
