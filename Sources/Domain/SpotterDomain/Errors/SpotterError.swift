/// The one error that crosses rooms. Everything that is not one is `internal`, and its text is never shown outside.
public struct SpotterError: Error, Sendable {
    /// Stable names, part of the API.
    public enum Code: String, Sendable, CaseIterable {
        /// The request cannot be understood or breaks a rule; `issues` says where.
        case invalid
        /// The request is well formed, and what it describes cannot be done: a circle, a name that nothing has; `issues`
        /// says where.
        case unprocessable
        case unauthenticated
        case forbidden
        /// Does not exist, or belongs to another organisation: the two are never told apart.
        case notFound = "not_found"
        /// Was there, and is no longer kept.
        case gone
        /// The state of the resource does not allow this.
        case conflict
        /// The organisation has as many of something as it may have.
        case limitReached = "limit_reached"
        /// `If-Match` names a version that is no longer the current one.
        case preconditionFailed = "precondition_failed"
        /// The idempotency key was used for another request.
        case idempotencyMismatch = "idempotency_key_reused"
        /// The first request with this idempotency key is still running.
        case idempotencyRunning = "idempotency_key_in_use"
        case tooLarge = "too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case methodNotAllowed = "method_not_allowed"
        /// What is asked for is spoken in another protocol.
        case upgradeRequired = "upgrade_required"
        case rateLimited = "rate_limited"
        /// A model provider failed or refused.
        case providerFailed = "provider_failed"
        /// Something Spotter needs is not reachable now; trying again may help.
        case unavailable
        case timedOut = "timed_out"
        case cancelled
        case `internal`
    }

    /// What sort of error it is, for programs.
    public let code: Code
    /// For the caller: what is wrong and what to do. Never holds a secret or another organisation's data.
    public let message: String
    /// What is wrong with the input, place by place; empty where that does not apply.
    public let issues: [FieldIssue]
    /// For the log only.
    public let cause: (any Error)?
    /// When trying again may help, in seconds.
    public let retryAfter: Int?

    /// An error; `retryAfter` is in seconds.
    public init(
        _ code: Code, _ message: String, issues: [FieldIssue] = [], cause: (any Error)? = nil, retryAfter: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.issues = issues
        self.cause = cause
        self.retryAfter = retryAfter
    }

    /// A body that breaks its schema.
    public static func invalid(_ issues: [FieldIssue]) -> SpotterError {
        let first = issues.first.map { issue in
            DidYouMean.sentence("\(issue.pointer.isEmpty ? "The value" : "`\(issue.pointer)`") \(issue.message)")
        }
        return SpotterError(.invalid, first ?? "The request is not valid.", issues: issues)
    }

    /// The same of a document that has the right form and cannot be run.
    public var unprocessable: SpotterError {
        SpotterError(.unprocessable, message, issues: issues, cause: cause, retryAfter: retryAfter)
    }

    /// One field that breaks a rule.
    public static func invalid(_ pointer: String, _ message: String) -> SpotterError {
        .invalid([FieldIssue(pointer: pointer, message: message)])
    }

    /// - Parameter noun: such as `agent`.
    public static func notFound(_ noun: String) -> SpotterError {
        SpotterError(.notFound, "There is no such \(noun) in this organisation.")
    }
}

extension SpotterError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Code and message; the cause is left out.
    public var description: String { "\(code.rawValue): \(message)" }
    /// The same with its cause in the words that hold no values of rows: for the log only.
    public var debugDescription: String { cause.map { "\(description) (\($0))" } ?? description }
}
