/// An agent as a file: the front matter of `templates/agents/*.md` and its body.
public struct AgentTemplate: Sendable, Hashable {
    /// The file's name without its ending, such as `support-assistant`.
    public let slug: String
    /// What an agent made from it starts with.
    public let settings: AgentSettings

    /// A template whose settings were read already.
    public init(slug: String, settings: AgentSettings) {
        self.slug = slug
        self.settings = settings
    }

    /// `metadata.pack`, or `gym`.
    public var pack: String { settings.metadata?["pack"] ?? "gym" }

    /// How agents seeded from it remember where they came from.
    public var reference: String { "\(pack)/\(slug)" }
}

/// The front matter: an agent's settings without the prompt, which is the body.
public struct AgentFrontMatter: Sendable, Codable, Hashable {
    /// The name of agents made from it.
    public var name: String
    /// What the agent is for, in a sentence.
    public var description: String?
    /// A short word for its job; nil means none.
    public var role: String?
    /// The model it runs on.
    public var model: String
    /// Names of the tools it may use.
    public var tools: [String]?
    /// What it is good at, for routing.
    public var capabilities: [String]?
    /// What it can be called to do by name, with parameters.
    public var actions: [AgentAction]?
    /// How many calls of it may be under way at one time.
    public var maxConcurrent: Int?
    /// How urgent its work is; nil means medium.
    public var priority: Priority?
    /// From 0, steady, to 2, wild; nil means 0.7.
    public var temperature: Double?
    /// The longest answer of one model call, in tokens; nil means 4,096.
    public var maxOutputTokens: Int?
    /// Bounds of one run; nil means the defaults.
    public var limits: AgentLimits?
    /// What the model is shown of what came before; nil means as much as it can read.
    public var context: ContextSettings?
    /// A disabled agent answers nobody; nil means enabled.
    public var enabled: Bool?
    /// Labels; `pack` among them says which pack the template belongs to.
    public var metadata: [String: String]?

    /// The agent's settings with the body of the file as the prompt.
    public func settings(prompt: String) -> AgentSettings {
        AgentSettings(
            name: name, description: description, role: role, systemPrompt: prompt, model: model, tools: tools,
            capabilities: capabilities, priority: priority, temperature: temperature,
            maxOutputTokens: maxOutputTokens, limits: limits, context: context, enabled: enabled, metadata: metadata,
            actions: actions, maxConcurrent: maxConcurrent)
    }
}

extension AgentFrontMatter: FieldsDescribed {
    /// Meaning and bounds of the members: those of an agent's settings, without the prompt.
    public static let fields = AgentSettings.fields.filter { !["system_prompt", "external"].contains($0.key) }
}

/// What seeding does with an agent that is there already.
public enum SeedMode: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// Leaves it as it is.
    case skipExisting = "skip_existing"
    /// Makes a new version from the template, unless people have edited it since it was seeded.
    case update
}

/// What seeding did, or would do, with one template.
public struct SeedOutcome: Sendable, Codable, Hashable {
    /// What happened, or would happen, to the agent.
    public enum Action: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case created, updated, unchanged, skipped
        /// People changed it: it is left alone.
        case edited
    }

    /// The template's reference, such as `gym/support-assistant`.
    public let template: String
    /// The agent's name.
    public let name: String
    /// What was done, or would be.
    public let action: Action
    /// The agent there is now; nil where none is there.
    public let agentId: AgentID?

    /// The outcome for one template.
    public init(template: String, name: String, action: Action, agentId: AgentID?) {
        self.template = template
        self.name = name
        self.action = action
        self.agentId = agentId
    }
}
