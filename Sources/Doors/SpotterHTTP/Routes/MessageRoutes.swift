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
                .events("With `stream`: the turn's events as they happen, until it ends."),
            ],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(MessageRequest.self)
            let accept = context.request.headers["accept"] ?? ""
            let isStreaming = wanted.stream ?? accept.contains("text/event-stream")
            let started = try await start(wanted, isStreaming: isStreaming, services, context)
            if isStreaming {
                return EventStream.reply(
                    services.events, after: started.position, execution: started.execution.id, in: try context.scope)
            }
            return try answer(await started.handle.outcome())
        }
    }

    private static func start(
        _ wanted: MessageRequest, isStreaming: Bool, _ services: Services, _ context: RequestContext
    ) async throws -> ChatService.Started {
        let requestID = context.requestID
        let turn = ChatService.Turn(
            conversation: try context.id("conversation_id", "conversation"), content: wanted.content,
            isStreaming: isStreaming,
            receipt: context.idempotency.map { key in
                .init(key: key.key, fingerprint: key.fingerprint) { response(to: $0, requestID: requestID) }
            })
        do {
            return try await services.chat.start(turn, in: context.scope)
        } catch let exists as ReceiptExists {
            return try await resume(turn, after: exists, services, context)
        }
    }

    /// The key was used before. If its run was left behind by a process that died, this request carries it on.
    private static func resume(
        _ turn: ChatService.Turn, after exists: ReceiptExists, _ services: Services, _ context: RequestContext
    ) async throws -> ChatService.Started {
        guard let key = context.idempotency,
            let receipt = try await services.receipts.receipt(forKey: key.key, in: context.scope),
            receipt.fingerprint == key.fingerprint, receipt.response == nil, let execution = receipt.execution,
            let started = try await services.chat.resume(execution, turn, in: context.scope)
        else { throw exists }
        return started
    }

    private static func answer(_ outcome: RunOutcome) throws -> Reply {
        if let message = outcome.message {
            return try .json(TurnResource(message: message, execution: outcome.execution))
        }
        throw failure(of: outcome.execution)
    }

    private static func failure(of execution: Execution) -> SpotterError {
        let error = execution.error ?? ExecutionError(code: "internal", message: "The run ended without an answer.")
        switch error.code {
        case "provider_failed", "model_unavailable": return SpotterError(.providerFailed, error.message)
        case "provider_timed_out", "timed_out": return SpotterError(.timedOut, error.message)
        case "step_limit_reached": return SpotterError(.conflict, error.message)
        default: return SpotterError(.internal, error.message)
        }
    }

    /// What is kept for a second request with the same key.
    private static func response(to outcome: RunOutcome, requestID: String) -> Receipt.Response {
        let reply: Reply
        do {
            reply = try answer(outcome)
        } catch {
            reply = Problem.reply(for: error, requestID: requestID)
        }
        guard case .bytes(let body) = reply.body else { return .init(status: reply.status, body: []) }
        return .init(status: reply.status, body: body)
    }
}
