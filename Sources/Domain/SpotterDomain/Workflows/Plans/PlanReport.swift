/// What a plan came to: per step, and in all.
public struct PlanReport: Sendable, Codable, Hashable {
    /// What one step came to.
    public struct StepResult: Sendable, Codable, Hashable {
        /// Whether it ended well.
        public let success: Bool
        /// What came of it; nil unless it ended well.
        public let data: JSONValue?
        /// Why it failed; nil unless it did.
        public let error: String?

        /// A result.
        public init(success: Bool, data: JSONValue?, error: String?) {
            self.success = success
            self.data = data
            self.error = error
        }
    }

    /// The run.
    public let executionId: ExecutionID
    /// Whether the plan, or what was run in its place, ended well.
    public let success: Bool
    /// How far the run is.
    public let state: ExecutionState
    /// How long it took, in milliseconds; nil while it runs.
    public let durationMs: Int?
    /// By the ids of the steps; those that never ran are not there.
    public let results: [String: StepResult]
    /// What went wrong; nil if nothing did.
    public let errors: [String]?
    /// Whether the fallback plan was taken; nil if not.
    public let fallback: Bool?

    /// A report.
    public init(
        executionId: ExecutionID, success: Bool, state: ExecutionState, durationMs: Int?,
        results: [String: StepResult], errors: [String]?, fallback: Bool?
    ) {
        self.executionId = executionId
        self.success = success
        self.state = state
        self.durationMs = durationMs
        self.results = results
        self.errors = errors
        self.fallback = fallback
    }
}
