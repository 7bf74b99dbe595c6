public import Foundation

/// What came of a trigger's look at a stretch of the log.
public struct TriggerPass: Sendable {
    /// As it was when the look began.
    public let trigger: Trigger
    /// Everything up to here was looked at.
    public var position: Int64
    /// What is started; put into the queue.
    public var executions: [Execution] = []
    /// What there is to tell.
    public var events: [EventDraft] = []
    /// Whether the trigger looks no further, because there is nothing to start any more.
    public var disables = false

    /// A look that began where the last one ended.
    public init(_ trigger: Trigger) {
        self.trigger = trigger
        position = trigger.position
    }
}

/// Where triggers are kept.
public protocol TriggerStore: Sendable {
    /// Keeps a new trigger, which begins at the end of the log. Throws `limitReached`, and `notFound` for a target that
    /// there never was.
    func create(_ trigger: Trigger, receipt: Receipt?, in scope: OrganizationScope) async throws
    /// Throws `notFound`.
    func trigger(_ id: TriggerID, in scope: OrganizationScope) async throws -> Trigger
    /// Newest first.
    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Trigger>
    /// Replaces the settings if the stored version is `trigger.version - 1`; otherwise throws `preconditionFailed`, or
    /// `notFound`. One that looks again begins at the end of the log; any other goes on from where it is.
    func update(_ trigger: Trigger, in scope: OrganizationScope) async throws
    /// Deletes it; what it has started goes on. With `version`, only if that is the current one.
    func delete(_ id: TriggerID, version: Int?, in scope: OrganizationScope) async throws
    /// The organisations of which a trigger has not looked at everything, in no order.
    func organizationsWithNews() async throws -> [OrganizationID]
    /// Those that have not looked at everything, those furthest behind first.
    func behind(limit: Int, in scope: OrganizationScope) async throws -> [Trigger]
    /// Moves a trigger on and starts what it starts, in one transaction, if it is still as it was when the look began:
    /// of several who look at once one succeeds.
    /// - Returns: whether it was; if not, nothing was written.
    func advance(_ pass: TriggerPass, at now: Date, in scope: OrganizationScope) async throws -> Bool
}

/// How much of triggers there may be.
public enum TriggerLimits {
    /// The most triggers of an organisation, deleted ones not counted.
    public static let mostTriggers = 500
    /// How many triggers may have led to one run, one after another; each of them once, so that what a trigger has started
    /// does not start it again.
    public static let mostHops = 8

    /// There is no room for another.
    public static var tooMany: SpotterError {
        SpotterError(
            .limitReached, "This organisation has \(mostTriggers) triggers and may have no more. Delete one first.")
    }
}
