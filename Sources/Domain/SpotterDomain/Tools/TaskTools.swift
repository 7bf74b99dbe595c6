public import Foundation

/// Where tools have tasks made for agents.
public protocol TaskPlanner: Sendable {
    /// Makes a task, once for each key; with `isDryRun` only checks it.
    ///
    /// - Parameter maker: the run that asks for it; nil where none does.
    /// - Returns: the task; nil in a dry run.
    /// - Throws: `invalid`, which names the field.
    func plan(
        _ settings: WorkItemSettings, by maker: ExecutionID?, key: String, isDryRun: Bool, at now: Date,
        in scope: OrganizationScope
    ) async throws -> WorkItemStatus?
}

/// Where tools start procedures that exist already.
public protocol WorkflowStarter: Sendable {
    /// What can be started, the newest first.
    func startable(in scope: OrganizationScope) async throws -> [StartableWorkflow]
    /// Starts one, once for each key; with `isDryRun` only checks that it could be.
    ///
    /// - Parameter origin: that of whoever asks; what is started is one hop further from the first cause.
    /// - Returns: the run; nil in a dry run.
    /// - Throws: `notFound`; `invalid`, which names the field; `limitReached` where runs have started each other too
    ///   often.
    func start(
        _ workflow: StartableWorkflow, input: JSONValue?, origin: ExecutionOrigin, key: String, isDryRun: Bool,
        at now: Date, in scope: OrganizationScope
    ) async throws -> ExecutionID?
}

/// A procedure that can be started.
public struct StartableWorkflow: Sendable, Hashable {
    /// Its id, such as `task_01h…`.
    public let id: String
    /// What people call it.
    public let name: String
    /// What it does; may be empty.
    public let description: String
    /// What it is, such as `task`.
    public let kind: String

    /// A procedure.
    public init(id: String, name: String, description: String, kind: String) {
        self.id = id
        self.name = name
        self.description = description
        self.kind = kind
    }
}
