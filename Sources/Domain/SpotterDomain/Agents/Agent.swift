public import Foundation

/// Marks the ids of agents.
public enum AgentKind: IdentifierKind {
    /// Ids begin with `agent_`.
    public static let prefix = "agent"
}

/// The id of an agent, such as `agent_01h…`.
public typealias AgentID = Identifier<AgentKind>

/// A member of a gym's AI staff, as it is now. Every change makes a new immutable version; a run keeps the one it
/// started with.
public struct Agent: Sendable, Codable, Hashable {
    /// The same for all versions.
    public let id: AgentID
    /// 1 for the first version, one more with each change.
    public let version: Int
    /// What people set, as of this version.
    public var settings: AgentSettings
    /// The template it was seeded from, such as `gym/support-assistant`; nil for agents made by hand.
    public var template: String?
    /// When version 1 was made.
    public let createdAt: Date
    /// When this version was made.
    public var updatedAt: Date

    /// An agent as it stands at `version`.
    public init(
        id: AgentID, version: Int, settings: AgentSettings, template: String? = nil, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.version = version
        self.settings = settings
        self.template = template
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// Everything about an agent that people may set.
public struct AgentSettings: Sendable, Codable, Hashable {
    /// Shown to people; unique in the organisation; 1 to 100 characters.
    public var name: String
    /// What the agent is for, in a sentence; at most 1,000 characters.
    public var description: String?
    /// A short word for its job, such as `support-assistant`.
    public var role: String?
    /// What the model is told first; 1 to 100,000 characters.
    public var systemPrompt: String
    /// The model it runs on, such as `claude-sonnet-4-5` or `offline`.
    public var model: String
    /// Names of the tools it may use, at most 128; nil means none.
    public var tools: [String]?
    /// What it is good at, for routing; at most 64; nil means nothing in particular.
    public var capabilities: [String]?
    /// What it can be called to do by name, with parameters; at most 64; nil means only to answer messages.
    public var actions: [AgentAction]?
    /// How many calls of it may be under way at one time; nil means any number, or ten of an external one.
    public var maxConcurrent: Int?
    /// Where it is reached, if it is not run here; nil means that it is.
    public var external: ExternalAgent?
    /// How urgent its work is; nil means medium.
    public var priority: Priority?
    /// From 0, steady, to 2, wild; nil means 0.7.
    public var temperature: Double?
    /// The longest answer of one model call, in tokens, 1 to 200,000; nil means 4,096.
    public var maxOutputTokens: Int?
    /// Bounds of one run; nil means the defaults of `AgentLimits`.
    public var limits: AgentLimits?
    /// What the model is shown of what came before; nil means as much as it can read.
    public var context: ContextSettings?
    /// A disabled agent answers nobody; nil means enabled.
    public var enabled: Bool?
    /// The organisation's own labels; nil means none.
    public var metadata: [String: String]?

    /// Settings in which everything but name, prompt and model may be left to the defaults.
    public init(
        name: String, description: String? = nil, role: String? = nil, systemPrompt: String, model: String,
        tools: [String]? = nil, capabilities: [String]? = nil, priority: Priority? = nil,
        temperature: Double? = nil, maxOutputTokens: Int? = nil, limits: AgentLimits? = nil,
        context: ContextSettings? = nil, enabled: Bool? = nil, metadata: [String: String]? = nil,
        actions: [AgentAction]? = nil, maxConcurrent: Int? = nil, external: ExternalAgent? = nil
    ) {
        self.actions = actions
        self.maxConcurrent = maxConcurrent
        self.external = external
        self.name = name
        self.description = description
        self.role = role
        self.systemPrompt = systemPrompt
        self.model = model
        self.tools = tools
        self.capabilities = capabilities
        self.priority = priority
        self.temperature = temperature
        self.maxOutputTokens = maxOutputTokens
        self.limits = limits
        self.context = context
        self.enabled = enabled
        self.metadata = metadata
    }
}

extension AgentSettings: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("Shown to people; unique in the organisation.", length: 1...100, example: "Support Assistant"),
        "description": Field("What the agent is for, in a sentence.", length: 0...1_000),
        "role": Field("A short word for its job, such as `support-assistant`.", length: 0...100),
        "system_prompt": Field("What the model is told first.", length: 1...100_000),
        "model": Field("Such as `gpt-4o-mini`, `claude-sonnet-4-5` or `offline`.", length: 1...100, example: "offline"),
        "tools": Field("Names of the tools it may use.", count: 0...128, example: ["search_clients"]),
        "capabilities": Field("What it is good at, for routing by capability.", count: 0...64),
        "actions": Field("What it can be called to do by name, with parameters.", count: 0...64),
        "max_concurrent": Field("How many calls of it may be under way at one time.", range: 1...10_000),
        "external": Field("Where it is reached, if it is not run here."),
        "temperature": Field("0 is steady, 2 is wild.", range: 0...2),
        "max_output_tokens": Field("The longest answer of one model call.", range: 1...200_000),
        "enabled": Field("A disabled agent answers nobody."),
        "metadata": Field("Your own labels."),
    ]

    /// The same settings with every default spelled out, as agents are stored and shown.
    public var resolved: AgentSettings {
        var settings = self
        settings.tools = tools ?? []
        settings.capabilities = capabilities ?? []
        settings.priority = priority ?? .medium
        settings.temperature = temperature ?? 0.7
        settings.maxOutputTokens = maxOutputTokens ?? 4_096
        settings.limits = (limits ?? AgentLimits()).resolved
        settings.enabled = enabled ?? true
        settings.metadata = metadata ?? [:]
        return settings
    }
}

/// How urgent something is.
public enum Priority: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case critical, high, medium, low
}
