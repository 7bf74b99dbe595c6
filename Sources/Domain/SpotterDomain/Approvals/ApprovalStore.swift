/// Which approvals a list shows.
public struct ApprovalFilter: Sendable, Hashable {
    /// Only those in this state; nil means in any.
    public var state: Approval.State?
    /// Only those of this execution; nil means of any.
    public var execution: ExecutionID?

    /// A filter; what is nil lets everything pass.
    public init(state: Approval.State? = nil, execution: ExecutionID? = nil) {
        self.state = state
        self.execution = execution
    }
}

/// The inbox: approvals as people look for them. They are written as steps of journals, by `ExecutionStore`.
public protocol ApprovalStore: Sendable {
    /// Throws `notFound`.
    func approval(_ id: ApprovalID, in scope: OrganizationScope) async throws -> Approval
    /// Newest first.
    func list(_ filter: ApprovalFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Approval>
}
