public import Foundation
public import SpotterDomain

/// What can be done with schedules: firing what is due, and looking at and setting how an organisation's are.
public struct FiringService: Sendable {
    let store: any FireStore
    private let planner: FirePlanner
    private let control: ExecutionControl
    private let onFire: @Sendable (FireReport, OrganizationScope) -> Void
    private let onState: @Sendable () -> Void

    /// Tasks that one transaction fires.
    public static let batch = 500

    /// - Parameters:
    ///   - control: cancels what those had begun that newer runs take the place of.
    ///   - onFire: told of every transaction that did something, after it, to wake whom it concerns.
    ///   - onState: told when an organisation's schedules fire again.
    public init(
        store: any FireStore, ids: any IDGenerator, control: ExecutionControl,
        onFire: @escaping @Sendable (FireReport, OrganizationScope) -> Void = { _, _ in },
        onState: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        planner = FirePlanner(ids: ids)
        self.control = control
        self.onFire = onFire
        self.onState = onState
    }

    /// Fires those of `tasks`, at most ``batch``, that are due and that nobody else is at.
    func fire(_ tasks: [WorkItemID], in scope: OrganizationScope) async throws -> FireReport {
        let report = try await store.fire(tasks, in: scope) { [planner] in try planner.plan($0, agents: $1, at: $2) }
        FaultPoint.afterFire.pass()
        if !report.plans.isEmpty { onFire(report, scope) }
        for id in report.ended { try await control.cancelChildren(of: id, in: scope) }
        return report
    }

    /// What a look at one organisation did.
    public struct Check: Sendable, Hashable {
        /// Whether the organisation's schedules fire at all.
        public var state: SchedulerState
        /// Slots that became runs.
        public var fired = 0
        /// Slots that did not.
        public var skipped = 0
    }

    /// Fires what is due of one organisation now, as the scheduler does by itself.
    public func check(in scope: OrganizationScope) async throws -> Check {
        var check = Check(state: try await store.status(coming: 0, in: scope).state)
        while check.state == .running {
            let due = try await store.due(limit: Self.batch, in: scope)
            let report = try await fire(due, in: scope)
            check.fired += report.fired
            check.skipped += report.skipped
            if report.plans.isEmpty { break }
        }
        return check
    }

    /// How the organisation's schedules are, with at most `coming` fires to come.
    public func status(coming: Int, in scope: OrganizationScope) async throws -> SchedulerStatus {
        try await store.status(coming: coming, in: scope)
    }

    /// Lets the organisation's schedules fire, or not.
    public func setState(_ state: SchedulerState, at now: Date, in scope: OrganizationScope) async throws {
        try await store.setState(state, at: now, in: scope)
        if state == .running { onState() }
    }

    /// What became of a task's slots, newest first. Throws `notFound`.
    public func fires(
        of task: WorkItemID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<ScheduleFire> {
        try await store.fires(of: task, page, in: scope)
    }
}
