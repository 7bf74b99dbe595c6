import Foundation
import PostgresKit
import SpotterDomain

/// The history in PostgreSQL: tables of a month each, made before they are needed.
struct PostgresExecutionHistory: ExecutionHistory {
    let door: StoreDoor

    func prepare() async throws { _ = try await door.ask(HistorySQL.prepare()) }

    func archive(
        _ retention: Retention, after: ExecutionID?, limit: Int, at now: Date, in scope: OrganizationScope
    ) async throws -> ArchivedBatch {
        try await door.transaction(scope) { transaction in
            let locked = try await transaction.query(
                HistorySQL.lockOld(retention, after: after, limit: limit, at: now))
            let ids = try locked.decoded { try $0.id(0) as ExecutionID }
            guard !ids.isEmpty else { return ArchivedBatch(count: 0, last: nil) }
            let rows = try await transaction.batch([HistorySQL.prepare(for: ids), HistorySQL.archive(ids)])
            return ArchivedBatch(count: rows[1].affected, last: ids.last)
        }
    }
}
