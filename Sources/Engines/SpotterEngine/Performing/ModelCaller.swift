import ServiceKit
public import SpotterDomain

/// Performs `callModel`: finds the provider, streams, and keeps what it costs.
public struct ModelCaller: Sendable {
    private let catalog: any ModelCatalog
    private let pricing: any Pricing

    public init(catalog: any ModelCatalog, pricing: any Pricing) {
        self.catalog = catalog
        self.pricing = pricing
    }

    /// What came of a call: an answer, or why there is none. What it used is counted either way.
    public struct Outcome: Sendable {
        public let result: Result<ModelResponse, ExecutionError>
        public let usage: TokenUsage
        public let cost: Cost?
    }

    /// - Throws: `CancellationError`, and whatever `onDelta` throws. Failures of the provider are an `Outcome`.
    public func call(
        _ request: ModelRequest, fallback: String?, in scope: OrganizationScope,
        onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> Outcome {
        do {
            let (provider, model) = try catalog.provider(forModel: request.model, fallback: fallback, in: scope)
            var request = request
            request.model = model
            let response = try await provider.complete(request, onDelta: onDelta)
            var usage = response.usage
            usage.modelCalls = max(1, usage.modelCalls)
            let cost = pricing.cost(of: usage, model: model, provider: provider.name)
            return Outcome(result: .success(response), usage: usage, cost: cost)
        } catch let error as ModelError {
            let code = error.kind == .timedOut ? "provider_timed_out" : "provider_failed"
            let failure = ExecutionError(code: code, message: error.description)
            return Outcome(result: .failure(failure), usage: error.usage ?? TokenUsage(modelCalls: 1), cost: nil)
        } catch let error as SpotterError {
            let failure = ExecutionError(code: "model_unavailable", message: error.message)
            return Outcome(result: .failure(failure), usage: TokenUsage(), cost: nil)
        }
    }
}
