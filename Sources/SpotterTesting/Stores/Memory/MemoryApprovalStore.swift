import SpotterDomain

/// Approvals in memory: the steps of journals.
struct MemoryApprovalStore: ApprovalStore {
    let database: MemoryDatabase

    func approval(_ id: ApprovalID, in scope: OrganizationScope) async throws -> Approval {
        let found = database.read(scope) { records in
            records.approvals.first { $0.id == id }
        }
        guard let found else { throw SpotterError.notFound("approval") }
        return found
    }

    func list(
        _ filter: ApprovalFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Approval> {
        database.read(scope) { records in
            newestFirst(
                records.approvals.filter { approval in
                    filter.state.map { $0 == approval.state } ?? true
                        && filter.execution.map { $0 == approval.execution } ?? true
                }, page, id: \.id)
        }
    }
}

extension OrganizationRecords {
    fileprivate var approvals: [Approval] {
        executions.values.flatMap { stored in
            stored.steps.values.compactMap { Approval($0, of: stored.execution.id) }
        }
    }
}
