import Foundation
import PostgresKit
import SpotterDomain

/// What workflows of a CRM have agents do, in PostgreSQL.
struct PostgresWorkflowActionStore: WorkflowActionStore {
    let door: StoreDoor

    func workflow(named name: String, new: UUID, in scope: OrganizationScope) async throws -> UUID {
        if let known = try await workflow(named: name, in: scope) { return known }
        let insert = Statement(
            """
            INSERT INTO spotter.crm_workflows (organization_id, id, name) VALUES ((SELECT app.organization()), $1, $2)
            ON CONFLICT ON CONSTRAINT crm_workflows_name_key DO NOTHING
            """, new, name)
        _ = try await door.write(scope, insert)
        guard let known = try await workflow(named: name, in: scope) else {
            throw SpotterError(.unavailable, "The workflow could not be noted; try again.", retryAfter: 1)
        }
        return known
    }

    func workflow(named name: String, in scope: OrganizationScope) async throws -> UUID? {
        try await door.read(scope, Statement("SELECT id FROM spotter.crm_workflows WHERE name = $1", name))
            .firstDecoded { try $0.get(0) }
    }

    func start(
        _ execution: Execution, _ action: WorkflowAction, for workflow: UUID, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws {
        let note = Statement(
            """
            INSERT INTO spotter.workflow_actions (
                organization_id, execution_id, workflow_id, action, agent_id, created_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5)
            """, execution.id.uuid, workflow, action.action.rawValue, action.agentId.uuid, execution.createdAt)
        _ = try await door.write(
            scope,
            PostgresReceiptStore.insert(receipt) + [try ExecutionSQL.insert([execution]), note]
                + PostgresEventStore.append([execution.queuedEvent], at: execution.createdAt))
    }

    func list(
        workflow: String?, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkflowActionEntry> {
        let statement = Statement(
            """
            SELECT a.execution_id, w.name, a.action, a.agent_id, coalesce(e.state, h.state), a.created_at,
                coalesce(e.completed_at, h.completed_at), spent.*
            FROM (
                SELECT * FROM spotter.workflow_actions
                WHERE execution_id < $1 AND ($3::text IS NULL OR workflow_id = (
                    SELECT id FROM spotter.crm_workflows WHERE name = $3))
                ORDER BY execution_id DESC LIMIT $2) a
            JOIN spotter.crm_workflows w ON w.organization_id = a.organization_id AND w.id = a.workflow_id
            LEFT JOIN spotter.executions e ON e.organization_id = a.organization_id AND e.id = a.execution_id
            LEFT JOIN spotter.executions_history h ON h.organization_id = a.organization_id AND h.id = a.execution_id
            CROSS JOIN LATERAL (
                SELECT count(*), coalesce(sum(input_tokens), 0)::bigint, coalesce(sum(output_tokens), 0)::bigint,
                    coalesce(sum(cache_read_tokens), 0)::bigint, coalesce(sum(cache_write_tokens), 0)::bigint,
                    coalesce(sum(reasoning_tokens), 0)::bigint, coalesce(sum(model_calls), 0)::bigint,
                    coalesce(sum(base), 0), coalesce(sum(markup), 0), coalesce(sum(billed), 0)
                FROM spotter.ledger l
                WHERE l.organization_id = a.organization_id AND l.execution_id = a.execution_id) spent
            ORDER BY a.execution_id DESC
            """, page.before, page.fetchLimit, workflow)
        let entries = try await door.read(scope, statement).decoded { row in
            WorkflowActionEntry(
                execution: try row.id(0), workflow: try row.get(1), action: try row.named(2), agent: try row.id(3),
                state: try row.optionallyNamed(4), createdAt: try row.get(5), completedAt: try row.get(6),
                sum: try UsageSum(row, key: nil, from: 7))
        }
        return Page(fetched: entries, limit: page.limit) { Cursor($0.execution.uuid) }
    }
}
