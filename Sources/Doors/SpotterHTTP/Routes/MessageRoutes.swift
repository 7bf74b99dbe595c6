import HTTPServerKit
import SpotterAgents
import SpotterDomain
import SpotterEngine

/// `/v1/conversations/{id}/messages`: talking to an agent.
enum MessageRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), post(services)] }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/conversations/{conversation_id}/messages", "listMessages",
            "List the messages of a conversation, oldest first", tag: "Conversations",
            permission: .conversationsRead, query: .page,
            answers: [.json(200, "One page.", ListResource<MessageResource>.self)]
        ) { context in
            let page = try await services.conversations.messages(
                of: context.id("conversation_id", "conversation"), context.page(), in: context.scope)
            return try .json(ListResource(page.map(MessageResource.init)))
        }
    }

    private static func post(_ services: Services) -> Route {
        Route(
            .post, "/v1/conversations/{conversation_id}/messages", "sendMessage",
            "Say something to the agent and get its answer", tag: "Conversations", permission: .conversationsWrite,
            body: .json(MessageRequest.self, example: ["content": "Which classes are on tomorrow?"]),
            answers: [
                .json(200, "The agent's answer.", TurnResource.self),
                .json(202, "The turn waits for somebody: follow the execution.", ExecutionResource.self),
                .events("With `stream`: the turn's events as they happen, until it ends."),
            ],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(MessageRequest.self)
            let accept = context.request.headers["accept"] ?? ""
            let isStreaming = wanted.stream ?? accept.contains("text/event-stream")
            let started: ChatService.Started
            do {
                started = try await start(wanted, isStreaming: isStreaming, services, context)
            } catch let exists as ReceiptExists {
                return try await replay(after: exists, services, context)
            }
            if isStreaming {
                return EventStream.reply(
                    services, after: started.position, execution: started.execution.id, in: try context.scope)
            }
            do {
                return try answer(await started.handle.outcome())
            } catch is LeaseLost {
                throw SpotterError(
                    .unavailable,
                    "Another server goes on with this turn: follow \(started.execution.id), or send the "
                        + "request again with its Idempotency-Key.", retryAfter: 2)
            }
        }
    }

    private static func start(
        _ wanted: MessageRequest, isStreaming: Bool, _ services: Services, _ context: RequestContext
    ) async throws -> ChatService.Started {
        let turn = ChatService.Turn(
            conversation: try context.id("conversation_id", "conversation"), content: wanted.content,
            isStreaming: isStreaming,
            receipt: context.idempotency.map { .init(key: $0.key, fingerprint: $0.fingerprint) })
        return try await services.chat.start(turn, in: context.scope)
    }

    /// The key was used before: what came of that turn, whichever process carried it to its end.
    private static func replay(
        after exists: ReceiptExists, _ services: Services, _ context: RequestContext
    ) async throws -> Reply {
        guard let key = context.idempotency,
            let receipt = try await services.receipts.receipt(forKey: key.key, in: context.scope),
            receipt.fingerprint == key.fingerprint, let id = receipt.execution
        else { throw exists }
        let execution = try await services.executions.execution(id, in: context.scope)
        guard execution.state.isTerminal else { throw exists }
        let message = try await services.conversations.answer(
            of: id, in: context.id("conversation_id", "conversation"), context.scope)
        return try answer(RunOutcome(execution: execution, message: message)).with("idempotency-replayed", "true")
    }

    private static func answer(_ outcome: RunOutcome) throws -> Reply {
        if let message = outcome.message {
            return try .json(TurnResource(message: message, execution: outcome.execution))
        }
        guard outcome.execution.state.isTerminal else {
            return try .json(ExecutionResource(outcome.execution), status: 202)
        }
        throw failure(of: outcome.execution)
    }

    private static func failure(of execution: Execution) -> SpotterError {
        if execution.state == .cancelled { return SpotterError(.conflict, "The turn was cancelled.") }
        let error = execution.error ?? ExecutionError(code: "internal", message: "The run ended without an answer.")
        switch error.code {
        case "provider_failed", "model_unavailable": return SpotterError(.providerFailed, error.message)
        case "provider_timed_out", "timed_out": return SpotterError(.timedOut, error.message)
        case "provider_unavailable":
            return SpotterError(
                .unavailable, error.message, retryAfter: error.retryAfter.map { Int($0.rounded(.up)) })
        case "context_too_long": return SpotterError(.conflict, error.message)
        case "step_limit_reached": return SpotterError(.conflict, error.message)
        case "budget_reached": return SpotterError(.limitReached, error.message)
        case "budget_busy": return SpotterError(.unavailable, error.message, retryAfter: 1)
        case "model_unpriced": return SpotterError(.conflict, error.message)
        default: return SpotterError(.internal, error.message)
        }
    }
}
