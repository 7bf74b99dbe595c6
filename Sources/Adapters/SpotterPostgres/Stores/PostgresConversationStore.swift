import Foundation
import PostgresKit
import SpotterDomain

/// Conversations and their messages in PostgreSQL.
struct PostgresConversationStore: ConversationStore {
    let door: StoreDoor

    func create(_ conversation: Conversation, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let insert = Statement(
            """
            WITH created AS (
                INSERT INTO spotter.conversations (
                    organization_id, id, agent_id, title, metadata, version, created_at, updated_at, last_message_at)
                SELECT organization_id, $1, id, $3, $4, $5, $6, $7, $8
                FROM spotter.agents WHERE id = $2 AND deleted_at IS NULL
                RETURNING id)
            SELECT app.require(EXISTS (SELECT FROM created), 'SP404', 'agent')
            """, conversation.id.uuid, conversation.agentId.uuid, conversation.title,
            try PostgresValue.document(conversation.metadata), conversation.version, conversation.createdAt,
            conversation.updatedAt, conversation.lastMessageAt)
        _ = try await door.write(scope, PostgresReceiptStore.insert(receipt) + [insert, conversation.keepWords])
    }

    func conversation(_ id: ConversationID, in scope: OrganizationScope) async throws -> Conversation {
        let rows = try await door.read(scope, Self.select(id))
        guard let conversation = try rows.firstDecoded(Conversation.init) else {
            throw SpotterError.notFound("conversation")
        }
        return conversation
    }

    fileprivate static func select(_ id: ConversationID) -> Statement {
        Statement(
            """
            SELECT id, agent_id, title, metadata, version, created_at, updated_at, last_message_at
            FROM spotter.conversations WHERE id = $1
            """, id.uuid)
    }

