public import Foundation
public import SpotterDomain

/// Tasks as tools make and start them: each effect once, whatever happens in between.
///
/// A receipt goes with each effect, in its transaction, under the effect's key: whoever repeats it is told of the first.
public struct TaskDesk: TaskPlanner, WorkflowStarter {
    private let tasks: TaskService
    private let receipts: any ReceiptStore
    /// How many procedures are shown.
    private static let listed = 200

    /// A desk over the service that the API uses, too.
    public init(tasks: TaskService, receipts: any ReceiptStore) {
        self.tasks = tasks
        self.receipts = receipts
    }

    /// Makes a task, once for each key.
    public func plan(
        _ settings: WorkItemSettings, by maker: ExecutionID?, key: String, isDryRun: Bool, at now: Date,
        in scope: OrganizationScope
    ) async throws -> WorkItemStatus? {
        guard !isDryRun else {
            try await tasks.check(settings, at: now, in: scope)
            return nil
        }
        let key = Self.receiptKey("task", key)
        do {
            return try await tasks.create(settings, by: maker, at: now, in: scope) { status in
                let response = Receipt.Response(status: 201, body: Array(status.item.id.description.utf8))
                return Receipt(key: key, fingerprint: Self.fingerprint, response: response, createdAt: now)
            }
        } catch is ReceiptExists {
            let kept = try await receipts.receipt(forKey: key, in: scope)?.response?.body ?? []
            guard let id = WorkItemID(String(decoding: kept, as: UTF8.self)) else {
                throw SpotterError.notFound("task")
            }
            return try await tasks.status(of: id, in: scope)
        }
    }

    /// The tasks of the organisation.
    public func startable(in scope: OrganizationScope) async throws -> [StartableWorkflow] {
        let page = try await tasks.list(WorkItemFilter(), PageRequest(limit: Self.listed), in: scope)
        return page.items.map { status in
            StartableWorkflow(
                id: status.item.id.description, name: status.item.settings.title,
                description: status.item.settings.description ?? "", kind: "task")
        }
    }

    /// Starts a run of a task, once for each key.
    public func start(
        _ workflow: StartableWorkflow, input: JSONValue?, origin: ExecutionOrigin, key: String, isDryRun: Bool,
        at now: Date, in scope: OrganizationScope
    ) async throws -> ExecutionID? {
        let options = TaskService.RunOptions(input: input, origin: try origin.afterHop())
        guard let id = WorkItemID(workflow.id) else { throw SpotterError.notFound("task") }
        guard !isDryRun else {
            let item = try await tasks.status(of: id, in: scope).item
            _ = try await tasks.execution(of: item, options, at: now, in: scope)
            return nil
        }
        let key = Self.receiptKey("run", key)
        do {
            return try await tasks.execute(id, options, at: now, in: scope) { run in
                Receipt(key: key, fingerprint: Self.fingerprint, execution: run, createdAt: now)
            }.id
        } catch is ReceiptExists {
            guard let run = try await receipts.receipt(forKey: key, in: scope)?.execution else {
                throw SpotterError.notFound("execution")
            }
            return run
        }
    }

    private static let fingerprint = [UInt8](repeating: 0, count: 16)

    /// Apart from the keys of requests; the end of a key is what tells two apart.
    private static func receiptKey(_ effect: String, _ key: String) -> String { "tool:\(effect):\(key.suffix(200))" }
}
