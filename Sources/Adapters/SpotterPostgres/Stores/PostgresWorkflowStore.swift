import Foundation
import PostgresKit
import SpotterDomain

/// Workflows and their versions in PostgreSQL.
struct PostgresWorkflowStore: WorkflowStore {
    let door: StoreDoor

    func create(
        _ workflow: Workflow, triggers: [Trigger], receipt: Receipt?, in scope: OrganizationScope
    ) async throws {
        let definition = try PostgresValue.document(workflow.definition)
        let insert = Statement(
            """
            WITH made AS (
                INSERT INTO spotter.workflows (
                    organization_id, id, version, name_key, search_key, definition, template, created_at, updated_at)
                VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8)
                RETURNING organization_id, id, version, definition, updated_at),
            kept AS (
                INSERT INTO spotter.workflow_versions (organization_id, workflow_id, version, definition, created_at)
                SELECT organization_id, id, version, definition, updated_at FROM made)
            SELECT FROM made
            """, workflow.id.uuid, workflow.version, workflow.nameKey, workflow.searchKey, definition,
            workflow.template, workflow.createdAt, workflow.updatedAt)
        // Of many at once only as many come in as there is room for.
        let lock = Statement("SELECT FROM spotter.organizations FOR NO KEY UPDATE")
        let room = Statement(
            "SELECT app.require(count(*) < $1, 'SP410', 'full') FROM spotter.workflows WHERE deleted_at IS NULL",
            WorkflowLimits.mostWorkflows)
        var statements = PostgresReceiptStore.insert(receipt) + [lock, room]
        if !triggers.isEmpty { statements.append(PostgresTriggerStore.room(for: triggers.count)) }
        statements.append(insert)
        statements += try triggers.map(PostgresTriggerStore.insert)
        _ = try await door.write(scope, statements)
    }

    func workflow(_ id: WorkflowID, in scope: OrganizationScope) async throws -> Workflow {
        let statement = Statement(
            """
            SELECT id, version, definition, template, created_at, updated_at
            FROM spotter.workflows WHERE id = $1 AND deleted_at IS NULL
            """, id.uuid)
        guard let workflow = try await door.read(scope, statement).firstDecoded(Workflow.init) else {
            throw SpotterError.notFound("workflow")
        }
        return workflow
    }

    func workflow(named name: String, in scope: OrganizationScope) async throws -> Workflow? {
        let statement = Statement(
            """
            SELECT id, version, definition, template, created_at, updated_at
            FROM spotter.workflows WHERE name_key = $1 AND deleted_at IS NULL
            """, FoldedText.fold(name))
        return try await door.read(scope, statement).firstDecoded(Workflow.init)
    }

    func list(search: String?, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Workflow> {
        let statement = Statement(
            """
            SELECT id, version, definition, template, created_at, updated_at
            FROM spotter.workflows
            WHERE id < $1 AND deleted_at IS NULL AND search_key LIKE ALL ($2::text[])
            ORDER BY id DESC LIMIT $3
            """, page.before, LikePattern.words(of: search), page.fetchLimit)
        let workflows = try await door.read(scope, statement).decoded(Workflow.init)
        return Page(fetched: workflows, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func update(_ workflow: Workflow, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.workflows SET
                    version = $2, name_key = $3, search_key = $4, definition = $5, updated_at = $6
                WHERE id = $1 AND version = $2 - 1 AND deleted_at IS NULL
                RETURNING organization_id, id, version, definition, updated_at),
            kept AS (
                INSERT INTO spotter.workflow_versions (organization_id, workflow_id, version, definition, created_at)
                SELECT organization_id, id, version, definition, updated_at FROM changed)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.workflows WHERE id = $1 AND deleted_at IS NULL)
            """, workflow.id.uuid, workflow.version, workflow.nameKey, workflow.searchKey,
            try PostgresValue.document(workflow.definition), workflow.updatedAt)
        try await door.write(scope, statement).requireChange(of: "workflow")
    }

    func delete(_ id: WorkflowID, version: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.workflows SET deleted_at = now()
                WHERE id = $1 AND deleted_at IS NULL AND ($2::integer IS NULL OR version = $2)
                RETURNING organization_id, id),
            ended AS (
                UPDATE spotter.triggers t SET deleted_at = now() FROM changed
                WHERE t.organization_id = changed.organization_id AND t.workflow_id = changed.id
                    AND t.deleted_at IS NULL)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.workflows WHERE id = $1 AND deleted_at IS NULL)
            """, id.uuid, version)
        try await door.write(scope, statement).requireChange(of: "workflow")
    }

    func versions(
        of id: WorkflowID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> [WorkflowVersion] {
        let statement = Statement(
            """
            SELECT v.workflow_id, v.version, v.definition, v.created_at
            FROM spotter.workflows w
            JOIN spotter.workflow_versions v ON v.organization_id = w.organization_id AND v.workflow_id = w.id
            WHERE w.id = $1 AND w.deleted_at IS NULL AND v.version < $3::bigint ORDER BY v.version DESC LIMIT $2
            """, id.uuid, page.limit, page.after?.version ?? Int.max)
        let versions = try await door.read(scope, statement).decoded(WorkflowVersion.init)
        // Every workflow has its first version, and nobody asks for those before it.
        guard !versions.isEmpty else { throw SpotterError.notFound("workflow") }
        return versions
    }

    func version(
        _ version: Int, of id: WorkflowID, in scope: OrganizationScope
    ) async throws -> WorkflowVersion {
        let statement = Statement(
            """
            SELECT workflow_id, version, definition, created_at
            FROM spotter.workflow_versions WHERE workflow_id = $1 AND version = $2
            """, id.uuid, version)
        guard let found = try await door.read(scope, statement).firstDecoded(WorkflowVersion.init) else {
            throw SpotterError.notFound("workflow version")
        }
        return found
    }
}

extension Workflow {
    /// Reads id, version, definition, template, and the times of creation and change.
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), version: try row.get(1), definition: try row.document(2), template: try row.get(3),
            createdAt: try row.get(4), updatedAt: try row.get(5))
    }

    fileprivate var nameKey: String { FoldedText.fold(definition.name) }
    fileprivate var searchKey: String { FoldedText.searchKey(definition.name, definition.description) }
}

extension WorkflowVersion {
    /// Reads workflow, version, definition, time.
    fileprivate init(_ row: Row) throws {
        self.init(
            workflowId: try row.id(0), version: try row.get(1), definition: try row.document(2),
            createdAt: try row.get(3))
    }
}
