public import Foundation

/// Marks the ids of memory blocks.
public enum MemoryBlockKind: IdentifierKind {
    /// Ids begin with `block_`.
    public static let prefix = "block"
}

/// The id of a memory block, such as `block_01h…`.
public typealias MemoryBlockID = Identifier<MemoryBlockKind>

/// What a session came to up to some point: kept, and given to its later calls in place of what it covers.
public struct MemoryBlock: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: MemoryBlockID
    /// The session that it is of.
    public let conversationId: ConversationID
    /// What happened, in short.
    public let summary: String
    /// The last message that it covers.
    public let through: MessageID
    /// How it was made.
    public let method: SummaryMethod
    /// The model that wrote it; nil where none did.
    public let model: String?
    /// How many messages were summarised for it, beside the block before it.
    public let messages: Int
    /// Estimated tokens of what was shown before.
    public let tokensBefore: Int
    /// Estimated tokens of what is shown with it.
    public let tokensAfter: Int
    /// The execution that made it.
    public let executionId: ExecutionID
    /// When it was made.
    public let createdAt: Date

    /// A block; see the members.
    public init(
        id: MemoryBlockID, conversationId: ConversationID, summary: String, through: MessageID,
        method: SummaryMethod, model: String?, messages: Int, tokensBefore: Int, tokensAfter: Int,
        executionId: ExecutionID, createdAt: Date
    ) {
        self.id = id
        self.conversationId = conversationId
        self.summary = summary
        self.through = through
        self.method = method
        self.model = model
        self.messages = messages
        self.tokensBefore = tokensBefore
        self.tokensAfter = tokensAfter
        self.executionId = executionId
        self.createdAt = createdAt
    }

    /// The block that a compaction of a conversation leaves behind; nil where it covers nothing new.
    public init?(
        _ compaction: Compaction, of conversation: ConversationID?, id: MemoryBlockID, execution: ExecutionID,
        at now: Date
    ) {
        guard compaction.storedMessages > 0, let conversation, let summary = compaction.summary,
            let through = compaction.through
        else { return nil }
        self.init(
            id: id, conversationId: conversation, summary: summary, through: through, method: compaction.method,
            model: compaction.model, messages: compaction.storedMessages, tokensBefore: compaction.tokensBefore,
            tokensAfter: compaction.tokensAfter, executionId: execution, createdAt: now)
    }
}
