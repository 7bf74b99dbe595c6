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
                        conversation, at: context.now, receipt: { context.receipt(for: $0) }, in: context.scope)
                } else {
                    id = try await services.compression.start(
                        contractsOf: wanted.sessionId, at: context.now, receipt: { context.receipt(for: $0) },
                        in: context.scope)
                }
            } catch let exists as ReceiptExists {
                let ended = try await context.ended(after: exists, services)
                return try answer(ended).with("idempotency-replayed", "true")
            }
            try await ExecutionRoutes.waitForEnd(
                of: id, .milliseconds(wanted.waitMs ?? 60_000), services, in: context.scope)
            return try answer(await services.executions.execution(id, in: context.scope))
        }
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
