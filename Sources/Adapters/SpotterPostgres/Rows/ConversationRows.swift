import PostgresKit
import SpotterDomain

extension Conversation {
    /// Reads the columns in the order that every query of conversations lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), agentId: try row.id(1), title: try row.get(2), metadata: try row.labels(3),
            version: try row.get(4), createdAt: try row.get(5), updatedAt: try row.get(6),
            lastMessageAt: try row.get(7))
    }
}

extension Message {
    /// Reads the columns in the order that every query of messages lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), conversationId: try row.id(1), role: try row.named(2), content: try row.get(3),
            transcript: try row.document(4), usage: try row.optionalDocument(5), cost: try row.optionalDocument(6),
            latencyMs: try row.get(7), executionId: try row.optionalID(8), createdAt: try row.get(9))
    }

    /// Adds the message to the end of its conversation.
    ///
    /// - Parameter mustExist: whether the transaction fails with `notFound` when the conversation is gone; otherwise
    ///   nothing is added.
    func append(mustExist: Bool) throws -> Statement {
        let storable = StorableText.text(of: content)
        return Statement(
            """
            WITH conversation AS (
                UPDATE spotter.conversations SET
                    last_position = last_position + 1, version = version + 1, last_message_at = $9, updated_at = $9
                WHERE id = $2
                RETURNING organization_id, id, last_position),
            said AS (
                INSERT INTO spotter.messages (
                    organization_id, id, conversation_id, position, role, content, transcript, usage, cost,
                    latency_ms, execution_id, created_at)
                SELECT organization_id, $1, id, last_position, $3, $4, $5, $6, $7, $8, $10, $9 FROM conversation
                RETURNING id)
            SELECT app.require(EXISTS (SELECT FROM said) OR NOT $11, 'SP404', 'conversation')
            """, id.uuid, conversationId.uuid, role.rawValue, storable, try PostgresValue.document(transcript),
            try PostgresValue.document(usage), try PostgresValue.document(cost), latencyMs, createdAt,
            executionId?.uuid, mustExist)
    }
}
