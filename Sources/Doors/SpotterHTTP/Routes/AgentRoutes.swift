import HTTPServerKit
import SpotterDomain

/// `/v1/agents`: the staff.
enum AgentRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), get(services), replace(services), patch(services), delete(services)]
            + [versions(services), rollback(services)]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/agents", "listAgents", "List agents, newest first", tag: "Agents", permission: .agentsRead,
            query: .page + [
                .init(
                    name: "q", schema: JSONSchema(.string, description: "Words to find in name, description or role.")),
                .init(name: "enabled", schema: JSONSchema(.boolean)), .init(name: "role", schema: JSONSchema(.string)),
            ],
            answers: [.json(200, "One page of agents.", ListResource<AgentResource>.self)]
        ) { context in
            let filter = AgentFilter(
                search: context.query["q"], enabled: try context.flag("enabled"), role: context.query["role"])
            let page = try await services.agents.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(AgentResource.init)))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/agents", "createAgent", "Create an agent", tag: "Agents", permission: .agentsWrite,
            body: .json(AgentSettings.self, example: example),
            answers: [.json(201, "The agent.", AgentResource.self)], idempotency: .withEffect
        ) { context in
            let settings = try checked(context.body(AgentSettings.self), services)
            let agent = Agent(
                id: services.ids.id(at: context.now), version: 1, settings: settings.resolved, createdAt: context.now,
                updatedAt: context.now)
            let body = try JSONWriter.encode(AgentResource(agent))
            try await services.agents.create(
                agent, receipt: context.receipt(status: 201, body: body), in: context.scope)
            return Reply.json(body, status: 201, version: agent.version).with("location", "/v1/agents/\(agent.id)")
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/agents/{agent_id}", "getAgent", "Read one agent", tag: "Agents", permission: .agentsRead,
            answers: [.json(200, "The agent.", AgentResource.self)]
        ) { context in
            let agent = try await services.agents.agent(context.id("agent_id", "agent"), in: context.scope)
            return try .json(AgentResource(agent), version: agent.version)
        }
    }

    private static func replace(_ services: Services) -> Route {
        Route(
            .put, "/v1/agents/{agent_id}", "replaceAgent", "Replace an agent's settings", tag: "Agents",
            permission: .agentsWrite, body: .json(AgentSettings.self, example: example),
            answers: [.json(200, "The agent's new version.", AgentResource.self)]
        ) { context in
            let agent = try await services.agents.agent(context.id("agent_id", "agent"), in: context.scope)
            return try await update(agent, to: context.body(AgentSettings.self), services, context)
        }
    }

    private static func patch(_ services: Services) -> Route {
        Route(
            .patch, "/v1/agents/{agent_id}", "updateAgent", "Change some of an agent's settings", tag: "Agents",
            permission: .agentsWrite, body: .patch(AgentSettings.self, example: ["temperature": 0.2]),
            answers: [.json(200, "The agent's new version.", AgentResource.self)]
        ) { context in
            let agent = try await services.agents.agent(context.id("agent_id", "agent"), in: context.scope)
            let patch = try context.json()
            let issues = JSONSchema.derived(from: AgentSettings.self).asPatch.issues(in: patch)
            guard issues.isEmpty else { throw SpotterError.invalid(issues) }
            let settings = try JSONValue(encoding: agent.settings).merging(patch: patch).decoded(as: AgentSettings.self)
            return try await update(agent, to: settings, services, context)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/agents/{agent_id}", "deleteAgent", "Delete an agent", tag: "Agents",
            permission: .agentsWrite, answers: [.empty(204, "It is gone; what it said stays.")]
        ) { context in
            try await services.agents.delete(
                context.id("agent_id", "agent"), version: context.expectedVersion(), in: context.scope)
            return .noContent
        }
    }

    private static func versions(_ services: Services) -> Route {
        Route(
            .get, "/v1/agents/{agent_id}/versions", "listAgentVersions", "List an agent's versions, newest first",
            tag: "Agents", permission: .agentsRead, query: .page,
            answers: [.json(200, "The versions.", ListResource<AgentVersionResource>.self)]
        ) { context in
            let page = try context.page()
            if let after = page.after, after.version == nil { throw Cursor.refusal }
            let versions = try await services.agents.versions(
                of: context.id("agent_id", "agent"), page, in: context.scope)
            // Versions have no gaps: below any but the first there are more.
            let next = versions.last.flatMap { $0.version > 1 ? Cursor(version: $0.version) : nil }
            return try .json(ListResource(Page(items: versions.map(AgentVersionResource.init), next: next)))
        }
    }

    private static func rollback(_ services: Services) -> Route {
        Route(
            .post, "/v1/agents/{agent_id}/rollback", "rollbackAgent", "Go back to an earlier version", tag: "Agents",
            permission: .agentsWrite, body: .json(RollbackRequest.self, example: ["version": 1]),
            answers: [.json(200, "The agent, with the old settings as a new version.", AgentResource.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let id: AgentID = try context.id("agent_id", "agent")
            let wanted = try context.body(RollbackRequest.self).version
            let agent = try await services.agents.agent(id, in: context.scope)
            let old = try await services.agents.version(wanted, of: id, in: context.scope)
            return try await update(agent, to: old.settings, services, context)
        }
    }

    // MARK: Shared

    private static func update(
        _ agent: Agent, to settings: AgentSettings, _ services: Services, _ context: RequestContext
    ) async throws -> Reply {
        try context.checkMatch(agent.version)
        let settings = try checked(
            settings, keeping: agent.settings.tools ?? [], named: agent.settings.name, services
        ).resolved
        // Nothing changed: no new version.
        guard settings != agent.settings else { return try .json(AgentResource(agent), version: agent.version) }
        let updated = Agent(
            id: agent.id, version: agent.version + 1, settings: settings, template: agent.template,
            createdAt: agent.createdAt, updatedAt: context.now)
        try await services.agents.update(updated, in: context.scope)
        return try .json(AgentResource(updated), version: updated.version)
    }

    /// - Parameters:
    ///   - kept: tools the agent has already. They may stay even if this server does not know them yet.
    ///   - name: the agent's present name.
    private static func checked(
        _ settings: AgentSettings, keeping kept: [String] = [], named name: String? = nil, _ services: Services
    ) throws -> AgentSettings {
        var issues: [FieldIssue] = []
        for (index, name) in (settings.tools ?? []).enumerated()
        where services.tools[name] == nil && !kept.contains(name) {
            let hint = DidYouMean.hint(for: name, among: services.tools.names)
            issues.append(FieldIssue(pointer: "/tools/\(index)", message: "is not a tool there is\(hint)"))
        }
        // A name from before this rule may stay.
        if settings.name != name, let problem = DisplayName.problem(with: settings.name) {
            issues.append(.init(pointer: "/name", message: problem))
        }
        issues += settings.callIssues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return settings
    }

    private static let example: JSONValue = [
        "name": "Front Desk", "description": "Answers questions about classes.",
        "system_prompt": "You help the members of the gym.", "model": "offline", "tools": ["view_class_schedule"],
    ]
}
