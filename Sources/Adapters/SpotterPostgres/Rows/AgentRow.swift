import PostgresKit
import SpotterDomain

extension Agent {
    /// Reads the columns in the order that every query of agents lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), version: try row.get(1), settings: try AgentSettings(row), template: try row.get(16),
            createdAt: try row.get(17), updatedAt: try row.get(18))
    }

    /// With every default spelled out, as agents are stored.
    var resolved: Agent {
        var agent = self
        agent.settings = settings.resolved
        return agent
    }

    /// `$1` to `$27`: the agent in the order of its columns, then name and search keys, what fits its context, what a
    /// run may spend, and how it is called.
    func parameters() throws -> [PostgresValue] {
        let settings = settings.resolved
        let limits = (settings.limits ?? AgentLimits()).resolved
        return [
            .id(id), .int(Int64(version)), .text(settings.name), .text(settings.description), .text(settings.role),
            .text(settings.systemPrompt), .text(settings.model), .textArray(settings.tools),
            .textArray(settings.capabilities), .text(settings.priority?.rawValue), .double(settings.temperature),
            settings.maxOutputTokens.postgresValue, limits.maxSteps.postgresValue,
            limits.timeoutSeconds.postgresValue, .bool(settings.enabled), try .document(settings.metadata),
            .text(template), .timestamp(createdAt), .timestamp(updatedAt), .text(FoldedText.fold(settings.name)),
            .text(FoldedText.searchKey(settings.name, settings.description, settings.role)),
            try .document(settings.context), limits.maxCost.postgresValue, limits.maxTokens.postgresValue,
            try .document(settings.actions), settings.maxConcurrent.postgresValue, try .document(settings.external),
        ]
    }
}

extension AgentSettings {
    fileprivate init(_ row: Row) throws {
        self.init(
            name: try row.get(2), description: try row.get(3), role: try row.get(4), systemPrompt: try row.get(5),
            model: try row.get(6), tools: try row.get(7, as: [String].self),
            capabilities: try row.get(8, as: [String].self), priority: try row.named(9),
            temperature: try row.get(10, as: Double.self), maxOutputTokens: try row.get(11, as: Int.self),
            limits: AgentLimits(
                maxSteps: try row.get(12, as: Int.self), timeoutSeconds: try row.get(13, as: Int.self),
                maxCost: try row.get(20), maxTokens: try row.get(21)),
            context: try row.optionalDocument(19), enabled: try row.get(14, as: Bool.self),
            metadata: try row.labels(15),
            actions: try row.optionalDocument(22), maxConcurrent: try row.get(23),
            external: try row.optionalDocument(24))
    }
}

extension AgentVersion {
    /// Reads agent, version, settings, time.
    init(_ row: Row) throws {
        self.init(
            agentId: try row.id(0), version: try row.get(1), settings: try row.document(2),
            createdAt: try row.get(3))
    }
}
