public import Foundation

/// How long executions that have ended stay among those that are worked on, before they go to the history.
public struct Retention: Sendable, Hashable {
    /// Of those that have completed, in seconds.
    public let completed: TimeInterval
    /// Of those that have failed or were cancelled, in seconds: people look at these, and do some again.
    public let failed: TimeInterval

    /// A day for those that have completed, a week for the others.
    public static let standard = Retention(completed: 86_400, failed: 7 * 86_400)

    /// A retention of these times, in seconds.
    public init(completed: TimeInterval, failed: TimeInterval) {
        self.completed = completed
        self.failed = failed
    }

    /// Whether an execution that has ended so and then may go at `now`.
    public func isOver(_ state: ExecutionState, endedAt: Date, at now: Date) -> Bool {
        switch state {
        case .completed: endedAt < now - completed
        case .failed, .cancelled: endedAt < now - failed
        case .queued, .running, .waiting, .paused: false
        }
    }
}

/// One batch of executions that went to the history.
public struct ArchivedBatch: Sendable, Hashable {
    /// How many they are.
    public let count: Int
    /// The last of them, in the order of their ids; the next batch begins behind it. Nil when there was none.
    public let last: ExecutionID?

    /// A batch.
    public init(count: Int, last: ExecutionID?) {
        self.count = count
        self.last = last
    }
}

/// Where executions go that ended long ago, so that the queue stays as quick as it was on its first day.
///
/// Nothing else tells where an execution is: an `ExecutionStore` finds it in both places, by its id and in every list,
/// and `change` brings back what it changes. Only the figure of dead ones in `QueueStatistics` is that of those which
/// have not gone yet.
public protocol ExecutionHistory: Sendable {
    /// Makes room for the executions of this month and the next.
    func prepare() async throws
    /// Moves executions whose `retention` is over, with their journals, all or none: at most `limit` of them, by id,
    /// from the first behind `after` on. One stays that waits for another, or that another waits for. Of several
    /// processes that do this at once each takes others, and nobody is kept waiting.
    func archive(
        _ retention: Retention, after: ExecutionID?, limit: Int, at now: Date, in scope: OrganizationScope
    ) async throws -> ArchivedBatch
}
