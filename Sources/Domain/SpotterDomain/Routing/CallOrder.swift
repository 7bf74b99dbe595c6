/// What a call of an agent is started with: the input of an execution of kind `call`.
///
/// Either `agentId` says who is called, or `capability` what whoever is called must be able to do; with both, that agent
/// must be able to do it.
public struct CallOrder: Sendable, Codable, Hashable {
    /// `message`, or the name of an action or of a capability that the agent has.
    public var action: String
    /// Who is called; nil for the best of those who can.
    public var agentId: AgentID?
    /// What whoever is called must be able to do; nil for anything.
    public var capability: String?
    /// What would be good to have besides.
    public var optionalCapabilities: [String]?
    /// What the action is given: an object. Of a message `{content}`, and `schema` where a JSON object is wanted.
    public var parameters: JSONValue
    /// The session that the call belongs to; nil outside of one.
    public var sessionId: String?
    /// How long all of it may take, the wait for somebody free included; nil for five minutes.
    public var timeoutMs: Int?
    /// Whether a REQUEST and a RESPONSE are kept of it; nil means not.
    public var writeContracts: Bool?
    /// Whether what the offline model says counts as no answer; nil means not.
    public var requiresModel: Bool?
    /// Whether it waits, as long as it may take, for an agent that is offline or left alone after failures: for what
    /// nobody waits for. Nil means that it fails at once.
    public var isPatient: Bool?

    /// An order; by default a message, without a session and without contracts.
    public init(
        action: String = messageAction, agentId: AgentID? = nil, capability: String? = nil,
        optionalCapabilities: [String]? = nil, parameters: JSONValue, sessionId: String? = nil, timeoutMs: Int? = nil,
        writeContracts: Bool? = nil
    ) {
        self.action = action
        self.agentId = agentId
        self.capability = capability
        self.optionalCapabilities = optionalCapabilities
        self.parameters = parameters
        self.sessionId = sessionId
        self.timeoutMs = timeoutMs
        self.writeContracts = writeContracts
    }

    /// What every agent can do: answer a message.
    public static let messageAction = "message"
    /// How long a call may take unless it says otherwise.
    public static let usualTimeoutMs = 300_000
    /// The longest that a call may take: a day.
    public static let longestTimeoutMs = 86_400_000

    /// What whoever is called must be able to do: its capability, and the action if it is one.
    public var required: [String] {
        var names = [capability].compactMap { $0 }
        if action != Self.messageAction, !names.contains(action) { names.append(action) }
        return names
    }

    /// What is wrong with it, whoever is called.
    public var issues: [FieldIssue] {
        var issues: [FieldIssue] = []
        if action.isEmpty { issues.append(.init(pointer: "/action", message: "must not be empty")) }
        if agentId == nil, required.isEmpty {
            issues.append(.init(pointer: "/agent_id", message: "is required unless there is a capability"))
        }
        if parameters.object == nil { issues.append(.init(pointer: "/parameters", message: "must be an object")) }
        if action == Self.messageAction, agentId != nil || capability != nil, parameters.object != nil,
            parameters["content"]?.string?.isEmpty ?? true
        {
            issues.append(.init(pointer: "/parameters/content", message: "must be what is said: a string"))
        }
        if let timeoutMs, !(1...Self.longestTimeoutMs).contains(timeoutMs) {
            issues.append(.init(pointer: "/timeout_ms", message: "must be 1 to \(Self.longestTimeoutMs)"))
        }
        return issues
    }
}
