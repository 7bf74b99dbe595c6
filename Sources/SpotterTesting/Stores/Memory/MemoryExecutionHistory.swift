import Foundation
import SpotterDomain

/// The history in memory: what has gone there is marked, and stays where it is.
struct MemoryExecutionHistory: ExecutionHistory {
    let database: MemoryDatabase

    func prepare() async throws {}

    func archive(
        _ retention: Retention, after: ExecutionID?, limit: Int, at now: Date, in scope: OrganizationScope
    ) async throws -> ArchivedBatch {
        database.everything { state in
            guard let all = state.organizations[scope.organization]?.executions else {
                return ArchivedBatch(count: 0, last: nil)
            }
            let open = all.values.map(\.execution).filter { !$0.state.isTerminal }
            let (openIDs, waiting) = (Set(open.map(\.id)), Set(open.compactMap(\.parentId)))
            let ids = all.values.filter { stored in
                let execution = stored.execution
                guard !stored.isArchived, let endedAt = execution.completedAt else { return false }
                return after.map { $0 < execution.id } ?? true
                    && retention.isOver(execution.state, endedAt: endedAt, at: now)
                    && !waiting.contains(execution.id) && !(execution.parentId.map(openIDs.contains) ?? false)
            }.map(\.execution.id).sorted().prefix(limit)
            for id in ids { state.organizations[scope.organization]?.executions[id]?.isArchived = true }
            return ArchivedBatch(count: ids.count, last: ids.last)
        }
    }
}
