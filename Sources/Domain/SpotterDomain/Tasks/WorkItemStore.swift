public import Foundation

/// Which tasks a list shows.
public struct WorkItemFilter: Sendable, Hashable {
    /// Only those in this state; nil means in any.
    public var state: WorkItemState?
    /// Only those of this agent; nil means of any.
    public var agent: AgentID?
    /// Words to find in title or description.
    public var search: String?

    /// A filter; what is nil lets everything pass.
    public init(state: WorkItemState? = nil, agent: AgentID? = nil, search: String? = nil) {
        self.state = state
        self.agent = agent
        self.search = search
    }
}

/// What a change of a task does to the run that its `run_at` asked for.
public enum PlannedRun: Sendable {
    /// Nothing.
    case keep
    /// Cancels it, unless work on it has begun, and asks for another one in its place, if there is one.
    case replace(Execution?)
}

/// Where tasks are kept.
///
/// Whatever a store starts it judges by the task's dependencies in the same transaction (``WorkItemReadiness``), and
/// whenever a run of a task ends, the transaction that records the end judges those that wait for it: the execution
/// store and the queue see to that. So no end is missed, however many happen at once.
public protocol WorkItemStore: Sendable {
    /// Creates version 1, with a run of it if there is one to start. Throws `ReceiptExists`, or `invalid` for an
    /// unknown dependency.
    ///
    /// - Parameters:
    ///   - maker: the run that makes it; nil where none does. The event that tells of the task is that run's, too.
    ///   - receipt: makes the receipt of the request from what there is to answer.
    func create(
        _ item: WorkItem, start: Execution?, by maker: ExecutionID?,
        receipt: @escaping @Sendable (WorkItemStatus) throws -> Receipt?, in scope: OrganizationScope
    ) async throws -> WorkItemStatus
    /// Throws `notFound`.
    func status(of id: WorkItemID, in scope: OrganizationScope) async throws -> WorkItemStatus
    /// Newest first.
    func list(
        _ filter: WorkItemFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkItemStatus>
    /// Makes `item` (with its version already raised) the current version if the stored one is `item.version - 1`;
    /// otherwise throws `preconditionFailed`, or `notFound`. Throws `invalid` for an unknown dependency, and for one
    /// that closes a circle. Runs that wait for dependencies are judged by the new ones.
    func update(
        _ item: WorkItem, planned: PlannedRun, in scope: OrganizationScope
    ) async throws -> WorkItemStatus
    /// Deletes the task and cancels its runs that have not begun; the others go on, and all stay in the history. With
    /// `version`, only if that is the current one. Throws `conflict` while another task depends on it.
    func delete(_ id: WorkItemID, version: Int?, at now: Date, in scope: OrganizationScope) async throws
    /// Starts a run of the task that `execution` names. Throws `ReceiptExists` or `notFound`.
    /// - Returns: the run as it is then: queued, waiting, or failed already.
    func start(
        _ execution: Execution, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> Execution
    func statistics(in scope: OrganizationScope) async throws -> WorkItemStatistics
}

extension WorkItemStore {
    /// The same for a task that no run makes.
    public func create(
        _ item: WorkItem, start: Execution?, receipt: @escaping @Sendable (WorkItemStatus) throws -> Receipt?,
        in scope: OrganizationScope
    ) async throws -> WorkItemStatus {
        try await create(item, start: start, by: nil, receipt: receipt, in: scope)
    }
}

extension SpotterError {
    /// What is said of a task that others depend on.
    public static func isDependedOn(by task: WorkItemID) -> SpotterError {
        SpotterError(.conflict, "\(task) depends on this task. Change that one first.")
    }
}
