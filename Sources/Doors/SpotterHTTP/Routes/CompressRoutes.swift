import HTTPServerKit
import SpotterAgents
import SpotterDomain

/// `/v1/compress`: a memory block of a session.
enum CompressRoutes {
    static func routes(_ services: Services) -> [Route] { [compress(services)] }

    private static func compress(_ services: Services) -> Route {
        Route(
            .post, "/v1/compress", "compressSession", "Make a memory block of a session, for its later calls",
            tag: "Memory", permission: .conversationsWrite,
            body: .json(
                CompressRequest.self,
                example: ["session_id": .string(ConversationID.sample.description), "wait_ms": 0]),
            answers: [
                .json(200, "The block. Where nothing new was said, the one that there was.", MemoryBlockResource.self),
                .json(202, "It is being made: follow the execution.", ExecutionResource.self),
            ],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(CompressRequest.self)
            let id: ExecutionID
            do {
                if let conversation = ConversationID(wanted.sessionId) {
                    id = try await services.compression.start(
                        conversation, at: context.now, receipt: { receipt(for: $0, context) }, in: context.scope)
                } else {
                    id = try await services.compression.start(
                        contractsOf: wanted.sessionId, at: context.now, receipt: { receipt(for: $0, context) },
                        in: context.scope)
                }
            } catch let exists as ReceiptExists {
                return try await replay(after: exists, services, context)
            }
            try await ExecutionRoutes.waitForEnd(
                of: id, .milliseconds(wanted.waitMs ?? 60_000), services, in: context.scope)
            return try answer(await services.executions.execution(id, in: context.scope))
        }
    }

    private static func receipt(for execution: ExecutionID, _ context: RequestContext) -> Receipt? {
        context.idempotency.map {
            Receipt(key: $0.key, fingerprint: $0.fingerprint, execution: execution, createdAt: context.now)
        }
    }

    /// The key was used before: what came of that request, whichever process carried it to its end.
    private static func replay(
        after exists: ReceiptExists, _ services: Services, _ context: RequestContext
    ) async throws -> Reply {
        guard let key = context.idempotency,
            let receipt = try await services.receipts.receipt(forKey: key.key, in: context.scope),
            receipt.fingerprint == key.fingerprint, let id = receipt.execution
        else { throw exists }
        let execution = try await services.executions.execution(id, in: context.scope)
        guard execution.state.isTerminal else { throw exists }
        return try answer(execution).with("idempotency-replayed", "true")
    }

    private static func answer(_ execution: Execution) throws -> Reply {
        switch execution.state {
        case .completed:
            guard let output = execution.output else { break }
            if output["through_contract_id"] != nil {
                return try .json(
                    MemoryBlockResource(output.decodedUnchecked(as: SessionBlock.self), by: execution))
            }
            return try .json(
                MemoryBlockResource(output.decodedUnchecked(as: MemoryBlock.self), by: execution))
        case .failed:
            let error = execution.error
            let isConflict = ["nothing_to_compress", "conversation_deleted"].contains(error?.code)
            throw SpotterError(isConflict ? .conflict : .internal, error?.message ?? "The block could not be made.")
        case .cancelled: throw SpotterError(.conflict, "Making the block was cancelled.")
        case .queued, .running, .waiting, .paused: break
        }
        return try .json(ExecutionResource(execution), status: 202)
    }
}
