public import Foundation

/// What the calls of a session came to up to some contract: kept, and given to its later calls.
public struct SessionBlock: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: MemoryBlockID
    /// The session that it is of.
    public let sessionId: String
    /// What happened, in short.
    public let summary: String
    /// How it was made.
    public let method: SummaryMethod
    /// The model that wrote it; nil where none did.
    public let model: String?
    /// How many contracts it covers.
    public let contracts: Int
    /// The last contract that it covers.
    public let throughContractId: ContractID
    /// The execution that made it.
    public let executionId: ExecutionID
    /// When it was made.
    public let createdAt: Date

    /// A block; see the members.
    public init(
        id: MemoryBlockID, sessionId: String, summary: String, method: SummaryMethod, model: String?, contracts: Int,
        throughContractId: ContractID, executionId: ExecutionID, createdAt: Date
    ) {
        self.id = id
        self.sessionId = sessionId
        self.summary = summary
        self.method = method
        self.model = model
        self.contracts = contracts
        self.throughContractId = throughContractId
        self.executionId = executionId
        self.createdAt = createdAt
    }

    /// How many contracts are read for one.
    public static let contractsRead = 200
}

extension Contract {
    /// As a conversation has it: what was asked is a user's, what was answered an assistant's.
    public var asMessage: ModelMessage {
        let text = "\(action): \(payload.description)"
        return type == .request ? .user(text) : ModelMessage(role: .assistant, parts: [.text(text)])
    }
}
