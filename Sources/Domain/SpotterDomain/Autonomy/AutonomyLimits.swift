/// How far an agent on its own may go in one run.
public struct AutonomyLimits: Sendable, Codable, Hashable {
    /// Model calls in all; nil means 50.
    public var maxIterations: Int?
    /// Iterations in a row in which everything failed, before a person is asked; nil means 3.
    public var maxConsecutiveErrors: Int?
    /// The longest answer of one model call, in tokens; nil means the agent's own, or 4,096.
    public var maxOutputTokens: Int?

    /// Limits; what is nil is left to the defaults.
    public init(maxIterations: Int? = nil, maxConsecutiveErrors: Int? = nil, maxOutputTokens: Int? = nil) {
        self.maxIterations = maxIterations
        self.maxConsecutiveErrors = maxConsecutiveErrors
        self.maxOutputTokens = maxOutputTokens
    }

    /// What the seeds of this product have always allowed.
    public static let standard = (iterations: 50, consecutiveErrors: 3, outputTokens: 4_096)
}

extension AutonomyLimits: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "max_iterations": Field("Model calls in all; 50.", range: 1...200),
        "max_consecutive_errors": Field(
            "Iterations in a row in which everything failed, before a person is asked; 3.", range: 1...20),
        "max_output_tokens": Field(
            "The longest answer of one model call; the agent's own, or 4096.", range: 1...200_000),
    ]
}
