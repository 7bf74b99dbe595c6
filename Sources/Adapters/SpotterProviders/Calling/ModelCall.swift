import HTTPClientKit
import ServiceKit
import SpotterDomain

/// One call of a model over HTTP: attempts, the waiting between them, and the reading of the answer.
///
/// Ten thousand may wait for their answers at once, and each keeps room for all that the functions hold which wait. So
/// it is a class, and whatever makes large values is a function of its own that does not wait and is not inlined.
final class ModelCall<Wire: WireFormat>: Sendable {
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

    init(
        client: HTTPClient, access: ProviderAccess, timing: CallTiming, request: ModelRequest,
        onLimits: @escaping @Sendable (RateLimits) -> Void,
        onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) {
        self.client = client
        self.access = access
        self.timing = timing
        self.request = request
        self.onLimits = onLimits
        self.onDelta = onDelta
    }

    /// Runs the call to its end.
    ///
    /// - Throws: `ModelError`, `CancellationError`, or what `onDelta` throws.
    func run() async throws -> ModelResponse { try checked(try await answer()) }

    @inline(never)
    private func answer() async throws -> ReceivedAnswer {
        let end = ContinuousClock.now + request.timeout
        var attempt = 0
        while true {
            // Once a reader has seen a part of an answer, another answer must not follow it.
            let progress = Progress()
            let pause: Duration
            do {
                return try await once(until: end, progress)
            } catch {
                pause = try self.pause(after: error, attempt, progress, until: end)
            }
            attempt += 1
            try await timing.sleep(pause)
        }
    }

    /// How long to wait before the next attempt. Throws the error where there is to be none.
    @inline(never)
    private func pause(
        after error: any Error, _ attempt: Int, _ progress: Progress, until end: ContinuousClock.Instant
    ) throws -> Duration {
        guard let failure = error as? AttemptFailure else { throw error }
        try Task.checkCancellation()
        let error = failure.error
        guard failure.isRetryable, !progress.hasDelivered, attempt < timing.maximumRetries else { throw error }
        let delay = RetryPolicy.delay(after: attempt, retryAfter: error.retryAfter, random: timing.random())
        guard ContinuousClock.now + delay < end else { throw error }
        // What has cost something is not repeated here: somebody has to find the money for it first.
        if error.mayHaveUsedTokens {
            var error = error
            error.retryDelay = delay
            throw error
        }
        return delay
    }

