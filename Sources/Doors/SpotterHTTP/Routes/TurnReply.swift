import HTTPServerKit
import SpotterAgents
import SpotterDomain
import SpotterEngine

/// What a request that begins a turn is answered.
struct TurnReply {
    let services: Services
    let context: RequestContext

    /// Begins the turn and answers with its events, or when it has ended.
    ///
    /// - Parameter time: how long it is waited for if it is in line.
    func run(_ turn: ChatTurn, isStreaming: Bool, within time: Duration) async throws -> Reply {
        // Before the turn begins: one that nobody can follow should not.
        let seat = isStreaming ? try EventStream.takeSeat(services, context) : nil
        let started: ChatService.Started
        do {
            started = try await services.chat.start(turn, in: context.scope)
        } catch let exists as ReceiptExists {
            return try await replay(after: exists)
        } catch let error as SpotterError where error.isComplaint {
            // What the turn was begun with may be gone by now, as an answer that it has replaced itself: a key that was
            // used comes before every complaint.
            guard let key = context.idempotency,
                try await services.receipts.receipt(forKey: key.key, in: context.scope) != nil
            else { throw error }
            return try await replay(after: ReceiptExists())
        }
        if isStreaming {
            return try EventStream.reply(
                services, context, after: started.position, execution: started.execution.id, seat: seat)
        }
        do {
            return try Self.answer(await services.chat.outcome(of: started, within: time, in: context.scope))
        } catch is LeaseLost {
            throw SpotterError(
                .unavailable,
                "Another server goes on with this turn: follow \(started.execution.id), or send the "
                    + "request again with its Idempotency-Key.", retryAfter: 2)
        }
    }

    /// The key was used before: what came of that turn, whichever process carried it to its end.
    private func replay(after exists: ReceiptExists) async throws -> Reply {
        guard let key = context.idempotency,
            let receipt = try await services.receipts.receipt(forKey: key.key, in: context.scope),
            receipt.fingerprint == key.fingerprint, let id = receipt.execution
        else { throw exists }
        let execution = try await services.executions.execution(id, in: context.scope)
        guard execution.state.isTerminal else { throw exists }
        let message = try await services.conversations.answer(
            of: id, in: context.id("conversation_id", "conversation"), context.scope)
        return try Self.answer(RunOutcome(execution: execution, message: message))
            .with("idempotency-replayed", "true")
    }

    private static func answer(_ outcome: RunOutcome) throws -> Reply {
        guard outcome.execution.state.isTerminal else {
            return try .json(ExecutionResource(outcome.execution), status: 202)
        }
        if outcome.execution.state != .cancelled, let message = outcome.message {
            return try .json(TurnResource(message: message, execution: outcome.execution))
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

extension SpotterError {
    /// Whether it says that the turn cannot begin as things are.
    fileprivate var isComplaint: Bool { [.invalid, .notFound, .conflict, .limitReached, .rateLimited].contains(code) }
}
