import HTTPClientKit
import SpotterDomain

// What the answers of a provider say of failures and limits.
extension ModelCall {
    func refusal(_ status: Int, _ headers: MessageHeaders, _ body: [UInt8]) -> AttemptFailure {
        refusal(status, headers, WireJSON.parse(body).flatMap { Wire.failure($0) })
    }

    func refusal(_ status: Int, _ headers: MessageHeaders, _ failure: WireFailure?) -> AttemptFailure {
        var retryAfter = retryAfter(headers)
        // Without a word about it, the counts say when there will be more to be had.
        if retryAfter == nil, status == 429 { retryAfter = RateLimits(headers, now: timing.now())?.wait }
        let error = ProviderStatus.error(
            status, failure, provider: Wire.provider, retryAfter: retryAfter, requestId: requestId(headers),
            key: access.apiKey)
        return AttemptFailure(error, shouldRetry: headers["x-should-retry"].flatMap { Bool($0) })
    }

    func retryAfter(_ headers: MessageHeaders) -> Duration? {
        RetryPolicy.retryAfter(
            milliseconds: headers["retry-after-ms"], value: headers["retry-after"], now: timing.now())
    }

    /// Too many calls, without counts: nothing is left until the time that the answer names.
    @inline(never)
    func observe(_ status: Int, _ headers: MessageHeaders) {
        if let limits = RateLimits(headers, now: timing.now()), status != 429 || limits.wait != nil {
            onLimits(limits)
        } else if status == 429, let wait = retryAfter(headers) {
            onLimits(RateLimits(windows: ["requests": RateLimits.Window(remaining: 0, reset: wait)]))
        }
    }

    func notJSON(_ headers: MessageHeaders) -> ModelError {
        let named = headers["content-type"].map { String($0.prefix(60)) } ?? "no content type"
        let type = ProviderStatus.redacted(named, key: access.apiKey)
        // Broken JSON is an answer of the model's that was cut; anything else is not the model's.
        let isCut = type.lowercased().contains("json")
        return ModelError(
            .malformed, provider: Wire.provider,
            message: "answered 200 with something other than the protocol says (\(type))", status: isCut ? nil : 200,
            requestId: requestId(headers))
    }

    /// An error of a stream with the request's name, and without the key that it may repeat.
    func named(_ error: ModelError, _ headers: MessageHeaders) -> ModelError {
        ModelError(
            error.kind, provider: error.provider,
            message: ProviderStatus.redacted(error.message, key: access.apiKey), status: error.status,
            retryAfter: error.retryAfter, requestId: requestId(headers), usage: error.usage,
            rawUsage: error.rawUsage)
    }

    func requestId(_ headers: MessageHeaders) -> String? {
        headers[Wire.requestIdHeader].map { ProviderStatus.redacted(String($0.prefix(200)), key: access.apiKey) }
    }
}
