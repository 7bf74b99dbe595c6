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

    /// Bytes that the data of a published event may have as JSON.
    public static let maximumDataBytes = 65536

    /// What a caller publishes: `agent.insight`, `agent.error`, or a type of `CustomEventType`.
    ///
    /// - Throws: `SpotterError` at `/type` or `/data`.
    public init(publishing type: String, execution: ExecutionID? = nil, data: JSONValue) throws {
        let own = [EventType.agentInsight, .agentError].map(\.rawValue)
        guard own.contains(type) || CustomEventType.isValid(type) else {
            let hint = DidYouMean.hint(for: type, among: own)
            throw SpotterError.invalid(
                "/type",
                "must be agent.insight, agent.error, or custom. and 1 to 64 of a-z 0-9 _ . -\(hint)")
        }
        guard data.object != nil else { throw SpotterError.invalid("/data", "must be an object") }
        guard data.bytes.count <= Self.maximumDataBytes else {
            throw SpotterError.invalid("/data", "must have at most \(Self.maximumDataBytes) bytes")
        }
        self.type = type
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
    /// How far a run is, for people.
    case stepProgress = "step.progress"
    /// An agent on its own has come to the next phase of its plan.
    case phaseAdvanced = "phase.advanced"
    /// A model could not answer, and the next of the list was asked.
    case modelFailedOver = "model.failed_over"
    /// What came before was made shorter for the model's window.
    case contextCompacted = "context.compacted"
    case messageDelta = "message.delta"
    case messageCompleted = "message.completed"
    case thinkingDelta = "thinking.delta"
    case toolStarted = "tool.started"
    case toolCompleted = "tool.completed"
    case toolFailed = "tool.failed"
    case approvalRequested = "approval.requested"
    case approvalDecided = "approval.decided"
    case approvalExpired = "approval.expired"
    /// Nobody has decided for a while: those who may are told again.
    case approvalReminded = "approval.reminded"
    /// Nobody has decided for a while: others may now, too.
    case approvalEscalated = "approval.escalated"
    case agentInsight = "agent.insight"
    case agentError = "agent.error"
    case planStarted = "plan.started"
    case planCompleted = "plan.completed"
    /// A plan has failed, and the one that it names for this is run in its place.
    case planFallback = "plan.fallback"
    /// An agent is free, busy or away now.
    case agentStatus = "agent.status"
    /// An agent was chosen for a call.
    case callRouted = "call.routed"
    /// A call of an agent has come to its answer, or to none.
    case callAnswered = "call.answered"
    /// A task was made, whether it runs by itself or not.
    case taskCreated = "task.created"
    /// What people set of a task is another now.
    case taskChanged = "task.changed"
    case taskDeleted = "task.deleted"
    /// A task runs by itself at another time than before.
    case taskScheduled = "task.scheduled"
    /// An event has started what a trigger says.
    case triggerFired = "trigger.fired"
    /// An event was one for a trigger, but nothing could be started.
    case triggerFailed = "trigger.failed"
    /// An event was one for a trigger that has led to it itself, or too many triggers have led to it.
    case triggerStopped = "trigger.stopped"
    /// What a trigger starts is gone, and it looks no further.
    case triggerDisabled = "trigger.disabled"
    /// A message of another system has come to a hook.
    case hookReceived = "hook.received"
    /// The target of a hook is given up, and nothing is sent there any more.
    case hookDisabled = "hook.disabled"
    /// Somebody outside has written to the organisation.
    case messageReceived = "message.received"
    /// Somebody has said whether they may be written to, perhaps once more.
    case consentChanged = "consent.changed"
    case budgetWarning = "budget.warning"
    case budgetReached = "budget.reached"
    /// A measured value has been beyond an alert's threshold for as long as the alert says.
    case alertFiring = "alert.firing"
    /// It is not any more.
    case alertResolved = "alert.resolved"
}
