import Foundation
import SpotterDomain

/// What workflows of a CRM have agents do, in memory.
struct MemoryWorkflowActionStore: WorkflowActionStore {
    let database: MemoryDatabase

    func workflow(named name: String, new: UUID, in scope: OrganizationScope) async throws -> UUID {
        try database.write(scope) { records in
            if let known = records.crmWorkflows[name] { return known }
            records.crmWorkflows[name] = new
            return new
        }
    }

    func workflow(named name: String, in scope: OrganizationScope) async throws -> UUID? {
        database.read(scope) { $0.crmWorkflows[name] }
    }

    func start(
        _ execution: Execution, _ action: WorkflowAction, for workflow: UUID, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws {
        let clock = database.clock.now()
        try database.write(scope) { records in
            try records.insert(receipt)
            try records.insert(execution, worker: nil, at: clock)
            _ = records.append([execution.queuedEvent], at: execution.createdAt)
            records.workflowActions[execution.id] = action
        }
    }

    func list(
        workflow: String?, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkflowActionEntry> {
        database.read(scope) { records in
            let actions = records.workflowActions.filter { workflow == nil || $0.value.workflowId == workflow }
            let entries = actions.map { id, action in
                let run = records.executions[id]?.execution
                let lines = records.ledger.filter { $0.execution == id }
                return WorkflowActionEntry(
                    execution: id, workflow: action.workflowId, action: action.action, agent: action.agentId,
                    state: run?.state, createdAt: run?.createdAt ?? .distantPast, completedAt: run?.completedAt,
                    sum: UsageSum(
                        key: nil, lines: lines.count, usage: lines.reduce(TokenUsage()) { $0 + $1.usage },
                        cost: lines.reduce(Cost.zero) { $0 + $1.cost }))
            }
            return newestFirst(entries, page, id: \.execution)
        }
    }
}
