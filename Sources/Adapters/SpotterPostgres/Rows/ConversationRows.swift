import Foundation
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

    /// Keeps the words of the title, in place of those of the one before. Nothing where the conversation is gone.
    var keepWords: Statement {
        Statement(
            """
            INSERT INTO spotter.conversation_words (organization_id, conversation_id, source_id, words)
            SELECT organization_id, id, id, app.kept_words($2::text[]) FROM spotter.conversations WHERE id = $1
            ON CONFLICT (organization_id, conversation_id, source_id) DO UPDATE SET words = excluded.words
            """, id.uuid, SearchWords.words(of: StorableText.text(of: title)))
    }
}

extension Message {
    /// Reads the columns in the order that every query of messages lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), conversationId: try row.id(1), role: try row.named(2), content: try row.get(3),
            transcript: try row.document(4), usage: try row.optionalDocument(5), cost: try row.optionalDocument(6),
            latencyMs: try row.get(7), executionId: try row.optionalID(8), replaces: try row.optionalID(9),
            replacedBy: try row.optionalID(10), isPartial: try row.get(11), createdAt: try row.get(12))
    }

    /// Adds the message to the end of its conversation, in place of the answer that it replaces.
    ///
    /// - Parameter mustExist: whether the transaction fails with `notFound` when the conversation is gone; otherwise
    ///   nothing is added.
    func append(mustExist: Bool) throws -> [Statement] {
        let storable = StorableText.text(of: content)
        let add = Statement(
            """
            WITH conversation AS (
                UPDATE spotter.conversations SET
                    last_position = last_position + 1, version = version + 1, last_message_at = $9, updated_at = $9
                WHERE id = $2
                RETURNING organization_id, id, last_position),
            said AS (
                INSERT INTO spotter.messages (
                    organization_id, id, conversation_id, position, role, content, transcript, usage, cost,
                    latency_ms, execution_id, replaces, is_partial, created_at)
                SELECT organization_id, $1, id, last_position, $3, $4, $5, $6, $7, $8, $10, $12, $13, $9
                FROM conversation
                RETURNING organization_id, id, conversation_id),
            noted AS (
                INSERT INTO spotter.conversation_words (organization_id, conversation_id, source_id, words)
                SELECT organization_id, conversation_id, id, app.kept_words($14::text[]) FROM said)
            SELECT app.require(EXISTS (SELECT FROM said) OR NOT $11, 'SP404', 'conversation')
            """, id.uuid, conversationId.uuid, role.rawValue, storable, try PostgresValue.document(transcript),
            try PostgresValue.document(usage), try PostgresValue.document(cost), latencyMs, createdAt,
            executionId?.uuid, mustExist, replaces?.uuid, isPartial, SearchWords.words(of: storable))
        return [add] + (replaces.map { [replace($0)] } ?? [])
    }

    /// Lets the message stand in for an answer, which is not found by its words any more.
    private func replace(_ answer: MessageID) -> Statement {
        Statement(
            """
            WITH replaced AS (
                UPDATE spotter.messages SET replaced_by = $3
                WHERE id = $2 AND conversation_id = $1 AND EXISTS (SELECT FROM spotter.messages WHERE id = $3)
                RETURNING id)
            DELETE FROM spotter.conversation_words
            WHERE conversation_id = $1 AND source_id IN (SELECT id FROM replaced)
            """, conversationId.uuid, answer.uuid, id.uuid)
    }

    /// Adds the message to those of its conversation that wait for their turn. Fails where there are too many.
    func enterLine() throws -> [Statement] {
        let storable = StorableText.text(of: content)
        let full = Statement(
            """
            SELECT app.require(count(*) < $2, 'SP429', 'full')
            FROM spotter.messages WHERE conversation_id = $1 AND line IS NOT NULL
            """, conversationId.uuid, TurnLine.longest)
        let add = Statement(
            """
            WITH conversation AS (
                UPDATE spotter.conversations SET version = version + 1, last_message_at = $6, updated_at = $6
                WHERE id = $2
                RETURNING organization_id, id),
            said AS (
                INSERT INTO spotter.messages (
                    organization_id, id, conversation_id, line, role, content, transcript, execution_id, created_at)
                SELECT organization_id, $1, id, 1 + coalesce((
                    SELECT max(line) FROM spotter.messages WHERE conversation_id = $2 AND line IS NOT NULL), 0),
                    $3, $4, $5, $7, $6
                FROM conversation
                RETURNING organization_id, id, conversation_id)
            INSERT INTO spotter.conversation_words (organization_id, conversation_id, source_id, words)
            SELECT organization_id, conversation_id, id, app.kept_words($8::text[]) FROM said
            """, id.uuid, conversationId.uuid, role.rawValue, storable, try PostgresValue.document(transcript),
            createdAt, executionId?.uuid, SearchWords.words(of: storable))
        return [full, add]
    }
}
