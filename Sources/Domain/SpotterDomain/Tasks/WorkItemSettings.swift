public import Foundation

/// Everything about a task that people may set.
public struct WorkItemSettings: Sendable, Codable, Hashable {
    /// Shown to people, and what the agent is told first; 1 to 200 characters.
    public var title: String
    /// What is to be done, for the agent; at most 20,000 characters.
    public var description: String?
    /// Who does it; nil leaves the choice to `requiredCapabilities`.
    public var agentId: AgentID?
    /// What whoever does it must be able to do, at most 64; nil or empty where `agentId` says who.
    public var requiredCapabilities: [String]?
    /// What the agent is given to work on: an object; nil means an empty one.
    public var input: JSONValue?
    /// How soon its turn comes; nil means medium.
    public var priority: Priority?
    /// How it is run; nil means as one message.
    public var kind: Kind?
    /// When it runs by itself, once; nil for not.
    public var runAt: Date?
    /// When it runs by itself, again and again; nil for not.
    public var schedule: ScheduleRule?
    /// The tasks whose last runs must have completed before a run of this one begins, at most 50; nil means none.
    public var dependsOn: [WorkItemID]?
    /// Tries of one run in all, 1 to 10; nil means 3.
    public var maxAttempts: Int?
    /// The wait after a run's first failure, in milliseconds, 0 to 3,600,000; nil means 1,000.
    public var backoffMs: Int?
    /// How the wait grows; nil means exponential.
    public var backoff: RetryPolicy.Backoff?
    /// How long one attempt may take, 1 to 86,400; nil means 300.
    public var timeoutSeconds: Int?
    /// A disabled task does not run by itself, only when somebody asks for it; nil means enabled.
    public var enabled: Bool?
    /// The organisation's own labels; nil means none.
    public var metadata: [String: String]?

    /// How a task is run.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// As one turn of its agent.
        case message
        /// By the agent on its own: it plans, acts and observes until the goal is reached.
        case autonomous
    }

    /// How long an attempt may take unless said otherwise, in seconds.
    public static let defaultTimeout = 300

    /// Settings in which everything but the title may be left to the defaults.
    public init(
        title: String, description: String? = nil, agentId: AgentID? = nil, requiredCapabilities: [String]? = nil,
        input: JSONValue? = nil, priority: Priority? = nil, kind: Kind? = nil, runAt: Date? = nil,
        schedule: ScheduleRule? = nil, dependsOn: [WorkItemID]? = nil, maxAttempts: Int? = nil, backoffMs: Int? = nil,
        backoff: RetryPolicy.Backoff? = nil, timeoutSeconds: Int? = nil, enabled: Bool? = nil,
        metadata: [String: String]? = nil
    ) {
        self.title = title
        self.description = description
        self.agentId = agentId
        self.requiredCapabilities = requiredCapabilities
        self.input = input
        self.priority = priority
        self.kind = kind
        self.runAt = runAt
        self.schedule = schedule
        self.dependsOn = dependsOn
        self.maxAttempts = maxAttempts
        self.backoffMs = backoffMs
        self.backoff = backoff
        self.timeoutSeconds = timeoutSeconds
        self.enabled = enabled
        self.metadata = metadata
    }
}

extension WorkItemSettings: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "title": Field("What is to be done, in a line.", length: 1...200, example: "Weekly revenue report"),
        "description": Field("What is to be done, for the agent.", length: 0...20_000),
        "agent_id": Field("Who does it. Give this or `required_capabilities`."),
        "required_capabilities": Field(
            "What whoever does it must be able to do; the most specific agent is taken. Give this or `agent_id`.",
            count: 0...64),
        "input": Field("What the agent is given to work on: an object."),
        "run_at": Field("When it runs by itself, once. Not together with `schedule`."),
        "schedule": Field("When it runs by itself, again and again."),
        "depends_on": Field(
            "Tasks whose last runs must have completed before a run of this one begins.", count: 0...50),
        "max_attempts": Field("Tries of one run in all, the first one included; 3.", range: 1...10),
        "backoff_ms": Field(
            "Up to how long is waited after a run's first failure, in milliseconds; 1000 by default.",
            range: 0...3_600_000),
        "backoff": Field("\(RetryPolicy.backoffText) Exponential by default."),
        "timeout_seconds": Field("How long one attempt may take; 300.", range: 1...86_400),
        "enabled": Field("A disabled task does not run by itself, only when somebody asks for it."),
        "metadata": Field("Your own labels."),
    ]

    /// The same settings with every default spelled out, as tasks are stored and shown. The schedule's time zone is
    /// the caller's to fill in: it is the organisation's.
    public var resolved: WorkItemSettings {
        var settings = self
        settings.requiredCapabilities = requiredCapabilities ?? []
        settings.input = input ?? .object(JSONObject())
        settings.priority = priority ?? .medium
        settings.kind = kind ?? .message
        settings.dependsOn = dependsOn ?? []
        settings.maxAttempts = maxAttempts ?? 3
        settings.backoffMs = backoffMs ?? 1_000
        settings.backoff = backoff ?? .exponential
        settings.timeoutSeconds = timeoutSeconds ?? Self.defaultTimeout
        settings.enabled = enabled ?? true
        settings.metadata = metadata ?? [:]
        return settings
    }

    /// What happens when a run fails.
    public var retryPolicy: RetryPolicy {
        RetryPolicy(maxAttempts: maxAttempts ?? 3, backoffMs: backoffMs ?? 1_000, backoff: backoff ?? .exponential)
    }

    /// What is wrong with them that their schema cannot say. What they name is not looked up here.
    public var issues: [FieldIssue] {
        var issues: [FieldIssue] = []
        func refuse(_ pointer: String, _ message: String) { issues.append(.init(pointer: pointer, message: message)) }
        if title.allSatisfy(\.isWhitespace) { refuse("/title", "must not be blank") }
        let capabilities = requiredCapabilities ?? []
        for (index, capability) in capabilities.enumerated() where capability.allSatisfy(\.isWhitespace) {
            refuse("/required_capabilities/\(index)", "must not be blank")
        }
        switch (agentId, capabilities.isEmpty) {
        case (nil, true): refuse("/agent_id", "is required unless required_capabilities are given")
        case (.some, false): refuse("/required_capabilities", "cannot be given together with agent_id")
        default: break
        }
        if let input, input.object == nil { refuse("/input", "must be an object") }
        if runAt != nil, schedule != nil { refuse("/run_at", "cannot be given together with a schedule") }
        issues += schedule?.issues() ?? []
        var seen: Set<WorkItemID> = []
        for (index, id) in (dependsOn ?? []).enumerated() where !seen.insert(id).inserted {
            refuse("/depends_on/\(index)", "is there twice")
        }
        return issues
    }
}
