import Foundation
import SpotterDomain
import SpotterEngine

/// How an organisation's schedules are, as the API shows it.
struct SchedulerResource: Codable, Sendable, FieldsDescribed {
    let state: SchedulerState
    let scheduled: Int
    let due: Int
    let coming: [ComingFireResource]
    let lastLookAt: Date?
    let lookedBy: WorkerID?

    static let fields = [
        "scheduled": Field("Tasks that fire by a schedule."),
        "due": Field("Those of them whose time has come and that were not decided on yet."),
        "coming": Field("The next fires, one for each task, in order."),
        "last_look_at": Field("When a process last looked for what is due; only if one does."),
        "looked_by": Field("Which process that was."),
    ]

    init(_ status: SchedulerStatus) {
        state = status.state
        scheduled = status.scheduled
        due = status.due
        coming = status.coming.map(ComingFireResource.init)
        lastLookAt = status.lastLookAt
        lookedBy = status.lookedBy
    }
}

/// A fire to come.
struct ComingFireResource: Codable, Sendable, FieldsDescribed {
    let taskId: WorkItemID
    let title: String
    let fireAt: Date
    let releaseAt: Date

    static let fields = [
        "fire_at": Field("When the schedule fires."),
        "release_at": Field("When the run may start: later than `fire_at` where the schedule has jitter."),
    ]

    init(_ fire: ComingFire) {
        taskId = fire.task
        title = fire.title
        fireAt = fire.fireAt
        releaseAt = fire.releaseAt
    }
}

/// What a look at one organisation did.
struct SchedulerCheckResource: Codable, Sendable, FieldsDescribed {
    let state: SchedulerState
    let fired: Int
    let skipped: Int

    static let fields = [
        "fired": Field("Fires that became runs."), "skipped": Field("Fires that did not; see each task's fires."),
    ]

    init(_ check: FiringService.Check) {
        state = check.state
        fired = check.fired
        skipped = check.skipped
    }
}

/// What became of one fire, as the API shows it.
struct FireResource: Codable, Sendable, FieldsDescribed {
    let fireAt: Date
    let throughAt: Date?
    let outcome: ScheduleFire.Outcome
    let reason: ScheduleFire.Reason?
    let executionId: ExecutionID?
    let recordedAt: Date

    static let fields = [
        "fire_at": Field("When the schedule fired."),
        "through_at": Field("The last fire that this one stands for, where too many were missed to name them all."),
        "reason": Field("Why it did not become a run: only if it was skipped."),
        "execution_id": Field("The run: only if it fired."),
        "recorded_at": Field("When it was decided."),
    ]

    init(_ fire: ScheduleFire) {
        fireAt = fire.fireAt
        throughAt = fire.throughAt
        outcome = fire.outcome
        reason = fire.reason
        executionId = fire.executionId
        recordedAt = fire.recordedAt
    }
}
