import HTTPServerKit
import SpotterDomain

/// The header fields of answers. Most are the same each time, so they are put together once.
///
/// Every answer says what a browser must not do with it; a route that serves pages says itself what its pages may do,
/// and what a route says replaces what stands here.
struct ResponseFields: Sendable {
    private let cached: HTTPHeaders
    private let uncached: HTTPHeaders
    private let cachedJSON: HTTPHeaders
    private let uncachedJSON: HTTPHeaders

    /// - Parameter isSecure: whether clients come by TLS, and shall never come without it again.
    init(isSecure: Bool) {
        var common: HTTPHeaders = [
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "x-frame-options": "DENY",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
            "vary": "Origin",
        ]
        if isSecure { common.append("strict-transport-security", "max-age=31536000") }
        uncached = common.with("cache-control", "no-store")
        cached = common.with("cache-control", "private, no-cache")
        uncachedJSON = uncached.with("content-type", "application/json")
        cachedJSON = cached.with("content-type", "application/json")
    }

    /// The answer as it goes out.
    func response(_ reply: Reply, _ requestID: String, _ passage: Passage) -> HTTPResponse {
        let isJSON = reply.contentType == "application/json"
        var headers =
            reply.version == nil ? (isJSON ? uncachedJSON : uncached) : (isJSON ? cachedJSON : cached)
        if !isJSON, !reply.contentType.isEmpty { headers.append("content-type", reply.contentType) }
        if let version = reply.version { headers.append("etag", ETag.text(version)) }
        headers.append("x-request-id", requestID)
        Self.append(passage.standings, to: &headers)
        if let origin = passage.origin {
            headers.append("access-control-allow-origin", origin)
            headers.append("access-control-expose-headers", Self.exposed)
        }
        for (name, value) in reply.headers { headers[name] = value }
        return HTTPResponse(status: reply.status, headers: headers, body: reply.body)
    }

    private static let exposed =
        "ETag, Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"

    private static func append(_ standings: [RateStanding], to headers: inout HTTPHeaders) {
        guard var policy = standings.first?.policy, var state = standings.first?.state else { return }
        for standing in standings.dropFirst() {
            policy += ", " + standing.policy
            state += ", " + standing.state
        }
        headers.append("ratelimit-policy", policy)
        headers.append("ratelimit", state)
    }
}

extension HTTPHeaders {
    fileprivate func with(_ name: String, _ value: String) -> HTTPHeaders {
        var headers = self
        headers.append(name, value)
        return headers
    }
}
