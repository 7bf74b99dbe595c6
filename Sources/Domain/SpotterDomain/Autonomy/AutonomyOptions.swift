/// How an agent on its own goes about one run.
public struct AutonomyOptions: Sendable, Hashable {
    /// How far it may go; nil means the defaults.
    public var limits: AutonomyLimits?
    /// Whether tools only show what they would do; nil means not.
    public var dryRun: Bool?
    /// The model to run on; nil means the agent's own.
    public var model: String?
    /// Who asked for it; nil means nobody in particular.
    public var requestedBy: String?
    /// What those who asked prefer; nil means nothing was said.
    public var preferences: JSONValue?

    /// Options; what is nil is left to the defaults.
    public init(
        limits: AutonomyLimits? = nil, dryRun: Bool? = nil, model: String? = nil, requestedBy: String? = nil,
        preferences: JSONValue? = nil
    ) {
        self.limits = limits
        self.dryRun = dryRun
        self.model = model
        self.requestedBy = requestedBy
        self.preferences = preferences
    }
}
