import Foundation
import SpotterDomain

/// An agent as the API shows it.
struct AgentResource: Codable, Sendable {
    let id: AgentID
    let version: Int
    let name: String
    let description: String?
    let role: String?
    let systemPrompt: String
    let model: String
    let tools: [String]
    let capabilities: [String]
    let actions: [AgentAction]
    let maxConcurrent: Int?
    let external: ExternalAgent?
    let priority: Priority
    let temperature: Double
    let maxOutputTokens: Int
    let limits: AgentLimits
    let enabled: Bool
    let metadata: [String: String]
    let template: String?
    let createdAt: Date
    let updatedAt: Date

    init(_ agent: Agent) {
        let settings = agent.settings
        id = agent.id
        version = agent.version
        name = settings.name
        description = settings.description
        role = settings.role
        systemPrompt = settings.systemPrompt
        model = settings.model
        tools = settings.tools ?? []
        capabilities = settings.capabilities ?? []
        actions = settings.actions ?? []
        maxConcurrent = settings.maxConcurrent
        external = settings.external
        priority = settings.priority ?? .medium
        temperature = settings.temperature ?? 0.7
        maxOutputTokens = settings.maxOutputTokens ?? 4_096
        limits = settings.limits ?? AgentLimits()
        enabled = settings.enabled ?? true
        metadata = settings.metadata ?? [:]
        template = agent.template
        createdAt = agent.createdAt
        updatedAt = agent.updatedAt
    }
}

extension AgentResource: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("version", version)
            json.member("name", name)
            json.member("description", description)
            json.member("role", role)
            json.member("system_prompt", systemPrompt)
            json.member("model", model)
            json.member("tools", tools)
            json.member("capabilities", capabilities)
            json.member("actions", actions)
            json.member("max_concurrent", maxConcurrent)
            json.member("external", external)
            json.member("priority", priority)
            json.member("temperature", temperature)
            json.member("max_output_tokens", maxOutputTokens)
            json.member("limits", limits)
            json.member("enabled", enabled)
            json.member("metadata", metadata)
            json.member("template", template)
            json.member("created_at", createdAt)
            json.member("updated_at", updatedAt)
        }
    }
}

/// A version of an agent as the API shows it.
struct AgentVersionResource: Codable, Sendable {
    let agentId: AgentID
    let version: Int
    let settings: AgentSettings
    let createdAt: Date

    init(_ version: AgentVersion) {
        agentId = version.agentId
        self.version = version.version
        settings = version.settings
        createdAt = version.createdAt
    }
}

extension AgentVersionResource: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("agent_id", agentId)
            json.member("version", version)
            json.member("settings", settings)
            json.member("created_at", createdAt)
        }
    }
}

/// What a rollback asks for.
struct RollbackRequest: Codable, Sendable, FieldsDescribed {
    let version: Int
    static let fields = ["version": Field("The version to go back to; it becomes a new one.", range: 1...1_000_000_000)]
}
