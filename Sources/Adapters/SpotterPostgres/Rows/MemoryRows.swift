import Foundation
import PostgresKit
import SpotterDomain

extension MemoryEntry {
    /// Reads the columns in the order that every query of working memory lists them.
    init(_ row: Row) throws {
        let agent: AgentID? = try row.optionalID(1)
        let conversation: ConversationID? = try row.optionalID(2)
        let scope: MemoryScope =
            agent.map { .agent($0) } ?? conversation.map { .conversation($0) } ?? .organization
        self.init(
            id: try row.id(0), scope: scope, key: try row.get(3), value: try row.json(4), version: try row.get(5),
            createdAt: try row.get(6), updatedAt: try row.get(7))
    }
}

extension MemoryScope {
    /// Whose entries these are, as the rows name it.
    func ownerID(in scope: OrganizationScope) -> UUID { owner ?? scope.organization.uuid }

    var agentID: UUID? { if case .agent(let id) = self { id.uuid } else { nil } }
    var conversationID: UUID? { if case .conversation(let id) = self { id.uuid } else { nil } }
}

extension MemoryBlock {
    /// Reads the columns in the order that the query of a turn's context lists them; nil where there is none.
    init?(_ row: Row, from start: Int) throws {
        guard let id: MemoryBlockID = try row.optionalID(start) else { return nil }
        self.init(
            id: id, conversationId: try row.id(start + 1), summary: try row.get(start + 2),
            through: try row.id(start + 3), method: try row.named(start + 4), model: try row.get(start + 5),
            messages: try row.get(start + 6), tokensBefore: try row.get(start + 7),
            tokensAfter: try row.get(start + 8), executionId: try row.id(start + 9),
            createdAt: try row.get(start + 10))
    }

    /// Keeps the block, unless its conversation is gone.
    var insert: Statement {
        Statement(
            """
            INSERT INTO spotter.memory_blocks (
                organization_id, id, conversation_id, summary, through_id, through_position, method, model, messages,
                tokens_before, tokens_after, execution_id, created_at)
            SELECT organization_id, $1, conversation_id, $3, id, position, $5, $6, $7, $8, $9, $10, $11
            FROM spotter.messages WHERE id = $4 AND conversation_id = $2
            """, id.uuid, conversationId.uuid, StorableText.text(of: summary), through.uuid, method.rawValue, model,
            messages, tokensBefore, tokensAfter, executionId.uuid, createdAt)
    }
}
