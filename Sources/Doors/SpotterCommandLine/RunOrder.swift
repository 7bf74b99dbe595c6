public import SpotterDomain

/// A task for an agent on its own, as the terminal gives it.
public struct RunOrder: Sendable {
    /// The organisation's slug.
    public let organization: String
    /// The agent's name, role or id.
    public let agent: String
    /// What is to be done.
    public let task: String
    /// What it is given to work on: an object.
    public let input: JSONValue
    /// How it goes about it.
    public let options: AutonomyOptions
    /// How long it may take, in seconds.
    public let timeoutSeconds: Int

    /// An order.
    public init(
        organization: String, agent: String, task: String, input: JSONValue = .object(JSONObject()),
        options: AutonomyOptions = AutonomyOptions(), timeoutSeconds: Int = 3_600
    ) {
        self.organization = organization
        self.agent = agent
        self.task = task
        self.input = input
        self.options = options
        self.timeoutSeconds = timeoutSeconds
    }
}
