public import Foundation

/// One thing that happened in an organisation. Events are only ever appended.
public struct Event: Sendable, Hashable {
    /// Its place in the organisation's log: starts at 1, no two alike, later commits have higher places.
    public let position: Int64
    /// What happened, such as `execution.started`.
    public let type: String
    /// The execution it belongs to; nil if none.
    public let execution: ExecutionID?
    /// When it was recorded.
    public let at: Date
    /// What there is to know of it: an object.
    public let data: JSONValue

    /// An event as the log holds it.
    public init(position: Int64, type: String, execution: ExecutionID?, at: Date, data: JSONValue) {
        self.position = position
        self.type = type
        self.execution = execution
        self.at = at
        self.data = data
    }
}

/// An event that has no place in the log yet.
public struct EventDraft: Sendable, Hashable {
    /// What happened, such as `execution.started`.
    public let type: String
    /// The execution it belongs to; nil if none.
    public let execution: ExecutionID?
    /// What there is to know of it: an object.
    public let data: JSONValue

    /// An event of one of Spotter's own types.
    public init(_ type: EventType, execution: ExecutionID? = nil, data: JSONValue = [:]) {
        self.type = type.rawValue
        self.execution = execution
        self.data = data
    }
}

/// The names of Spotter's own events.
public enum EventType: String, Sendable, CaseIterable {
    case executionQueued = "execution.queued"
    case executionStarted = "execution.started"
    case executionWaiting = "execution.waiting"
    case executionPaused = "execution.paused"
    case executionResumed = "execution.resumed"
    case executionCompleted = "execution.completed"
    case executionFailed = "execution.failed"
    case executionCancelled = "execution.cancelled"
    case stepStarted = "step.started"
    case stepCompleted = "step.completed"
    case stepFailed = "step.failed"
    case stepRetrying = "step.retrying"
    case messageDelta = "message.delta"
    case messageCompleted = "message.completed"
    case thinkingDelta = "thinking.delta"
    case toolStarted = "tool.started"
    case toolCompleted = "tool.completed"
    case toolFailed = "tool.failed"
    case taskScheduled = "task.scheduled"
}

/// Reads the log.
public protocol EventStore: Sendable {
    /// Events after `position`, oldest first, at most `limit`; with `execution`, only that one's.
    func events(
        after position: Int64, execution: ExecutionID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Event]
    /// The last place given out; 0 for an empty log.
    func lastPosition(in scope: OrganizationScope) async throws -> Int64
}
