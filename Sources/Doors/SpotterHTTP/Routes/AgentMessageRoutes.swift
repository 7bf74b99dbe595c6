import Foundation
import HTTPServerKit
import SpotterDomain

/// `/v1/agents/{agent_id}/messages`: what agents tell each other.
enum AgentMessageRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), send(services), acknowledge(services)] }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/agents/{agent_id}/messages", "listAgentMessages", "List the messages to an agent, newest first",
            tag: "Agents", permission: .agentsRead, query: .page,
            answers: [.json(200, "One page, also of what was acknowledged.", ListResource<AgentMessage>.self)]
        ) { context in
            let page = try await services.routing.messages.list(
                to: context.id("agent_id", "agent"), context.page(), in: context.scope)
            return try .json(ListResource(page))
        }
    }

    private static func send(_ services: Services) -> Route {
        Route(
            .post, "/v1/agents/{agent_id}/messages", "sendAgentMessage",
            "Leave a message for an agent, to be read when it works next", tag: "Agents", permission: .agentsReport,
            body: .json(
                AgentMessageRequest.self, example: ["topic": "status_update", "content": ["text": "The pool is open."]]),
            answers: [.json(201, "The message.", AgentMessage.self)], idempotency: .around(isRepeatable: true)
        ) { context in
            let wanted = try context.body(AgentMessageRequest.self)
            if let expiresAt = wanted.expiresAt, expiresAt <= context.now {
                throw SpotterError.invalid("/expires_at", "has passed")
            }
            let id: AgentMessageID = services.ids.id(at: context.now)
            let message = AgentMessage(
                id: id, fromAgentId: nil, toAgentId: try context.id("agent_id", "agent"), topic: wanted.topic,
                content: wanted.content, priority: wanted.priority ?? .medium, expiresAt: wanted.expiresAt,
                createdAt: context.now)
            let key = context.idempotency.map { "request:\($0.key)" } ?? "message:\(id)"
            return try .json(
                await services.routing.messages.send(message, key: key, in: context.scope), status: 201)
        }
    }

    private static func acknowledge(_ services: Services) -> Route {
        Route(
            .put, "/v1/agents/{agent_id}/messages/{agent_message_id}/acknowledgement", "acknowledgeAgentMessage",
            "Say, as or for an agent, that a message is dealt with", tag: "Agents", permission: .agentsReport,
            answers: [
                .empty(
                    204,
                    "It does not come again. 409 where it has expired before: it does not come again in any case.")
            ], isConditional: false
        ) { context in
            try context.refuseMatch("An acknowledgement")
            let agent: AgentID = try context.id("agent_id", "agent")
            let id: AgentMessageID = try context.id("agent_message_id", "message")
            let message = try await services.routing.messages.message(id, in: context.scope)
            guard message.toAgentId == agent else { throw SpotterError.notFound("message") }
            let done = try await services.routing.messages.acknowledge(
                [id], by: agent, at: context.now, in: context.scope)
            if done.isEmpty, message.acknowledgedAt == nil, let expiry = message.expiresAt,
                message.isExpired(at: context.now)
            {
                throw SpotterError(
                    .conflict,
                    "The message expired at \(Timestamp.string(from: expiry)) and can no longer be acknowledged. It does "
                        + "not come again.")
            }
            return .noContent
        }
    }
}

/// What is said.
struct AgentMessageRequest: Codable, Sendable, FieldsDescribed {
    let topic: String
    let content: JSONValue
    let priority: Priority?
    let expiresAt: Date?

    static let fields: [String: Field] = [
        "topic": Field("What it is about, in a word.", length: 1...100, example: "status_update"),
        "content": Field("What is said."),
        "priority": Field("How urgent it is; medium unless given."),
        "expires_at": Field("When it is of no use any more."),
    ]
}
