import HTTPServerKit
import SpotterDomain

/// `/v1/conversations`: chat sessions.
enum ConversationRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), get(services), patch(services), delete(services)]
    }

    private static var search: JSONSchema {
        var schema = JSONSchema(
            .string,
            description: "Up to ten words. A conversation is found when its title, or one message of it, has for each "
                + "of them a word that begins with it; case does not count. Answers that were replaced are not searched."
        )
        schema.maximumLength = SearchWords.longestSearch
        return schema
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/conversations", "listConversations", "List conversations, newest first", tag: "Conversations",
            permission: .conversationsRead,
            query: .page + [
                .init(name: "agent_id", schema: AgentID.schema),
                .init(name: "q", schema: search),
            ],
            answers: [.json(200, "One page.", ListResource<ConversationResource>.self)]
        ) { context in
            let filter = ConversationFilter(agent: try context.queryID("agent_id"), search: context.query["q"])
            let page = try await services.conversations.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(ConversationResource.init)))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/conversations", "createConversation", "Start a conversation with an agent",
            tag: "Conversations", permission: .conversationsWrite,
            body: .json(ConversationRequest.self, example: ["agent_id": .string(AgentID.sample.description)]),
            answers: [.json(201, "The conversation.", ConversationResource.self)], idempotency: .withEffect
        ) { context in
            let wanted = try context.body(ConversationRequest.self)
            let conversation = Conversation(
                id: services.ids.id(at: context.now), agentId: wanted.agentId,
                title: wanted.title ?? "New conversation", metadata: wanted.metadata ?? [:], createdAt: context.now,
                updatedAt: context.now)
            let body = try JSONWriter.encode(ConversationResource(conversation))
            try await services.conversations.create(
                conversation, receipt: context.receipt(status: 201, body: body), in: context.scope)
            return Reply.json(body, status: 201, version: 1).with("location", "/v1/conversations/\(conversation.id)")
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/conversations/{conversation_id}", "getConversation", "Read one conversation",
            tag: "Conversations", permission: .conversationsRead,
            answers: [.json(200, "The conversation.", ConversationResource.self)]
        ) { context in
            let conversation = try await services.conversations.conversation(
                context.id("conversation_id", "conversation"), in: context.scope)
            return try .json(ConversationResource(conversation), version: conversation.version)
        }
    }

    private static func patch(_ services: Services) -> Route {
        Route(
            .patch, "/v1/conversations/{conversation_id}", "updateConversation", "Rename or relabel a conversation",
            tag: "Conversations", permission: .conversationsWrite,
            body: .patch(ConversationChange.self, example: ["title": "Freezing a membership"]),
            answers: [.json(200, "The conversation.", ConversationResource.self)]
        ) { context in
            var conversation = try await services.conversations.conversation(
                context.id("conversation_id", "conversation"), in: context.scope)
            try context.checkMatch(conversation.version)
            let patch = try context.json()
            let issues = JSONSchema.derived(from: ConversationChange.self).asPatch.issues(in: patch)
            guard issues.isEmpty else { throw SpotterError.invalid(issues) }
            let current = ConversationChange(title: conversation.title, metadata: conversation.metadata)
            let change = try JSONValue(encoding: current).merging(patch: patch).decoded(as: ConversationChange.self)
            conversation.title = change.title
            conversation.metadata = change.metadata ?? [:]
            conversation.version += 1
            conversation.updatedAt = context.now
            try await services.conversations.update(conversation, in: context.scope)
            return try .json(ConversationResource(conversation), version: conversation.version)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/conversations/{conversation_id}", "deleteConversation",
            "Delete a conversation with its messages", tag: "Conversations", permission: .conversationsWrite,
            answers: [.empty(204, "It is gone.")]
        ) { context in
            try await services.conversations.delete(
                context.id("conversation_id", "conversation"), version: context.expectedVersion(), in: context.scope)
            return .noContent
        }
    }
}
