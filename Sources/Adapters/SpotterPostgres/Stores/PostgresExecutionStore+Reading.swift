import Foundation
import PostgresKit
import SpotterDomain

// Almost everything that is read by its id is still worked on, or has just ended: the history is looked at only for
// what is not found, and then together with the rest in one statement, because what it tells of may move meanwhile.
extension PostgresExecutionStore {
    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution {
        if let execution = try await door.read(scope, ExecutionSQL.select([id])).firstDecoded(Execution.init) {
            return execution
        }
        let rows = try await door.read(scope, HistorySQL.selectAnywhere([id]))
        guard let execution = try rows.firstDecoded(Execution.init) else { throw SpotterError.notFound("execution") }
        return execution
    }

    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal {
        guard let journal = try await journals(of: [id], in: scope).first else {
            throw SpotterError.notFound("execution")
        }
        return journal
    }

    func journals(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Journal] {
        let rows = try await door.read(scope, [ExecutionSQL.select(ids), ExecutionSQL.steps(of: ids)])
        let found = try Self.journals(rows)
        // One that has ended and shows no steps may have lost them to the history between the two statements.
        let whole = found.filter { !$0.execution.state.isTerminal || !$0.steps.isEmpty }
        let missing = Array(Set(ids).subtracting(whole.map(\.execution.id)))
        guard !missing.isEmpty else { return whole }
        let others = try await door.read(
            scope, [HistorySQL.selectAnywhere(missing), HistorySQL.stepsAnywhere(of: missing)])
        return try (whole + Self.journals(others)).sorted { $0.execution.id < $1.execution.id }
    }

    func ended(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Execution] {
        guard !ids.isEmpty else { return [] }
        return try await door.read(scope, ExecutionSQL.ended(ids)).decoded(Execution.init)
    }

    /// - Parameter rows: executions, and steps with the executions that they belong to.
    private static func journals(_ rows: [Rows]) throws -> [Journal] {
        let steps = try rows[1].decoded { (try $0.id(0) as ExecutionID, try Step($0)) }
        let byExecution = Dictionary(grouping: steps, by: \.0)
        return try rows[0].decoded(Execution.init).map { execution in
            Journal(execution: execution, steps: byExecution[execution.id]?.map(\.1) ?? [])
        }
    }

    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution> {
        let executions = try await door.read(scope, ExecutionListSQL.select(filter, page)).decoded(Execution.init)
        return Page(fetched: executions, limit: page.limit) { Cursor($0.id.uuid) }
    }
}
