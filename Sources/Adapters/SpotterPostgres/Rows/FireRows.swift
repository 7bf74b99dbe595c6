import Foundation
import PostgresKit
import SpotterDomain

extension ScheduleFire {
    /// Reads the columns in the order in which `FireSQL` selects them.
    init(_ row: Row) throws {
        self.init(
            try row.get(0), through: try row.get(1), try row.named(2), try row.optionallyNamed(3),
            try row.optionalID(4), try row.get(5))
    }
}

/// A fire as `json_to_recordset` reads it; many of them are one parameter.
struct FireRow: Encodable {
    let taskId: UUID
    let fireAt: Date
    let throughAt: Date?
    let outcome: String
    let reason: String?
    let executionId: UUID?
    let recordedAt: Date

    init(_ fire: ScheduleFire, of task: WorkItemID) {
        taskId = task.uuid
        fireAt = fire.fireAt
        throughAt = fire.throughAt
        outcome = fire.outcome.rawValue
        reason = fire.reason?.rawValue
        executionId = fire.executionId?.uuid
        recordedAt = fire.recordedAt
    }
}

/// How a task goes on after its fires, as `json_to_recordset` reads it.
struct FiredTaskRow: Encodable {
    let id: UUID
    let nextFireAt: Date?
    let releaseAt: Date?
    let lastFireAt: Date?
    let lastExecutionId: UUID?
    let runs: Int

    init(_ plan: FirePlan) {
        id = plan.item.id.uuid
        nextFireAt = plan.item.nextFireAt
        releaseAt = plan.item.nextReleaseAt
        lastFireAt = plan.item.lastFireAt
        lastExecutionId = plan.runs.last?.id.uuid
        runs = plan.runs.count
    }
}

extension DueTask.OpenRun {
    /// Reads task, id, state, and whether it waits for the run before.
    static func read(_ row: Row) throws -> (task: WorkItemID, run: DueTask.OpenRun) {
        (
            try row.id(0),
            DueTask.OpenRun(id: try row.id(1), state: try row.named(2), isNext: try row.get(3))
        )
    }
}
