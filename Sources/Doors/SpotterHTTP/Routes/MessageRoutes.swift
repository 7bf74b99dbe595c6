import HTTPServerKit
import SpotterAgents
import SpotterDomain
import SpotterEngine

/// `/v1/conversations/{id}/messages`: talking to an agent.
enum MessageRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), post(services), regenerate(services)] }

    /// How long a request waits for a turn that is in line.
    private static let patience = Duration.seconds(300)

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/conversations/{conversation_id}/messages", "listMessages",
            "List the messages of a conversation, oldest first", tag: "Conversations",
            permission: .conversationsRead,
            query: .page + [
                .init(
                    name: "include_replaced",
                    schema: JSONSchema(
                        .boolean, description: "Whether to list answers, too, in whose place there is another."))
            ],
            answers: [
                .json(
                    200,
                    "One page. A message that waits for the turns before it has its place, and is listed, when its turn "
                        + "comes; until then `GET /v1/executions?conversation_id=…&state=waiting` shows it.",
                    ListResource<MessageResource>.self)
            ]
        ) { context in
            let page = try await services.conversations.messages(
                of: context.id("conversation_id", "conversation"),
                includesReplaced: context.flag("include_replaced") ?? false, context.page(), in: context.scope)
            return try .json(ListResource(page.map(MessageResource.init)))
        }
    }

    private static func post(_ services: Services) -> Route {
        Route(
            .post, "/v1/conversations/{conversation_id}/messages", "sendMessage",
            "Say something to the agent and get its answer", tag: "Conversations", permission: .conversationsWrite,
            body: .json(MessageRequest.self, example: ["content": "Which classes are on tomorrow?"]),
            answers: [
                .json(
                    200,
                    "The agent's answer. Messages of one conversation are answered one at a time, in the order in which "
                        + "they were accepted; up to \(TurnLine.longest) may wait, more are refused with 429. A client "
                        + "that leaves cancels nothing: `POST /v1/executions/{execution_id}/cancel` does, and what had "
                        + "been said by then stays, with `is_partial`.", TurnResource.self),
                .json(
                    202, "The turn waits: for somebody, or for those before it. Follow the execution.",
                    ExecutionResource.self),
                .events(streamed),
            ],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(MessageRequest.self)
            let isStreaming = isStreaming(wanted.stream, context)
            let turn = ChatTurn(
                conversation: try context.id("conversation_id", "conversation"), content: wanted.content,
                isStreaming: isStreaming, receipt: key(of: context),
                origin: context.caller.map { ExecutionOrigin($0) })
            return try await TurnReply(services: services, context: context).run(
                turn, isStreaming: isStreaming, within: patience)
        }
    }

    private static func regenerate(_ services: Services) -> Route {
        Route(
            .post, "/v1/conversations/{conversation_id}/messages/{message_id}/regenerate", "regenerateMessage",
            "Have the last answer given anew", tag: "Conversations", permission: .conversationsWrite,
            body: .json(RegenerateRequest.self, example: [:]),
            answers: [
                .json(
                    200,
                    "The new answer: a turn of its own, which costs what it costs. When it is there, the old one stays in "
                        + "the log with `replaced_by`, but neither models nor lists show it any more, unless "
                        + "`include_replaced` asks for it; where the new turn fails or is cancelled before a word was "
                        + "said, the old answer stands. Only the last answer of a conversation in which nobody is "
                        + "answering can be given anew, else 409. What tools did for the old answer is not undone, and "
                        + "the new turn does not know of it: a tool that it calls again takes effect again, under a "
                        + "key of its own.", TurnResource.self),
                .json(202, "The turn waits for somebody: follow the execution.", ExecutionResource.self),
                .events(streamed),
            ],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(RegenerateRequest.self)
            let isStreaming = isStreaming(wanted.stream, context)
            let turn = ChatTurn(
                conversation: try context.id("conversation_id", "conversation"),
                answeringAnew: try context.id("message_id", "message"), isStreaming: isStreaming,
                receipt: key(of: context), origin: context.caller.map { ExecutionOrigin($0) })
            return try await TurnReply(services: services, context: context).run(
                turn, isStreaming: isStreaming, within: patience)
        }
    }

    private static let streamed =
        "With `stream`: the turn's events as they happen, until it ends. `execution.queued` tells that it waits for the "
        + "turns before it, `execution.started` that the agent begins, and `step.started` that it goes on, both with "
        + "`activity` `typing`; `message.delta` brings what it writes; `tool.started`, `tool.completed` and `tool.failed` what tools do; "
        + "`message.completed` brings the answer, with `is_partial` after a cancellation; `execution.completed`, "
        + "`.failed` or `.cancelled` comes last. All of them are in `/v1/events`, too."

    private static func isStreaming(_ wanted: Bool?, _ context: RequestContext) -> Bool {
        wanted ?? (context.request.headers["accept"] ?? "").contains("text/event-stream")
    }

    private static func key(of context: RequestContext) -> ChatTurn.Key? {
        context.idempotency.map { .init(key: $0.key, fingerprint: $0.fingerprint) }
    }
}
