/// An agent as a file: the front matter of `templates/agents/*.md` and its body.
public struct AgentTemplate: Sendable, Hashable {
    /// The file's name without its ending, such as `support-assistant`.
    public let slug: String
    public let settings: AgentSettings

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
    public var name: String
    public var description: String?
    public var role: String?
    public var model: String
    public var tools: [String]?
    public var capabilities: [String]?
    public var priority: Priority?
    public var temperature: Double?
    public var maxOutputTokens: Int?
    public var limits: AgentLimits?
    public var enabled: Bool?
    public var metadata: [String: String]?

    /// The agent's settings with the body of the file as the prompt.
    public func settings(prompt: String) -> AgentSettings {
        AgentSettings(
            name: name, description: description, role: role, systemPrompt: prompt, model: model, tools: tools,
            capabilities: capabilities, priority: priority, temperature: temperature,
            maxOutputTokens: maxOutputTokens, limits: limits, enabled: enabled, metadata: metadata)
    }
}

extension AgentFrontMatter: FieldsDescribed {
    public static let fields = AgentSettings.fields.filter { $0.key != "system_prompt" }
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
    public enum Action: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case created, updated, unchanged, skipped
        /// People changed it: it is left alone.
        case edited
    }

    public let template: String
    public let name: String
    public let action: Action
    public let agentId: AgentID?

    public init(template: String, name: String, action: Action, agentId: AgentID?) {
        self.template = template
        self.name = name
        self.action = action
        self.agentId = agentId
    }
}
