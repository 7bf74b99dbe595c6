/// What there is in an organisation that a workflow may name; what is nil is not checked.
public struct WorkflowVocabulary: Sendable {
    /// Ids and names of agents, and the slugs of the templates that they were seeded from.
    public var agents: Set<String>?
    /// What agents can be called for, by the ids, names and slugs of `agents`; of those that are not there it is not checked.
    public var offers: [String: Set<String>]
    /// What some agent can do.
    public var capabilities: Set<String>?
    /// The tools by name, with the schemas of their arguments.
    public var tools: [String: JSONSchema]?
    /// Ids and names of workflows.
    public var workflows: Set<String>?

    /// A vocabulary; with the defaults nothing is checked.
    public init(
        agents: Set<String>? = nil, offers: [String: Set<String>] = [:], capabilities: Set<String>? = nil,
        tools: [String: JSONSchema]? = nil, workflows: Set<String>? = nil
    ) {
        self.offers = offers
        self.agents = agents
        self.capabilities = capabilities
        self.tools = tools
        self.workflows = workflows
    }
}
