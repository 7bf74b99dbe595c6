public import Foundation
public import SpotterDomain

/// Makes memory blocks of sessions: each an execution, so that it is costed, journalled and outlives its process.
public struct CompressionService: Sendable {
    private let conversations: any ConversationStore
    private let executions: any ExecutionStore
    private let ids: any IDGenerator
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameter onStart: tells those who work that there is something to do.
    public init(
        conversations: any ConversationStore, executions: any ExecutionStore, ids: any IDGenerator,
        onStart: @escaping @Sendable (OrganizationScope) -> Void
    ) {
        self.conversations = conversations
        self.executions = executions
        self.ids = ids
        self.onStart = onStart
    }

    /// Begins to make a block of what was said in the session so far.
    ///
    /// - Parameter receipt: made for the execution that begins.
    /// - Throws: `notFound`, `conflict` where nothing was said, `ReceiptExists`.
    public func start(
        _ session: ConversationID, at now: Date, receipt: (ExecutionID) -> Receipt?, in scope: OrganizationScope
    ) async throws -> ExecutionID {
        let context = try await conversations.turnContext(of: session, limit: 2, in: scope)
        let execution = Execution(
            id: ids.id(at: now), kind: .compression, state: .queued, attempt: 0, conversationId: session,
            agentId: context.agent.id, agentVersion: context.agent.version, input: [:], priority: .high,
            createdAt: now)
        let receipt = receipt(execution.id)
        // A used key comes before every other complaint, so this one waits for the store's.
        if context.messages.isEmpty, context.block == nil, receipt == nil {
            throw SpotterError(.conflict, "Nothing has been said yet that could be compressed.")
        }
        _ = try await executions.enqueue([execution], receipt: receipt, in: scope)
        onStart(scope)
        return execution.id
    }

    /// Begins to make a block of the contracts of a session so far.
    ///
    /// - Parameter receipt: made for the execution that begins.
    /// - Throws: `ReceiptExists`.
    public func start(
        contractsOf session: String, at now: Date, receipt: (ExecutionID) -> Receipt?, in scope: OrganizationScope
    ) async throws -> ExecutionID {
        let execution = Execution(
            id: ids.id(at: now), kind: .compression, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: [SessionCompression.member: .string(session)], priority: .high, createdAt: now)
        _ = try await executions.enqueue([execution], receipt: receipt(execution.id), in: scope)
        onStart(scope)
        return execution.id
    }
}
