import HTTPServerKit
import SpotterDomain

/// `/v1/memory`: what agents and people note under a key, for one conversation, one agent or everybody.
enum MemoryRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), get(services), put(services), delete(services)]
    }

    /// Whose memory it is.
    private static let owners: [Route.QueryParameter] = [
        .init(name: "agent_id", schema: AgentID.schema),
        .init(name: "conversation_id", schema: ConversationID.schema),
    ]

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/memory", "listMemory", "List what is kept in memory, newest first", tag: "Memory",
            permission: .memoryRead,
            query: .page + owners + [
                .init(name: "scope", schema: MemoryScope.Kind.schema),
                .init(name: "q", schema: JSONSchema(.string, description: "A part of the key.")),
            ],
            answers: [.json(200, "One page.", ListResource<MemoryResource>.self)]
        ) { context in
            let filter = MemoryFilter(scope: try wanted(context), search: context.query["q"])
            let page = try await services.memory.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(MemoryResource.init)))
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/memory/{key}", "getMemory", "Read what is kept under a key", tag: "Memory",
            permission: .memoryRead, query: owners,
            answers: [.json(200, "The entry.", MemoryResource.self)]
        ) { context in
            let entry = try await services.memory.entry(
                key(context), of: owner(context) ?? .organization, in: context.scope)
            return try .json(MemoryResource(entry), version: entry.version)
        }
    }

    private static func put(_ services: Services) -> Route {
        Route(
            .put, "/v1/memory/{key}", "putMemory", "Keep something under a key", tag: "Memory",
            permission: .memoryWrite, query: owners,
            body: .json(MemoryRequest.self, example: ["value": "Spin on Thursdays"]),
            answers: [.json(200, "The entry, new or in place of the one before.", MemoryResource.self)]
        ) { context in
            let (key, value) = (try key(context), try context.body(MemoryRequest.self).value)
            try MemoryEntry.check(key: key, value: value)
            let entry = MemoryEntry(
                id: services.ids.id(at: context.now), scope: try owner(context) ?? .organization, key: key,
                value: value, createdAt: context.now, updatedAt: context.now)
            let saved = try await services.memory.put(entry, version: context.expectedVersion(), in: context.scope)
            return try .json(MemoryResource(saved), version: saved.version)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/memory/{key}", "deleteMemory", "Forget what is kept under a key", tag: "Memory",
            permission: .memoryWrite, query: owners, answers: [.empty(204, "It is gone.")]
        ) { context in
            try await services.memory.delete(
                key(context), of: owner(context) ?? .organization, version: context.expectedVersion(),
                in: context.scope)
            return .noContent
        }
    }

    private static func key(_ context: RequestContext) throws -> String {
        let key = context.parameters["key"] ?? ""
        try MemoryEntry.check(key: key)
        return key
    }

    /// Whose memory the query names; nil where it names nobody's.
    private static func owner(_ context: RequestContext) throws -> MemoryScope? {
        let agent: AgentID? = try context.queryID("agent_id")
        let conversation: ConversationID? = try context.queryID("conversation_id")
        guard agent == nil || conversation == nil else {
            throw SpotterError.invalid("/conversation_id", "cannot be given together with agent_id")
        }
        return agent.map { .agent($0) } ?? conversation.map { .conversation($0) }
    }

    private static func wanted(_ context: RequestContext) throws -> MemoryScope? {
        let owner = try owner(context)
        switch try context.choice("scope", MemoryScope.Kind.self) {
        case nil: return owner
        case .organization where owner == nil: return .organization
        case let kind? where owner?.kind == kind: return owner
        case .agent? where owner == nil: throw SpotterError.invalid("/agent_id", "is needed with scope=agent")
        case .conversation? where owner == nil:
            throw SpotterError.invalid("/conversation_id", "is needed with scope=conversation")
        case let kind?:
            throw SpotterError.invalid("/scope", "is \(kind.rawValue), but an id of another scope is given")
        }
    }
}
