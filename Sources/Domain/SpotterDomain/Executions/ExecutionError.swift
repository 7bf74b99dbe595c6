/// Why an execution or a step failed, for people and programs.
public struct ExecutionError: Error, Sendable, Codable, Hashable {
    /// Stable, snake_case.
    public let code: String
    /// What happened, for people; holds no secret.
    public let message: String
    /// Whether the same may succeed later; nil means no.
    public let isTransient: Bool?
    /// When to try again at the earliest, in seconds, where the other side said so.
    public let retryAfter: Double?

    /// An error of a stable code with words for people; lasting unless it is said to pass.
    public init(code: String, message: String, isTransient: Bool? = nil, retryAfter: Double? = nil) {
        self.code = code
        self.message = message
        self.isTransient = isTransient
        self.retryAfter = retryAfter
    }
}
