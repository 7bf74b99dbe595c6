import Foundation
public import SpotterDomain

/// Keeps what the calls of a session came to. The program that compresses sessions uses it; it is in no agent's list.
public struct KeepSessionBlock: Tool {
    /// The block without its id and its time.
    public struct Arguments: Codable, Sendable {
        let sessionId: String
        let summary: String
        let method: SummaryMethod
        let model: String?
        let contracts: Int
        let throughContractId: ContractID
        let executionId: ExecutionID
    }

    private let contracts: any ContractStore

    /// A tool over one store.
    public init(contracts: any ContractStore) { self.contracts = contracts }

    /// `keep_session_block`
    public let name = "keep_session_block"
    /// For the journal's readers.
    public let summary = "Keep the memory block of a session, for its later calls."
    /// For a program.
    public let category = ToolCategory.core
    /// Changes what later calls are told.
    public let access = ToolAccess.write
    /// The block has the id of the step that keeps it.
    public let effect = ToolEffect.idempotent
    /// A summary of what agents said may hold anybody's words.
    public let yieldsUntrustedText = true

    /// Keeps the block, once for each step.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        guard let step = StepID(context.effectKey) else { throw ToolFailure("A block is kept by a step alone.") }
        let block = SessionBlock(
            id: MemoryBlockID(step.uuid), sessionId: arguments.sessionId, summary: arguments.summary,
            method: arguments.method, model: arguments.model, contracts: arguments.contracts,
            throughContractId: arguments.throughContractId, executionId: arguments.executionId,
            createdAt: context.now)
        try await contracts.keep(block, in: context.scope)
        return try JSONValue(encoding: block)
    }
}

extension KeepSessionBlock.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "session_id": Field("The session that it is of."), "summary": Field("What happened, in short."),
        "method": Field("How it was made."), "model": Field("The model that wrote it."),
        "contracts": Field("How many contracts it covers."),
        "through_contract_id": Field("The last of them."), "execution_id": Field("The execution that made it."),
    ]
}
