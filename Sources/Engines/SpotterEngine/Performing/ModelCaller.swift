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
    public struct Outcome: Sendable {
        /// The answer, or why there is none.
        public let result: Result<ModelResponse, ExecutionError>
        /// What the call used and costs.
        public let charge: CallCharge
    }

    /// Finds who answers, and what that costs now.
    ///
    /// - Throws: `ExecutionError` when nobody does.
    public func prepare(
        _ request: ModelRequest, fallback: String?, plan: Organization.Plan?, in scope: OrganizationScope
    ) throws -> PreparedCall {
        do {
            let (provider, model) = try catalog.provider(forModel: request.model, fallback: fallback, in: scope)
            var request = request
            request.model = model
            return PreparedCall(
                provider: provider, request: request,
                quote: pricing.quote(model: model, provider: provider.name, plan: plan))
        } catch let error as SpotterError {
            throw ExecutionError(code: "model_unavailable", message: error.message)
        }
    }

    /// Makes the call.
    ///
    /// - Throws: `CancellationError`, and whatever `onDelta` throws: the meter knows then what was used. Failures of the
    ///   provider are an `Outcome`.
    func call(
        _ call: PreparedCall, _ meter: CallMeter, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> Outcome {
        try Task.checkCancellation()
        meter.begin()
        do {
            let response = try await call.provider.complete(call.request) { delta in
                meter.hear(delta)
                try await onDelta(delta)
            }
            return Outcome(result: .success(response), charge: charge(for: response, of: call, meter))
        } catch let error as ModelError {
            let code = error.kind == .timedOut ? "provider_timed_out" : "provider_failed"
            let failure = ExecutionError(
                code: code, message: error.description, isTransient: error.isTransient ? true : nil,
                retryAfter: error.retryAfter.map { $0 / .seconds(1) })
            return Outcome(result: .failure(failure), charge: charge(for: error, of: call, meter))
        } catch let error as SpotterError {
            let failure = ExecutionError(code: "model_unavailable", message: error.message)
            return Outcome(
                result: .failure(failure), charge: call.charge(.failed, meter.estimate, isEstimate: true))
        }
    }

    /// A provider that answers without a word on what it used has used something all the same.
    private func charge(for response: ModelResponse, of call: PreparedCall, _ meter: CallMeter) -> CallCharge {
        guard response.rawUsage != .null else {
            var usage = meter.estimate
            let written = response.message.text.utf8.count
            usage.outputTokens = max(usage.outputTokens, ModelRequest.estimatedTokens(bytes: written))
            return call.charge(.completed, usage, isEstimate: true)
        }
        var usage = response.usage
        usage.modelCalls = max(1, usage.modelCalls)
        return call.charge(.completed, usage, raw: response.rawUsage)
    }

    private func charge(for error: ModelError, of call: PreparedCall, _ meter: CallMeter) -> CallCharge {
        if var usage = error.usage {
            usage.modelCalls = max(1, usage.modelCalls)
            // What was counted before the break may lag behind what was said.
            let heard = meter.estimate.outputTokens
            let isBehind = heard > usage.outputTokens
            if isBehind { usage.outputTokens = heard }
            return call.charge(.failed, usage, isEstimate: isBehind)
        }
        return error.mayHaveUsedTokens
            ? call.charge(.failed, meter.estimate, isEstimate: true)
            : call.charge(.failed, TokenUsage(modelCalls: 1))
    }
}

extension ModelError {
    /// Whether the provider may have begun to answer before it failed. One that refuses charges nothing.
    fileprivate var mayHaveUsedTokens: Bool {
        switch kind {
        case .serverError, .interrupted, .timedOut, .malformed: true
        case .authentication, .permission, .notFound, .invalidRequest, .contextTooLong, .tooLarge, .rateLimited,
            .quotaExhausted, .overloaded, .unreachable:
            false
        }
    }
}
