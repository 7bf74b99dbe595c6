import ServiceKit
public import SpotterDomain

/// Performs `callModel`: finds who answers, asks, and knows what that costs.
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

    // Not inlined, as all here that makes large values for a moment is not: whoever waits for a model would keep room
    // for all that they hold.

    /// A call of the request's model, and where that fails in a way that passes, of those after it of the organisation's
    /// list.
    @inline(never)
    func begin(_ request: ModelRequest, in scope: OrganizationScope) -> ModelAttempts {
        ModelAttempts(
            request, fallbacks: catalog.fallbacks(forModel: request.model, in: scope), end: now() + request.timeout)
    }

    /// Finds who is asked next and what that costs now; nil when the call is over.
    ///
    /// - Parameters:
    ///   - fallback: the model to use where the provider of the request's own has no key.
    ///   - plan: the organisation's; it decides on the markup.
    @inline(never)
    func next(
        of attempts: ModelAttempts, fallback: String?, plan: Organization.Plan?, in scope: OrganizationScope
    ) throws -> PreparedCall? {
        while let model = attempts.advance(at: now()) {
            do {
                let (provider, name) = try catalog.provider(
                    forModel: model, fallback: attempts.isAtFirst ? fallback : nil, in: scope)
                var request = attempts.request
                request.model = name
                if let complaint = attempts.complaint { request.complain(complaint) }
                let quote = pricing.quote(model: name, provider: provider.name, plan: plan)
                return PreparedCall(provider: provider, request: request, quote: quote)
            } catch let error as SpotterError {
                attempts.receive(ModelFailure(error))
            }
        }
        return nil
    }

    /// The call as it is made now: with the time that it has by now.
    @inline(never)
    func meter(_ call: PreparedCall, of attempts: ModelAttempts) -> CallMeter {
        CallMeter(call, timeout: attempts.share(at: now()))
    }

    /// Asks one model.
    ///
    /// - Throws: `CancellationError`, and whatever `onDelta` throws: the meter knows then what was used. Failures of the
    ///   provider are an answer.
    @inline(never)
    func ask(
        _ meter: CallMeter, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelAnswer {
        try Task.checkCancellation()
        meter.begin()
        do {
            return meter.answer(
                try await meter.call.provider.complete(meter.request) { delta in
                    meter.hear(delta)
                    try await onDelta(delta)
                })
        } catch {
            return try meter.answer(error)
        }
    }
}

extension CallMeter {
    @inline(never)
    fileprivate func answer(_ response: ModelResponse) -> ModelAnswer {
        var timed = response
        timed.firstChunkMs = firstChunk.map { Int($0 / .milliseconds(1)) }
        return ModelAnswer(.success(timed), charge: charge(for: response))
    }

    /// - Throws: what is no failure of the provider.
    @inline(never)
    fileprivate func answer(_ error: any Error) throws -> ModelAnswer {
        switch error {
        case let error as ModelError:
            let failure = ModelFailure(error, hasDelivered: hasDelivered)
            return ModelAnswer(.failure(failure), charge: charge(for: error))
        case let error as CallNotMade:
            undo()
            throw error.reason
        case let error as SpotterError:
            return ModelAnswer(
                .failure(ModelFailure(error)), charge: call.charge(.failed, estimate, isEstimate: true))
        default: throw error
        }
    }

    /// A provider that answers without a word on what it used has used something all the same; an answer that was given
    /// before has not.
    private func charge(for response: ModelResponse) -> CallCharge {
        var usage = response.usage
        if response.isCached == true { return call.charge(.completed, usage, raw: response.rawUsage) }
        guard response.rawUsage != .null else {
            usage = estimate
            let written = response.message.text.utf8.count
            usage.outputTokens = max(usage.outputTokens, ModelRequest.estimatedTokens(bytes: written))
            return call.charge(.completed, usage, isEstimate: true)
        }
        usage.modelCalls = max(1, usage.modelCalls)
        return call.charge(.completed, usage, raw: response.rawUsage)
    }

    private func charge(for error: ModelError) -> CallCharge? {
        guard error.kind != .circuitOpen else { return nil }
        if var usage = error.usage {
            usage.modelCalls = max(1, usage.modelCalls)
            // What was counted before the break may lag behind what was said.
            let heard = estimate.outputTokens
            let isBehind = heard > usage.outputTokens
            if isBehind { usage.outputTokens = heard }
            return call.charge(.failed, usage, raw: error.rawUsage, isEstimate: isBehind)
        }
        return error.mayHaveUsedTokens || hasDelivered
            ? call.charge(.failed, estimate, isEstimate: true)
            : call.charge(.failed, TokenUsage(modelCalls: 1))
    }
}

extension ModelRequest {
    /// Tells the model what was wrong with its last answer.
    fileprivate mutating func complain(_ complaint: String) {
        let text =
            "Your last answer could not be used. \(complaint.prefix(2_000)) Answer again, with the JSON object alone."
        // Providers want those who speak to take turns.
        if messages.last?.role == .user {
            messages[messages.count - 1].parts.append(.text("\n\n" + text))
        } else {
            messages.append(.user(text))
        }
    }
}
