public import Foundation

/// What became of a slot of a task's schedule. There is one for every slot, whatever was decided, and it stays
/// for its lifetime.
public struct ScheduleFire: Sendable, Hashable {
    /// How long it is kept, in seconds: three months.
    public static let lifetime: TimeInterval = 90 * 86_400

    /// The slot: when the schedule fired.
    public let fireAt: Date
    /// The last slot that this stands for, where there were too many to name one by one; nil for a slot alone.
    public let throughAt: Date?
    /// Whether it became a run.
    public let outcome: Outcome
    /// Why it did not; nil where it did.
    public let reason: Reason?
    /// The run; nil where there is none.
    public let executionId: ExecutionID?
    /// When it was decided.
    public let recordedAt: Date

    /// Whether a slot became a run.
    public enum Outcome: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// It did. Whether the run waits for something is the run's own affair.
        case fired
        /// It did not.
        case skipped
    }

    /// Why a slot did not become a run.
    public enum Reason: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// It was missed, and `catch_up` says skip.
        case missed
        /// A newer slot runs in its place.
        case superseded
        /// It was missed by more than the catch-up window.
        case tooLate = "too_late"
        /// Too many newer slots wait as well.
        case tooMany = "too_many"
        /// The run before is not over, and `overlap` says skip, or one waits already.
        case overlap
        /// No agent that is enabled can do the task.
        case noAgent = "no_agent"
        /// The schedule cannot be read any more, such as a time zone that was abolished; it fires no more.
        case unreadable
    }

    /// A slot that became a run.
    public init(_ fireAt: Date, ranAs execution: ExecutionID, at now: Date) {
        self.init(fireAt, through: nil, .fired, nil, execution, now)
    }

    /// A slot, or all from `fireAt` to `through`, that did not.
    public init(_ fireAt: Date, through: Date? = nil, skipped reason: Reason, at now: Date) {
        self.init(fireAt, through: through, .skipped, reason, nil, now)
    }

    /// What a store has kept.
    public init(
        _ fireAt: Date, through: Date?, _ outcome: Outcome, _ reason: Reason?, _ execution: ExecutionID?,
        _ recordedAt: Date
    ) {
        self.fireAt = fireAt
        throughAt = through
        self.outcome = outcome
        self.reason = reason
        executionId = execution
        self.recordedAt = recordedAt
    }
}

extension ScheduleFire.Reason {
    init(_ reason: Schedule.Skipped.Reason) {
        self =
            switch reason {
            case .missed: .missed
            case .superseded: .superseded
            case .tooLate: .tooLate
            case .tooMany: .tooMany
            }
    }
}

extension WorkItem {
    /// The task's schedule, ready to compute with; nil without one.
    ///
    /// - Throws: `SpotterError` where the rule cannot be read any more.
    public func readSchedule() throws -> Schedule? {
        // Stored rules name their zone; the other is never looked at.
        try settings.schedule.map { try Schedule($0, timezone: $0.timezone ?? "UTC", key: id.description) }
    }

    /// When the scheduler looks at the task: the release of its next slot; nil if its schedule does not fire.
    ///
    /// A rule that cannot be read is due at its slot: so whoever looks finds out, and writes it down.
    public var nextReleaseAt: Date? {
        guard settings.enabled ?? true, let slot = nextFireAt, let rule = settings.schedule else { return nil }
        guard (rule.jitterSeconds ?? 0) > 0, let schedule = try? readSchedule() else { return slot }
        return schedule.release(of: slot)
    }
}
