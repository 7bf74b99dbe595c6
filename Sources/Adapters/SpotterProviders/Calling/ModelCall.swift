import HTTPClientKit
import ServiceKit
import SpotterDomain
import Synchronization

/// One call of a model over HTTP: attempts, the waiting between them, and the reading of the answer.
struct ModelCall<Wire: WireFormat>: Sendable {
    /// The most bytes of an answer; far more than the longest that a model can make.
    static var answerLimit: Int { 32 << 20 }
    /// The most bytes of one event.
    static var eventLimit: Int { 4 << 20 }

    let client: HTTPClient
    let access: ProviderAccess
    let timing: CallTiming
    let request: ModelRequest
    /// Is told what the headers of an answer say of how much more the provider would take.
    let onLimits: @Sendable (RateLimits) -> Void
    let onDelta: @Sendable (ModelDelta) async throws -> Void

    /// Runs the call to its end.
    ///
    /// - Throws: `ModelError`, `CancellationError`, or what `onDelta` throws.
    func run() async throws -> ModelResponse {
        let end = ContinuousClock.now + request.timeout
        var attempt = 0
        while true {
            // Once a reader has seen a part of an answer, another answer must not follow it.
            let progress = Progress()
            do {
                return try checked(try await once(until: end, progress))
            } catch let failure as AttemptFailure {
                try Task.checkCancellation()
                let error = failure.error
                guard failure.isRetryable, !progress.hasDelivered, attempt < timing.maximumRetries else { throw error }
                let delay = RetryPolicy.delay(
                    after: attempt, retryAfter: error.retryAfter, random: timing.random())
                guard ContinuousClock.now + delay < end else { throw error }
                // What has cost something is not repeated here: somebody has to find the money for it first.
                if error.mayHaveUsedTokens {
                    var error = error
                    error.retryDelay = delay
                    throw error
                }
                attempt += 1
                try await timing.sleep(delay)
            }
        }
    }

    /// The answer with the name of its model, if it is what the request's schema asks for. What was cut or refused is
    /// passed on as it is: its reason to stop says so.
    private func checked(_ response: ModelResponse) throws(ModelError) -> ModelResponse {
        var response = response
        response.message.model = request.model
        guard let schema = request.responseSchema, response.message.toolCalls.isEmpty,
            response.stopReason == .endTurn || response.stopReason == .stopSequence
        else { return response }
        do {
            _ = try schema.read(response.message.text)
            return response
        } catch {
            let reason = (error as? SpotterError)?.message ?? "The answer cannot be read."
            throw ModelError(
                .schemaMismatch, provider: Wire.provider, message: "The answer does not follow its schema. \(reason)",
                requestId: response.requestId, usage: response.usage, rawUsage: response.rawUsage)
        }
    }

    private func once(until end: ContinuousClock.Instant, _ progress: Progress) async throws -> ModelResponse {
        var outgoing = Wire.request(request, access: access)
        let left = end - .now
        guard left > .zero else {
            throw AttemptFailure(
                ModelError(
                    .timedOut, provider: Wire.provider, message: "no time is left", usage: TokenUsage(modelCalls: 1)))
        }
        outgoing.deadline = left
        outgoing.connectTimeout = min(timing.connectTimeout, left)
        // An answer that comes in one piece is preceded by as much silence as the model needs.
        outgoing.idleTimeout = request.isStreaming ? timing.silenceLimit : left
        outgoing.responseByteLimit = Self.answerLimit
        do {
            return request.isStreaming ? try await stream(outgoing, progress) : try await send(outgoing)
        } catch let error as HTTPClientError {
            if error == .cancelled { throw CancellationError() }
            throw AttemptFailure.transport(
                error, provider: Wire.provider, hasAnswered: progress.hasAnswered,
                usage: progress.usage, rawUsage: progress.rawUsage)
        } catch let error as ModelError {
            throw AttemptFailure(error)
        }
    }

    // MARK: In one piece

    private func send(_ outgoing: OutgoingRequest) async throws -> ModelResponse {
        let answer = try await client.send(outgoing)
        observe(answer.status, answer.headers)
        guard answer.status == 200 else { throw refusal(answer.status, answer.headers, answer.body) }
        return try read(answer.body, answer.headers)
    }

    /// Reads a whole answer; one that holds an `error` in spite of its status is one.
    private func read(_ body: [UInt8], _ headers: MessageHeaders) throws -> ModelResponse {
        guard let json = WireJSON.parse(body), json.object != nil else {
            throw notJSON(headers)
        }
        if let failure = Wire.failure(json) { throw refusal(200, headers, failure) }
        var response = try Wire.response(json, to: request)
        response.requestId = requestId(headers)
        return response
    }

    // MARK: Streamed

    private func stream(_ outgoing: OutgoingRequest, _ progress: Progress) async throws -> ModelResponse {
        let answer = try await client.stream(outgoing)
        progress.answered()
        observe(answer.status, answer.headers)
        let type = answer.headers["content-type"]?.lowercased() ?? ""
        guard answer.status == 200, !type.contains("json"), !type.contains("html") else {
            var body: [UInt8] = []
            for try await part in answer.body { body += part }
            guard answer.status == 200 else { throw refusal(answer.status, answer.headers, body) }
            // A server that does not stream, though asked to.
            let response = try read(body, answer.headers)
            if !response.message.text.isEmpty { try await deliver(.text(response.message.text), progress) }
            return response
        }
        return try await follow(answer, progress)
    }

