import Foundation
import PostgresKit
import SpotterDomain

/// Reads from the database what the rules judge: as a superuser, past every policy, so that nothing is hidden.
struct Collector: Sendable {
    let look: ScopedDatabase

    /// The organisation of a slug, with everything in its tables.
    func history(of slug: String) async throws -> OrganizationHistory {
        let found = try await look.query(
            Statement("SELECT organization_id AS id FROM spotter.organizations WHERE slug = $1", slug))
        let id = try found.exactlyOne().get("id", as: UUID.self)
        return OrganizationHistory(
            name: slug, executions: try await executions(of: id), steps: try await steps(of: id),
            events: try await events(of: id), messages: try await messages(of: id))
    }

    /// Processes whose leases are not over.
    func livingWorkers() async throws -> Int {
        try await look.query(Statement("SELECT count(*) FROM spotter.workers WHERE lease_until > now()"))
            .exactlyOne().get(0)
    }

    private func executions(of organization: UUID) async throws -> [ExecutionEntry] {
        let rows = try await look.query(
            Statement(
                """
                SELECT id, task_id, conversation_id, parent_id, state, error->>'code' AS code, dead_at IS NOT NULL AS is_dead,
                    worker_id IS NOT NULL OR place_at IS NOT NULL AS is_held, crashes, attempt
                FROM spotter.executions WHERE organization_id = $1 ORDER BY id
                """, organization))
        return try rows.map { row in
            var entry = ExecutionEntry(id: ExecutionID(try row.get("id")).description)
            if let task = try row.get("task_id", as: UUID?.self) { entry.door = .task(WorkItemID(task).description) }
            if let conversation = try row.get("conversation_id", as: UUID?.self) {
                entry.door = .conversation(ConversationID(conversation).description)
            }
            entry.parent = try row.get("parent_id", as: UUID?.self).map { ExecutionID($0).description }
            if entry.door == nil, entry.parent == nil { entry.door = .queue(entry.id) }
            entry.state = try row.get("state")
            entry.errorCode = try row.get("code")
            entry.isDead = try row.get("is_dead")
            entry.isHeld = try row.get("is_held")
            entry.crashes = try row.get("crashes")
            entry.attempt = try row.get("attempt")
            return entry
        }
    }

    private func steps(of organization: UUID) async throws -> [StepEntry] {
        let rows = try await look.query(
            Statement(
                """
                SELECT id, execution_id, step_index, name, kind, state,
                    CASE WHEN kind <> 'approval' THEN input->>'call_id' END AS call,
                    CASE WHEN kind <> 'approval' THEN input->'arguments'->>'url' END AS url,
                    CASE WHEN kind = 'input' THEN output #>> '{}' END AS answer
                FROM spotter.steps WHERE organization_id = $1 ORDER BY execution_id, step_index
                """, organization))
        return try rows.map { row in
            StepEntry(
                id: StepID(try row.get("id")).description,
                execution: ExecutionID(try row.get("execution_id")).description, index: try row.get("step_index"),
                name: try row.get("name"), kind: try row.get("kind"), state: try row.get("state"),
                call: try row.get("call"),
                effect: try row.get("url", as: String?.self).flatMap(EffectStep.init(path:)),
                answer: try row.get("answer"))
        }
    }

    private func events(of organization: UUID) async throws -> [EventEntry] {
        let rows = try await look.query(
            Statement(
                """
                SELECT position, type, execution_id FROM spotter.events WHERE organization_id = $1 ORDER BY position
                """, organization))
        return try rows.map { row in
            EventEntry(
                position: try row.get("position"), type: try row.get("type"),
                execution: try row.get("execution_id", as: UUID?.self).map { ExecutionID($0).description })
        }
    }

    private func messages(of organization: UUID) async throws -> [String: (asked: Int, answered: Int)] {
        let rows = try await look.query(
            Statement(
                """
                SELECT conversation_id, count(*) FILTER (WHERE role = 'user') AS asked,
                    count(*) FILTER (WHERE role = 'assistant') AS answered
                FROM spotter.messages WHERE organization_id = $1 GROUP BY conversation_id
                """, organization))
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    ConversationID(try row.get("conversation_id")).description,
                    (asked: try row.get("asked"), answered: try row.get("answered"))
                )
            })
    }
}
