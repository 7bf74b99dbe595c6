import SpotterDomain

/// Workflows in memory.
struct MemoryWorkflowStore: WorkflowStore {
    let database: MemoryDatabase

    func create(
        _ workflow: Workflow, triggers: [Trigger], receipt: Receipt?, in scope: OrganizationScope
    ) async throws {
        try database.write(scope) { records in
            try records.insert(receipt)
            guard records.liveWorkflows.count < WorkflowLimits.mostWorkflows else { throw WorkflowLimits.tooMany }
            try records.requireFreeName(for: workflow)
            records.workflows[workflow.id] = .init(workflow: workflow, versions: [workflow.asVersion])
            for trigger in triggers { try records.insert(trigger) }
        }
    }

    func workflow(_ id: WorkflowID, in scope: OrganizationScope) async throws -> Workflow {
        try database.read(scope) { try $0.workflow(id) }
    }

    func workflow(named name: String, in scope: OrganizationScope) async throws -> Workflow? {
        let key = FoldedText.fold(name)
        return database.read(scope) { records in
            records.liveWorkflows.first { FoldedText.fold($0.definition.name) == key }
        }
    }

    func list(search: String?, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Workflow> {
        let words = FoldedText.words(search ?? "")
        return database.read(scope) { records in
            let matches = records.liveWorkflows.filter { workflow in
                let text = FoldedText.searchKey(workflow.definition.name, workflow.definition.description)
                return words.allSatisfy(text.contains)
            }
            return newestFirst(matches, page, id: \.id)
        }
    }

    func update(_ workflow: Workflow, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.workflow(workflow.id) }
        try database.write(scope) { records in
            guard try records.workflow(workflow.id).version == workflow.version - 1 else {
                throw SpotterError.stale("workflow")
            }
            try records.requireFreeName(for: workflow)
            records.workflows[workflow.id]?.workflow = workflow
            records.workflows[workflow.id]?.versions.append(workflow.asVersion)
        }
    }

    func delete(_ id: WorkflowID, version: Int?, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.workflow(id) }
        try database.write(scope) { records in
            let current = try records.workflow(id).version
            guard version == nil || version == current else { throw SpotterError.stale("workflow") }
            records.workflows[id]?.isDeleted = true
            for trigger in records.triggers.keys
            where records.triggers[trigger]?.trigger.settings.target.workflowId == id {
                records.triggers[trigger]?.isDeleted = true
            }
        }
    }

    func versions(
        of id: WorkflowID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> [WorkflowVersion] {
        try database.read(scope) { records in
            _ = try records.workflow(id)
            let end = page.after?.version ?? .max
            let versions = (records.workflows[id]?.versions ?? []).filter { $0.version < end }
            return Array(versions.reversed().prefix(page.limit))
        }
    }

    func version(
        _ version: Int, of id: WorkflowID, in scope: OrganizationScope
    ) async throws -> WorkflowVersion {
        try database.read(scope) { records in
            guard let found = records.workflows[id]?.versions.first(where: { $0.version == version }) else {
                throw SpotterError.notFound("workflow version")
            }
            return found
        }
    }
}

extension OrganizationRecords {
    fileprivate var liveWorkflows: [Workflow] { workflows.values.filter { !$0.isDeleted }.map(\.workflow) }

    fileprivate func workflow(_ id: WorkflowID) throws -> Workflow {
        guard let stored = workflows[id], !stored.isDeleted else { throw SpotterError.notFound("workflow") }
        return stored.workflow
    }

    fileprivate func requireFreeName(for workflow: Workflow) throws {
        let key = FoldedText.fold(workflow.definition.name)
        guard !liveWorkflows.contains(where: { $0.id != workflow.id && FoldedText.fold($0.definition.name) == key })
        else { throw WorkflowLimits.nameIsTaken }
    }
}

extension Workflow {
    fileprivate var asVersion: WorkflowVersion {
        WorkflowVersion(workflowId: id, version: version, definition: definition, createdAt: updatedAt)
    }
}