    private func follow(_ answer: StreamingResponse, _ progress: Progress) async throws -> ModelResponse {
        var parser = ServerSentEventParser(maximumEventBytes: Self.eventLimit)
        var decoder = Wire.decoder(for: request)
        var hasEvents = false
        do {
            reading: for try await part in answer.body {
                for event in try parser.feed(part) {
                    hasEvents = true
                    let deltas = try decoder.receive(event)
                    progress.count(decoder.usage, decoder.rawUsage)
                    for delta in deltas { try await deliver(delta, progress) }
                    if decoder.isEnded { break reading }
                }
            }
        } catch let error as ServerSentEventTooLarge {
            throw ModelError(
                .malformed, provider: Wire.provider, message: error.description, usage: decoder.usage,
                rawUsage: decoder.rawUsage)
        } catch let error as HTTPClientError where error != .cancelled {
            // Complete but for the end of the connection.
            guard var response = try? decoder.response() else { throw error }
            response.requestId = requestId(answer.headers)
            return response
        } catch let error as ModelError {
            throw named(error, answer.headers)
        }
        answer.body.drain()
        guard hasEvents || answer.headers["content-type"]?.lowercased().hasPrefix("text/event-stream") ?? false else {
            throw notJSON(answer.headers)
        }
        do throws(ModelError) {
            var response = try decoder.response()
            response.requestId = requestId(answer.headers)
            return response
        } catch {
            throw named(error, answer.headers)
        }
    }

    private func deliver(_ delta: ModelDelta, _ progress: Progress) async throws {
        progress.delivered()
        try await onDelta(delta)
    }

    // MARK: Errors

    private func refusal(_ status: Int, _ headers: MessageHeaders, _ body: [UInt8]) -> AttemptFailure {
        refusal(status, headers, WireJSON.parse(body).flatMap { Wire.failure($0) })
    }

    private func refusal(_ status: Int, _ headers: MessageHeaders, _ failure: WireFailure?) -> AttemptFailure {
        var retryAfter = retryAfter(headers)
        // Without a word about it, the counts say when there will be more to be had.
        if retryAfter == nil, status == 429 { retryAfter = RateLimits(headers, now: timing.now())?.wait }
        let error = ProviderStatus.error(
            status, failure, provider: Wire.provider, retryAfter: retryAfter, requestId: requestId(headers),
            key: access.apiKey)
        return AttemptFailure(error, shouldRetry: headers["x-should-retry"].flatMap { Bool($0) })
    }

    private func retryAfter(_ headers: MessageHeaders) -> Duration? {
        RetryPolicy.retryAfter(
            milliseconds: headers["retry-after-ms"], value: headers["retry-after"], now: timing.now())
    }

    /// Too many calls, without counts: nothing is left until the time that the answer names.
    private func observe(_ status: Int, _ headers: MessageHeaders) {
        if let limits = RateLimits(headers, now: timing.now()), status != 429 || limits.wait != nil {
            onLimits(limits)
        } else if status == 429, let wait = retryAfter(headers) {
            onLimits(RateLimits(windows: ["requests": RateLimits.Window(remaining: 0, reset: wait)]))
        }
    }

    private func notJSON(_ headers: MessageHeaders) -> ModelError {
        let type = headers["content-type"]?.prefix(60) ?? "no content type"
        // Broken JSON is an answer of the model's that was cut; anything else is not the model's.
        let isCut = type.lowercased().contains("json")
        return ModelError(
            .malformed, provider: Wire.provider,
            message: "answered 200 with something other than the protocol says (\(type))", status: isCut ? nil : 200,
            requestId: requestId(headers))
    }

    /// An error of a stream with the request's name, and without the key that it may repeat.
    private func named(_ error: ModelError, _ headers: MessageHeaders) -> ModelError {
        ModelError(
            error.kind, provider: error.provider,
            message: ProviderStatus.redacted(error.message, key: access.apiKey), status: error.status,
            retryAfter: error.retryAfter, requestId: requestId(headers), usage: error.usage,
            rawUsage: error.rawUsage)
    }

    private func requestId(_ headers: MessageHeaders) -> String? {
        headers[Wire.requestIdHeader].map { String($0.prefix(200)) }
    }
}

/// How far an attempt came; read after it failed.
private final class Progress: Sendable {
    private struct State {
        var hasAnswered = false
        var hasDelivered = false
        var usage: TokenUsage?
        var rawUsage: JSONValue?
    }

    private let state = Mutex(State())

    var hasAnswered: Bool { state.withLock(\.hasAnswered) }
    var hasDelivered: Bool { state.withLock(\.hasDelivered) }
    var usage: TokenUsage? { state.withLock(\.usage) }
    var rawUsage: JSONValue? { state.withLock(\.rawUsage) }

    func answered() { state.withLock { $0.hasAnswered = true } }
    func delivered() { state.withLock { $0.hasDelivered = true } }
    func count(_ usage: TokenUsage?, _ raw: JSONValue?) { state.withLock { ($0.usage, $0.rawUsage) = (usage, raw) } }
}
