import Foundation
import PostgresKit
import SpotterDomain

/// The turns of conversations: whose it is, who waits, and who comes next. Everything here is decided under the lock of
/// the conversation, which a transaction takes before those of executions, in a statement before the one that looks:
/// what a statement sees is older than the lock that it waits for.
enum TurnSQL {
    /// Another turn is under way.
    struct FloorTaken: Error {}
    /// No other turn is under way any more.
    struct FloorFree: Error {}

    /// Locks those of `ids`, in the order of their ids.
    static func lock(_ ids: [ConversationID]) -> [Statement] {
        guard !ids.isEmpty else { return [] }
        return [
            Statement(
                """
                SELECT FROM unnest($1::uuid[]) AS wanted (wanted_id)
                    CROSS JOIN LATERAL (
                        SELECT FROM spotter.conversations WHERE id = wanted_id FOR NO KEY UPDATE) AS locked
                """, Set(ids).sorted().map(\.uuid))
        ]
    }

    /// Locks the conversation that an execution is in, wherever that is.
    static func lockConversation(of id: ExecutionID) -> Statement {
        Statement(
            """
            SELECT FROM spotter.conversations
            WHERE id = (SELECT conversation_id FROM spotter.executions WHERE id = $1) FOR NO KEY UPDATE
            """, id.uuid)
    }

    /// Fails with `FloorTaken` unless nobody has the floor, which nobody has who has ended.
    static func requireFree(_ id: ConversationID) -> Statement {
        Statement(
            """
            SELECT app.require(EXISTS (SELECT FROM spotter.conversations WHERE id = $1), 'SP404', 'conversation'),
                app.require((SELECT floor_id IS NULL FROM spotter.conversations WHERE id = $1), 'SP003', 'taken')
            """, id.uuid)
    }

    /// Fails with `FloorFree` unless somebody has the floor, and when whoever has it is held up.
    static func requireTaken(_ id: ConversationID) -> Statement {
        Statement(
            """
            SELECT app.require(EXISTS (SELECT FROM spotter.conversations WHERE id = $1), 'SP404', 'conversation'),
                app.require((SELECT floor_id IS NOT NULL FROM spotter.conversations WHERE id = $1), 'SP004', 'free'),
                app.require(holder.id IS NULL, 'SP005', holder.id::text)
            FROM (SELECT floor_id FROM spotter.conversations WHERE id = $1) AS talk
                LEFT JOIN spotter.executions AS holder
                    ON holder.id = talk.floor_id AND holder.state IN ('waiting', 'paused')
            """, id.uuid)
    }

    /// Fails unless the message is what was said last in the conversation.
    static func requireLast(_ message: MessageID, in conversation: ConversationID) -> Statement {
        Statement(
            """
            SELECT app.require(
                coalesce($2 = (
                    SELECT id FROM spotter.messages
                    WHERE conversation_id = $1 AND position > 0 AND replaced_by IS NULL
                    ORDER BY position DESC LIMIT 1), false), 'SP006', 'not last')
            """, conversation.uuid, message.uuid)
    }

    /// Gives the floor to an execution. Fails with `FloorTaken` where somebody else has it.
    static func take(_ conversation: ConversationID, for execution: ExecutionID) -> Statement {
        Statement(
            """
            WITH taken AS (
                UPDATE spotter.conversations SET floor_id = $2
                WHERE id = $1 AND (floor_id IS NULL OR floor_id = $2 OR NOT EXISTS (
                    SELECT FROM spotter.executions AS holder
                    WHERE holder.id = floor_id AND holder.state NOT IN ('completed', 'failed', 'cancelled')))
                RETURNING id)
            SELECT app.require(
                EXISTS (SELECT FROM taken) OR NOT EXISTS (SELECT FROM spotter.conversations WHERE id = $1),
                'SP003', 'taken')
            """, conversation.uuid, execution.uuid)
    }

    /// The message of a turn that ends before it has begun does not wait any more, is not said, and is not found by its
    /// words.
    static func leaveLine(_ conversation: ConversationID, _ execution: ExecutionID) -> Statement {
        Statement(
            """
            WITH withdrawn AS (
                UPDATE spotter.messages SET line = NULL
                WHERE conversation_id = $1 AND line IS NOT NULL AND execution_id = $2
                RETURNING id)
            DELETE FROM spotter.conversation_words
            WHERE conversation_id = $1 AND source_id IN (SELECT id FROM withdrawn)
            """, conversation.uuid, execution.uuid)
    }

    /// Gives the floor of those whose holder has ended to the next in line: its message gets its place, and it enters the
    /// queue, before all that was never begun. Returns the executions that are ready now.
    static func passOn(_ ids: [ConversationID]) -> [Statement] {
        guard !ids.isEmpty else { return [] }
        return [
            Statement(
                """
                WITH freed AS (
                    SELECT stored.id FROM unnest($1::uuid[]) AS wanted (wanted_id)
                        CROSS JOIN LATERAL (
                            SELECT id, floor_id FROM spotter.conversations WHERE id = wanted_id OFFSET 0) AS stored
                    WHERE floor_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM spotter.executions AS holder
                        WHERE holder.id = stored.floor_id AND holder.state NOT IN ('completed', 'failed', 'cancelled'))),
                next AS (
                    SELECT freed.id AS conversation_id, first.id AS message_id, first.execution_id
                    FROM freed LEFT JOIN LATERAL (
                        SELECT id, execution_id FROM spotter.messages
                        WHERE conversation_id = freed.id AND line IS NOT NULL ORDER BY line LIMIT 1) AS first ON true),
                handed AS (
                    UPDATE spotter.conversations AS stored SET floor_id = next.execution_id,
                        last_position = last_position + CASE WHEN next.message_id IS NULL THEN 0 ELSE 1 END
                    FROM next WHERE stored.id = next.conversation_id
                    RETURNING stored.id, stored.last_position),
                placed AS (
                    UPDATE spotter.messages AS said SET position = handed.last_position, line = NULL
                    FROM next JOIN handed ON handed.id = next.conversation_id
                    WHERE said.id = next.message_id)
                UPDATE spotter.executions AS ready SET
                    state = 'queued', place_at = app.place(now(), ready.priority, ready.attempt)
                FROM next WHERE ready.id = next.execution_id AND ready.state = 'waiting'
                RETURNING ready.id
                """, Set(ids).sorted().map(\.uuid))
        ]
    }

    /// Ends the turns that wait in a conversation which is about to be deleted. Returns them, and when that was.
    static func dismiss(_ id: ConversationID) -> Statement {
        Statement(
            """
            UPDATE spotter.executions SET
                state = 'cancelled', completed_at = date_trunc('milliseconds', now()), current_step = NULL
            WHERE state = 'waiting' AND id IN (
                SELECT execution_id FROM spotter.messages WHERE conversation_id = $1 AND line IS NOT NULL)
            RETURNING id, completed_at
            """, id.uuid)
    }
}

extension SpotterError {
    /// What `requireTaken` says of a holder that is held up.
    static func heldUp(_ holder: String) -> SpotterError {
        UUID(uuidString: holder).map { TurnLine.isHeldUp(by: ExecutionID($0)) }
            ?? SpotterError(.conflict, "The turn before is paused or waits for somebody.")
    }
}
