public import Foundation

/// Marks the ids of workflows.
public enum WorkflowKind: IdentifierKind {
    /// Ids begin with `wf_`.
    public static let prefix = "wf"
}

/// The id of a workflow, such as `wf_01h…`.
public typealias WorkflowID = Identifier<WorkflowKind>

/// A graph of work that an organisation keeps, as it is at one version. Runs keep the version that they began with.
public struct Workflow: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: WorkflowID
    /// 1 at first, one more with each change.
    public let version: Int
    /// What people wrote.
    public var definition: WorkflowDefinition
    /// The template that it was made from, such as `gym/lead-follow-up`; nil for one that was written.
    public let template: String?
    /// When its first version was made.
    public let createdAt: Date
    /// When this version was made.
    public var updatedAt: Date

    /// A workflow as it stands at `version`.
    public init(
        id: WorkflowID, version: Int, definition: WorkflowDefinition, template: String? = nil, createdAt: Date,
        updatedAt: Date
    ) {
        self.id = id
        self.version = version
        self.definition = definition
        self.template = template
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What a workflow was at one time. Never changes.
public struct WorkflowVersion: Sendable, Codable, Hashable {
    /// The workflow it is a version of.
    public let workflowId: WorkflowID
    /// 1 for the first, one more with each change.
    public let version: Int
    /// What people had written.
    public let definition: WorkflowDefinition
    /// When the version was made.
    public let createdAt: Date

    /// A version as it was kept.
    public init(workflowId: WorkflowID, version: Int, definition: WorkflowDefinition, createdAt: Date) {
        self.workflowId = workflowId
        self.version = version
        self.definition = definition
        self.createdAt = createdAt
    }
}

/// Where workflows and their versions are kept.
///
/// Names are unique in an organisation, compared after Unicode NFC and case folding: a second workflow of that name is a
/// `conflict`. An organisation has at most ``WorkflowLimits/mostWorkflows``.
public protocol WorkflowStore: Sendable {
    /// Creates version 1, and the triggers that start it, which begin at the end of the log. Throws `conflict`,
    /// `limitReached`.
    func create(
        _ workflow: Workflow, triggers: [Trigger], receipt: Receipt?, in scope: OrganizationScope
    ) async throws
    /// Throws `notFound`.
    func workflow(_ id: WorkflowID, in scope: OrganizationScope) async throws -> Workflow
    func workflow(named name: String, in scope: OrganizationScope) async throws -> Workflow?
    /// Newest first; `search` is words to find in name or description.
    func list(search: String?, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Workflow>
    /// Makes `workflow` (with its version already raised) the current version if the stored one is
    /// `workflow.version - 1`; otherwise throws `preconditionFailed`, or `notFound`.
    func update(_ workflow: Workflow, in scope: OrganizationScope) async throws
    /// Deletes it and the triggers that start it; its runs go on. With `version`, only if that is the current one.
    func delete(_ id: WorkflowID, version: Int?, in scope: OrganizationScope) async throws
    /// Newest first; `page.after` is a `Cursor(version:)` and gives those before it. Throws `notFound` for a workflow that
    /// there is not.
    func versions(of id: WorkflowID, _ page: PageRequest, in scope: OrganizationScope) async throws -> [WorkflowVersion]
    /// One version, of a deleted workflow too: its runs go on. Throws `notFound`.
    func version(_ version: Int, of id: WorkflowID, in scope: OrganizationScope) async throws -> WorkflowVersion
}

extension WorkflowStore {
    /// Creates version 1 of a workflow that no event starts.
    public func create(_ workflow: Workflow, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try await create(workflow, triggers: [], receipt: receipt, in: scope)
    }
}

/// How much of workflows an organisation may have.
public enum WorkflowLimits {
    /// The most workflows of an organisation, deleted ones not counted.
    public static let mostWorkflows = 1_000
    /// The longest document, in bytes of JSON.
    public static let longestDefinition = 1_000_000
    /// The longest wait of a node, in milliseconds: a year.
    public static let longestPauseMs = 31_536_000_000

    /// Another one has the name.
    public static var nameIsTaken: SpotterError {
        SpotterError(
            .conflict, "Another workflow of this organisation has this name.",
            issues: [FieldIssue(pointer: "/name", message: "is the name of another workflow")])
    }

    /// There is no room for another.
    public static var tooMany: SpotterError {
        SpotterError(
            .limitReached, "This organisation has \(mostWorkflows) workflows and may have no more. Delete one first.")
    }
}
