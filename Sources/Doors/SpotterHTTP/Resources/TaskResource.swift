import Foundation
import SpotterDomain

/// A task as the API shows it.
struct TaskResource: Codable, Sendable {
    let id: WorkItemID
    let version: Int
    let title: String
    let description: String?
    let agentId: AgentID?
    let requiredCapabilities: [String]
    let input: JSONValue
    let priority: Priority
    let kind: WorkItemSettings.Kind
    let runAt: Date?
    let schedule: ScheduleRule?
    let dependsOn: [WorkItemID]
    let maxAttempts: Int
    let backoffMs: Int
    let backoff: RetryPolicy.Backoff
    let timeoutSeconds: Int
    let enabled: Bool
    let metadata: [String: String]
    let state: WorkItemState
    let nextRunAt: Date?
    let lastExecutionId: ExecutionID?
    let executionsCount: Int
    let createdAt: Date
    let updatedAt: Date

    init(_ status: WorkItemStatus) {
        let item = status.item
        let settings = item.settings
        let policy = settings.retryPolicy
        id = item.id
        version = item.version
        title = settings.title
        description = settings.description
        agentId = settings.agentId
        requiredCapabilities = settings.requiredCapabilities ?? []
        input = settings.input ?? .object(JSONObject())
        priority = settings.priority ?? .medium
        kind = settings.kind ?? .message
        runAt = settings.runAt
        schedule = settings.schedule
        dependsOn = settings.dependsOn ?? []
        maxAttempts = policy.maxAttempts
        backoffMs = policy.backoffMs
        backoff = policy.backoff
        timeoutSeconds = settings.timeoutSeconds ?? WorkItemSettings.defaultTimeout
        enabled = settings.enabled ?? true
        metadata = settings.metadata ?? [:]
        state = status.state
        nextRunAt = status.nextRunAt
        lastExecutionId = status.lastRun?.id
        executionsCount = status.executionsCount
        createdAt = item.createdAt
        updatedAt = item.updatedAt
    }
}

/// What a run has in place of what its task says.
struct TaskRunRequest: Codable, Sendable, FieldsDescribed {
    var input: JSONValue?
    var runAt: Date?
    var priority: Priority?
    var limits: AutonomyLimits?
    var dryRun: Bool?
    var model: String?
    var preferences: JSONValue?

    static let fields = [
        "limits": Field("How far the agent may go, where the task's kind is autonomous."),
        "dry_run": Field("Tools show what they would do and do nothing; where the task's kind is autonomous."),
        "model": Field("In place of the agent's own; autonomous tasks only.", length: 1...100),
        "preferences": Field("What you prefer, for the agent to heed: text or an object; autonomous tasks only."),
        "input": Field("In place of the task's own: an object."),
        "run_at": Field("When it begins; at once unless said."),
        "priority": Field("In place of the task's own."),
    ]
}

extension TaskRunRequest {
    /// How an agent on its own goes about it.
    ///
    /// - Parameter subject: who asks.
    func autonomy(for subject: String?) -> AutonomyOptions {
        AutonomyOptions(
            limits: limits, dryRun: dryRun, model: model, requestedBy: subject, preferences: preferences)
    }
}

/// A run that was asked for.
struct TaskRunResource: Codable, Sendable {
    let executionId: ExecutionID
}