    func list(
        _ filter: ConversationFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Conversation> {
        let words = try SearchWords.wanted(filter.search)
        let statement = words.isEmpty ? Self.list(filter.agent, page) : Self.find(words, filter.agent, page)
        let conversations = try await door.read(scope, statement).decoded(Conversation.init)
        return Page(fetched: conversations, limit: page.limit) { Cursor($0.id.uuid) }
    }

    private static func list(_ agent: AgentID?, _ page: PageRequest) -> Statement {
        guard let agent else {
            return Statement(
                """
                SELECT id, agent_id, title, metadata, version, created_at, updated_at, last_message_at
                FROM spotter.conversations WHERE id < $1 ORDER BY id DESC LIMIT $2
                """, page.before, page.fetchLimit)
        }
        return Statement(
            """
            SELECT id, agent_id, title, metadata, version, created_at, updated_at, last_message_at
            FROM spotter.conversations WHERE id < $1 AND agent_id = $2 ORDER BY id DESC LIMIT $3
            """, page.before, agent.uuid, page.fetchLimit)
    }

    /// With an agent the words do not say how many of those found are its own, so all of them are looked at.
    private static func find(_ words: [String], _ agent: AgentID?, _ page: PageRequest) -> Statement {
        Statement(
            """
            SELECT id, agent_id, title, metadata, version, created_at, updated_at, last_message_at
            FROM app.find_conversations($1::text[], $2, CASE WHEN $3::uuid IS NULL THEN $4::integer END) AS found (found_id)
                CROSS JOIN LATERAL (SELECT * FROM spotter.conversations WHERE id = found_id OFFSET 0) AS stored
            WHERE $3::uuid IS NULL OR agent_id = $3
            ORDER BY id DESC LIMIT $4
            """, words, page.before, agent?.uuid, page.fetchLimit)
    }
}

// MARK: Changing

extension PostgresConversationStore {
    func update(_ conversation: Conversation, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.conversations
                SET title = $3, metadata = $4, version = $2, updated_at = $5
                WHERE id = $1 AND version = $2 - 1
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed), EXISTS (SELECT FROM spotter.conversations WHERE id = $1)
            """, conversation.id.uuid, conversation.version, conversation.title,
            try PostgresValue.document(conversation.metadata), conversation.updatedAt)
        try await door.transaction(scope) { transaction in
            try await transaction.query(statement).requireChange(of: "conversation")
            _ = try await transaction.query(conversation.keepWords)
        }
    }

    func delete(_ id: ConversationID, version: Int?, in scope: OrganizationScope) async throws {
        // First the conversation and then its executions, as records do. Those that have ended count too: the deletion
        // takes the conversation from them, and whoever changes a family holds them by their ids.
        let runs = Statement(
            """
            SELECT id FROM spotter.executions
            WHERE conversation_id = $1 ORDER BY id FOR NO KEY UPDATE
            """, id.uuid)
        let delete = Statement(
            """
            WITH changed AS (
                DELETE FROM spotter.conversations
                WHERE id = $1 AND ($2::integer IS NULL OR version = $2)
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed), EXISTS (SELECT FROM spotter.conversations WHERE id = $1)
            """, id.uuid, version)
        try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch(TurnSQL.lock([id]) + [runs, TurnSQL.dismiss(id), delete])
            try rows[3].requireChange(of: "conversation")
            let dismissed = try rows[2].decoded { (id: try $0.id(0) as ExecutionID, at: try $0.get(1, as: Date.self)) }
            guard let now = dismissed.first?.at else { return }
            let events = dismissed.map { EventDraft(.executionCancelled, execution: $0.id) }
            _ = try await transaction.batch(PostgresEventStore.append(events, at: now))
        }
    }
}

// MARK: Messages

extension PostgresConversationStore {
    func messages(
        of id: ConversationID, includesReplaced: Bool, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Message> {
        let exists = Statement("SELECT EXISTS (SELECT FROM spotter.conversations WHERE id = $1)", id.uuid)
        // A cursor of another list has no place here, and so nothing comes after it.
        let messages = Statement(
            """
            SELECT id, conversation_id, role, content, transcript, usage, cost, latency_ms, execution_id, replaces,
                replaced_by, is_partial, created_at
            FROM spotter.messages
            WHERE conversation_id = $1 AND position > CASE WHEN $2::uuid IS NULL THEN 0 ELSE (
                SELECT position FROM spotter.messages WHERE id = $2 AND conversation_id = $1) END
                AND ($4 OR replaced_by IS NULL)
            ORDER BY position LIMIT $3
            """, id.uuid, page.after?.uuid, page.fetchLimit, includesReplaced)
        let rows = try await door.read(scope, [exists, messages])
        guard try rows[0].firstDecoded({ try $0.get(0, as: Bool.self) }) == true else {
            throw SpotterError.notFound("conversation")
        }
        return Page(fetched: try rows[1].decoded(Message.init), limit: page.limit) { Cursor($0.id.uuid) }
    }

    func message(
        _ id: MessageID, in conversation: ConversationID, _ scope: OrganizationScope
    ) async throws -> Message {
        let statement = Statement(
            """
            SELECT id, conversation_id, role, content, transcript, usage, cost, latency_ms, execution_id, replaces,
                replaced_by, is_partial, created_at
            FROM spotter.messages WHERE id = $1 AND conversation_id = $2
            """, id.uuid, conversation.uuid)
        guard let message = try await door.read(scope, statement).firstDecoded(Message.init) else {
            throw SpotterError.notFound("message")
        }
        return message
    }

    func answer(
        of execution: ExecutionID, in conversation: ConversationID, _ scope: OrganizationScope
    ) async throws -> Message? {
        let statement = Statement(
            """
            SELECT id, conversation_id, role, content, transcript, usage, cost, latency_ms, execution_id, replaces,
                replaced_by, is_partial, created_at
            FROM spotter.messages WHERE conversation_id = $1 AND execution_id = $2 AND role = 'assistant'
            ORDER BY position DESC LIMIT 1
            """, conversation.uuid, execution.uuid)
        return try await door.read(scope, statement).firstDecoded(Message.init)
    }

    func turnContext(
        of id: ConversationID, limit: Int, in scope: OrganizationScope
    ) async throws -> TurnContext {
        let agent = Statement(
            """
            SELECT id, version, name, description, role, system_prompt, model, tools, capabilities, priority,
                temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template, created_at,
                updated_at, context, max_cost, max_tokens, actions, max_concurrent, external
            FROM spotter.agents
            WHERE id = (SELECT agent_id FROM spotter.conversations WHERE id = $1) AND deleted_at IS NULL
            """, id.uuid)
        let messages = Statement(
            """
            SELECT id, conversation_id, role, content, transcript, usage, cost, latency_ms, execution_id, replaces,
                replaced_by, is_partial, created_at
            FROM spotter.messages WHERE conversation_id = $1 AND position > coalesce((
                SELECT max(through_position) FROM spotter.memory_blocks WHERE conversation_id = $1), 0)
                AND replaced_by IS NULL
            ORDER BY position DESC LIMIT $2
            """, id.uuid, max(limit, 0))
        let rows = try await door.read(
            scope,
            [
                PostgresOrganizationStore.select, Self.select(id), agent, messages, Self.block(of: id),
                Self.memory(of: id),
            ])
        guard let conversation = try rows[1].firstDecoded(Conversation.init) else {
            throw SpotterError.notFound("conversation")
        }
        guard let agent = try rows[2].firstDecoded(Agent.init) else { throw SpotterError.notFound("agent") }
        guard let organization = try rows[0].firstDecoded(Organization.init) else {
            throw SpotterError.notFound("organization")
        }
        let past = try rows[4].firstDecoded { row in
            (
                length: try row.get(0, as: Int.self), covered: try row.get(1, as: Int?.self) ?? 0,
                block: try MemoryBlock(row, from: 2)
            )
        }
        let said = try rows[3].decoded(Message.init)
        return TurnContext(
            organization: organization, conversation: conversation, agent: agent, messages: said.reversed(),
            // With fewer than were asked for there are no more.
            block: past?.block,
            unread: said.count < limit ? 0 : past.map { max(0, $0.length - $0.covered - said.count) } ?? 0,
            memory: try rows[5].decoded(MemoryEntry.init))
    }

    /// How many messages the conversation has, how many of them its newest block covers, and the block.
    private static func block(of id: ConversationID) -> Statement {
        Statement(
            """
            SELECT c.last_position, b.through_position, b.id, b.conversation_id, b.summary, b.through_id, b.method,
                b.model, b.messages, b.tokens_before, b.tokens_after, b.execution_id, b.created_at
            FROM spotter.conversations c
            LEFT JOIN LATERAL (
                SELECT * FROM spotter.memory_blocks WHERE conversation_id = c.id
                ORDER BY through_position DESC, id DESC LIMIT 1) b ON true
            WHERE c.id = $1
            """, id.uuid)
    }

    /// What was noted last for the conversation, for its agent, and for everybody.
    private static func memory(of id: ConversationID) -> Statement {
        Statement(
            """
            SELECT e.id, e.agent_id, e.conversation_id, e.key, e.value, e.version, e.created_at, e.updated_at
            FROM spotter.conversations c
            CROSS JOIN LATERAL (VALUES (c.id, 1), (c.agent_id, 2), (c.organization_id, 3)) AS owner (id, place)
            CROSS JOIN LATERAL (
                SELECT * FROM spotter.memory_entries WHERE owner_id = owner.id
                ORDER BY updated_at DESC, id DESC LIMIT $2) e
            WHERE c.id = $1
            ORDER BY owner.place, e.updated_at DESC, e.id DESC
            """, id.uuid, TurnContext.entriesRecalled)
    }
}