    /// The answer with the name of its model, if it is what the request's schema asks for. What was cut or refused is
    /// passed on as it is: its reason to stop says so.
    @inline(never)
    private func checked(_ answer: ReceivedAnswer) throws(ModelError) -> ModelResponse {
        var response = answer.response
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

    private func once(until end: ContinuousClock.Instant, _ progress: Progress) async throws -> ReceivedAnswer {
        do {
            return request.isStreaming ? try await stream(until: end, progress) : try await send(until: end)
        } catch {
            throw translated(error, progress)
        }
    }

    @inline(never)
    private func outgoing(until end: ContinuousClock.Instant) throws -> OutgoingRequest {
        var outgoing = Wire.request(request, access: access)
        let left = end - .now
        guard left > .zero else {
            throw ModelError(
                .timedOut, provider: Wire.provider, message: "no time is left", usage: TokenUsage(modelCalls: 1))
        }
        outgoing.deadline = left
        outgoing.connectTimeout = min(timing.connectTimeout, left)
        // An answer that comes in one piece is preceded by as much silence as the model needs.
        outgoing.idleTimeout = request.isStreaming ? timing.silenceLimit : left
        outgoing.responseByteLimit = Self.answerLimit
        return outgoing
    }

    /// What an attempt failed with, as one that may be repeated.
    @inline(never)
    private func translated(_ error: any Error, _ progress: Progress) -> any Error {
        switch error {
        case HTTPClientError.cancelled: CancellationError()
        case let error as HTTPClientError:
            AttemptFailure.transport(
                error, provider: Wire.provider, hasAnswered: progress.hasAnswered, usage: progress.usage,
                rawUsage: progress.rawUsage)
        case let error as ModelError: AttemptFailure(error)
        default: error
        }
    }

    // MARK: In one piece

    @inline(never)
    private func send(until end: ContinuousClock.Instant) async throws -> ReceivedAnswer {
        try read(try await client.send(try outgoing(until: end)))
    }

    @inline(never)
    private func read(_ answer: OutgoingResponse) throws -> ReceivedAnswer {
        observe(answer.status, answer.headers)
        guard answer.status == 200 else { throw refusal(answer.status, answer.headers, answer.body) }
        return try read(answer.body, answer.headers)
    }

    /// Reads a whole answer; one that holds an `error` in spite of its status is one.
    @inline(never)
    private func read(_ body: [UInt8], _ headers: MessageHeaders) throws -> ReceivedAnswer {
        guard let json = WireJSON.parse(body), json.object != nil else {
            throw notJSON(headers)
        }
        if let failure = Wire.failure(json) { throw refusal(200, headers, failure) }
        var response = try Wire.response(json, to: request)
        response.requestId = requestId(headers)
        return ReceivedAnswer(response)
    }

    // MARK: Streamed

    @inline(never)
    private func stream(until end: ContinuousClock.Instant, _ progress: Progress) async throws -> ReceivedAnswer {
        let answer = try await client.stream(try outgoing(until: end))
        progress.answered()
        observe(answer.status, answer.headers)
        if isStream(answer) { return try await follow(answer, progress) }
        return try await readWhole(answer, progress)
    }

    @inline(never)
    private func isStream(_ answer: StreamingResponse) -> Bool {
        let type = answer.headers["content-type"]?.lowercased() ?? ""
        return answer.status == 200 && !type.contains("json") && !type.contains("html")
    }

    /// What a server sends that does not stream, though asked to, or that refuses.
    private func readWhole(_ answer: StreamingResponse, _ progress: Progress) async throws -> ReceivedAnswer {
        var body: [UInt8] = []
        for try await part in answer.body { body += part }
        guard answer.status == 200 else { throw refusal(answer.status, answer.headers, body) }
        let received = try read(body, answer.headers)
        if let text = received.text { try await deliver(.text(text), progress) }
        return received
    }

    private func follow(_ answer: StreamingResponse, _ progress: Progress) async throws -> ReceivedAnswer {
        let reader = StreamReader<Wire>(request, limit: Self.eventLimit)
        do {
            reading: for try await part in answer.body {
                for event in try reader.events(in: part) {
                    for delta in try reader.receive(event, progress) { try await deliver(delta, progress) }
                    if reader.isEnded { break reading }
                }
            }
        } catch {
            return try response(of: reader, after: error, answer.headers)
        }
        answer.body.drain()
        return try response(of: reader, answer.headers)
    }

    /// The answer of a stream that broke off when it was complete but for the end of the connection.
    @inline(never)
    private func response(
        of reader: StreamReader<Wire>, after error: any Error, _ headers: MessageHeaders
    ) throws -> ReceivedAnswer {
        switch error {
        case let error as ServerSentEventTooLarge:
            throw ModelError(
                .malformed, provider: Wire.provider, message: error.description, usage: reader.usage,
                rawUsage: reader.rawUsage)
        case let error as HTTPClientError where error != .cancelled:
            guard var response = try? reader.response() else { throw error }
            response.requestId = requestId(headers)
            return ReceivedAnswer(response)
        case let error as ModelError: throw named(error, headers)
        default: throw error
        }
    }

    /// The answer of a stream that came to its end.
    @inline(never)
    private func response(of reader: StreamReader<Wire>, _ headers: MessageHeaders) throws -> ReceivedAnswer {
        guard reader.hasEvents || headers["content-type"]?.lowercased().hasPrefix("text/event-stream") ?? false else {
            throw notJSON(headers)
        }
        do throws(ModelError) {
            var response = try reader.response()
            response.requestId = requestId(headers)
            return ReceivedAnswer(response)
        } catch {
            throw named(error, headers)
        }
    }

    private func deliver(_ delta: ModelDelta, _ progress: Progress) async throws {
        progress.delivered()
        try await onDelta(delta)
    }
}

/// An answer as it came. A class for the reason that `ModelCall` is one.
private final class ReceivedAnswer: Sendable {
    let response: ModelResponse

    init(_ response: ModelResponse) { self.response = response }

    /// What it says; nil where it says nothing.
    @inline(never)
    var text: String? { response.message.text.isEmpty ? nil : response.message.text }
}
