public import Foundation
public import SpotterDomain

/// What tools may start: the organisation's workflows, and its tasks.
public struct ProcedureDesk: WorkflowStarter {
    private let workflows: WorkflowService
    private let tasks: any WorkflowStarter
    private let receipts: any ReceiptStore
    private static let page = 200

    /// A desk over workflows, and over whatever starts tasks.
    public init(workflows: WorkflowService, tasks: any WorkflowStarter, receipts: any ReceiptStore) {
        self.receipts = receipts
        self.workflows = workflows
        self.tasks = tasks
    }

    private static let kind = "workflow"

    /// Workflows first, then tasks, each newest first.
    public func startable(in scope: OrganizationScope) async throws -> [StartableWorkflow] {
        let page = try await workflows.list(search: nil, PageRequest(limit: Self.page), in: scope)
        let own = page.items.map { workflow in
            StartableWorkflow(
                id: workflow.id.description, name: workflow.definition.name,
                description: workflow.definition.description ?? "", kind: Self.kind)
        }
        return try await own + tasks.startable(in: scope)
    }

    /// Starts a run, once for each key: the receipt goes with it, in its transaction.
    public func start(
        _ workflow: StartableWorkflow, input: JSONValue?, origin: ExecutionOrigin, key: String, isDryRun: Bool,
        at now: Date, in scope: OrganizationScope
    ) async throws -> ExecutionID? {
        guard let id = WorkflowID(workflow.id) else {
            return try await tasks.start(
                workflow, input: input, origin: origin, key: key, isDryRun: isDryRun, at: now, in: scope)
        }
        let options = WorkflowService.StartOptions(input: input ?? [:], origin: try origin.afterHop())
        guard !isDryRun else {
            _ = try await workflows.execution(of: id, options, at: now, in: scope)
            return nil
        }
        // Apart from the keys of requests; the end of a key is what tells two apart.
        let key = "tool:workflow:\(key.suffix(200))"
        do {
            return try await workflows.start(id, options, at: now, in: scope) { run in
                Receipt(key: key, fingerprint: Self.fingerprint, execution: run, createdAt: now)
            }
        } catch is ReceiptExists {
            guard let run = try await receipts.receipt(forKey: key, in: scope)?.execution else {
                throw SpotterError.notFound("execution")
            }
            return run
        }
    }

    private static let fingerprint = [UInt8](repeating: 0, count: 16)
}
