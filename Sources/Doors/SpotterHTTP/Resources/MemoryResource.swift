import Foundation
import SpotterDomain

/// An entry of working memory as the API shows it.
struct MemoryResource: Codable, Sendable {
    let id: MemoryEntryID
    let key: String
    let scope: MemoryScope.Kind
    let agentId: AgentID?
    let conversationId: ConversationID?
    let value: JSONValue
    let version: Int
    let createdAt: Date
    let updatedAt: Date

    init(_ entry: MemoryEntry) {
        id = entry.id
        key = entry.key
        scope = entry.scope.kind
        agentId = if case .agent(let id) = entry.scope { id } else { nil }
        conversationId = if case .conversation(let id) = entry.scope { id } else { nil }
        value = entry.value
        version = entry.version
        createdAt = entry.createdAt
        updatedAt = entry.updatedAt
    }
}

/// What is to be kept under a key.
struct MemoryRequest: Codable, Sendable, FieldsDescribed {
    let value: JSONValue

    static let fields: [String: Field] = [
        "value": Field("Any JSON of at most 32 KiB.", example: "Spin on Thursdays")
    ]
}

/// What asks for a memory block.
struct CompressRequest: Codable, Sendable, FieldsDescribed {
    let sessionId: String
    let waitMs: Int?

    static let fields: [String: Field] = [
        "session_id": Field("The session: a conversation's id, or the name of a session of calls.", length: 1...200),
        "wait_ms": Field(
            "Answer when it is made, or after this long at the latest; 60000 unless given.", range: 0...60_000),
    ]
}

/// A memory block as the API shows it, with what making it took.
struct MemoryBlockResource: Codable, Sendable {
    let id: MemoryBlockID
    let sessionId: String
    let summary: String
    let method: SummaryMethod
    let model: String?
    let messages: Int?
    let throughMessageId: MessageID?
    let tokensBefore: Int?
    let tokensAfter: Int?
    /// Of a session of calls: how many contracts it covers, and the last of them.
    let contracts: Int?
    let throughContractId: ContractID?
    let executionId: ExecutionID
    let usage: TokenUsage
    let cost: Cost
    let createdAt: Date

    init(_ block: MemoryBlock, by execution: Execution) {
        id = block.id
        sessionId = block.conversationId.description
        contracts = nil
        throughContractId = nil
        summary = block.summary
        method = block.method
        model = block.model
        messages = block.messages
        throughMessageId = block.through
        tokensBefore = block.tokensBefore
        tokensAfter = block.tokensAfter
        executionId = block.executionId
        usage = execution.usage
        cost = execution.cost
        createdAt = block.createdAt
    }

    init(_ block: SessionBlock, by execution: Execution) {
        id = block.id
        sessionId = block.sessionId
        summary = block.summary
        method = block.method
        model = block.model
        messages = nil
        throughMessageId = nil
        tokensBefore = nil
        tokensAfter = nil
        contracts = block.contracts
        throughContractId = block.throughContractId
        executionId = block.executionId
        usage = execution.usage
        cost = execution.cost
        createdAt = block.createdAt
    }
}
