/// Why a model call failed.
public struct ModelError: Error, Sendable, Hashable {
    /// What sort of failure it is, whichever provider it came from.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case authentication, permission, notFound, invalidRequest, contextTooLong, tooLarge
        case rateLimited, quotaExhausted, overloaded, serverError
        /// No connection, or one that broke before anything was said.
        case unreachable
        /// The stream ended in the middle.
        case interrupted
        case timedOut
        /// The bytes are not what the protocol promises.
        case malformed
        /// The answer is not what the request's schema asks for.
        case schemaMismatch
        /// The provider was not asked: it has failed too often lately.
        case circuitOpen
    }

    /// What sort of failure it is.
    public let kind: Kind
    /// The provider's name, such as `anthropic`.
    public let provider: String
    /// For people; holds no secret and at most 500 characters of what the provider said.
    public let message: String
    /// The HTTP status; nil where there was none.
    public let status: Int?
    /// When the provider says to come back.
    public let retryAfter: Duration?
    /// The provider's id of the call, for its support; nil if it sent none.
    public let requestId: String?
    /// What the provider counted before it failed, if anything.
    public let usage: TokenUsage?
    /// The same as the provider sent it, to the letter; nil where it sent nothing.
    public let rawUsage: JSONValue?
    /// How long to wait before the same is asked again, where that is worth a try; nil where it is not. Providers repeat
    /// by themselves only what has cost nothing: what more may be spent is for others to say.
    public var retryDelay: Duration?

    /// An error; `message` is cut to 500 characters.
    public init(
        _ kind: Kind, provider: String, message: String, status: Int? = nil, retryAfter: Duration? = nil,
        requestId: String? = nil, usage: TokenUsage? = nil, rawUsage: JSONValue? = nil
    ) {
        self.kind = kind
        self.provider = provider
        self.message = String(message.prefix(500))
        self.status = status
        self.retryAfter = retryAfter
        self.requestId = requestId
        self.usage = usage
        self.rawUsage = rawUsage
    }

    /// Whether the same call may succeed later.
    public var isTransient: Bool {
        switch kind {
        case .rateLimited, .overloaded, .serverError, .unreachable, .interrupted, .timedOut, .circuitOpen: true
        default: false
        }
    }

    /// Whether the provider may have begun to answer before it failed. One that refuses charges nothing, nor does one
    /// that was not reached, or something else that answered in its place.
    public var mayHaveUsedTokens: Bool {
        if let usage { return usage.inputTokens + usage.outputTokens > 0 }
        guard status == nil else { return false }
        return switch kind {
        case .serverError, .overloaded, .interrupted, .timedOut, .malformed, .schemaMismatch: true
        case .authentication, .permission, .notFound, .invalidRequest, .contextTooLong, .tooLarge, .rateLimited,
            .quotaExhausted, .unreachable, .circuitOpen:
            false
        }
    }
}

extension ModelError: CustomStringConvertible {
    /// Provider, kind and message, for logs.
    public var description: String { "\(provider): \(kind.rawValue): \(message)" }
}
