public import Foundation

/// A piece of work that an agent is to do: once, at a time, or again and again. Each time is an ``Execution``.
///
/// What a run has done so far is its journal of steps, and every step is a checkpoint: a run that was broken off goes
/// on behind its last recorded step. So tasks have no checkpoints of their own.
public struct WorkItem: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: WorkItemID
    /// 1 at first, one more with each change.
    public let version: Int
    /// What people set.
    public var settings: WorkItemSettings
    /// The next moment at which its schedule fires; nil without a schedule, or when there is none any more.
    public var nextFireAt: Date?
    /// The last moment at which its schedule fired; nil if it has not.
    public var lastFireAt: Date?
    /// When it was made.
    public let createdAt: Date
    /// When it last changed.
    public var updatedAt: Date

    /// A task as it stands at `version`.
    public init(
        id: WorkItemID, version: Int, settings: WorkItemSettings, nextFireAt: Date? = nil, lastFireAt: Date? = nil,
        createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.version = version
        self.settings = settings
        self.nextFireAt = nextFireAt
        self.lastFireAt = lastFireAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What a run of a task is started with: the `input` of its execution.
///
/// It is a copy, so that a later change of the task changes no run that was asked for before.
public struct WorkItemOrder: Sendable, Codable, Hashable {
    /// The task's title.
    public var title: String
    /// The task's description.
    public var description: String?
    /// The task's input, or the one that this run was given: an object.
    public var input: JSONValue
    /// How long the run may take, from when work on it begins; each further attempt has as long again.
    public var timeoutSeconds: Int
    /// Before which time it does not begin; nil means at once.
    public var runAt: Date?
    /// How far an agent on its own may go; nil means the defaults.
    public var limits: AutonomyLimits?
    /// Whether tools only show what they would do; nil means not.
    public var dryRun: Bool?
    /// The model that an agent on its own runs on; nil means its own.
    public var model: String?
    /// Who asked for it, for an agent on its own; nil means nobody in particular.
    public var requestedBy: String?
    /// What those who asked prefer; nil means nothing was said.
    public var preferences: JSONValue?

    /// An order.
    public init(
        title: String, description: String?, input: JSONValue, timeoutSeconds: Int, runAt: Date? = nil,
        limits: AutonomyLimits? = nil, dryRun: Bool? = nil, model: String? = nil, requestedBy: String? = nil,
        preferences: JSONValue? = nil
    ) {
        self.title = title
        self.description = description
        self.input = input
        self.timeoutSeconds = timeoutSeconds
        self.runAt = runAt
        self.limits = limits
        self.dryRun = dryRun
        self.model = model
        self.requestedBy = requestedBy
        self.preferences = preferences
    }
}

extension WorkItem {
    /// With every default spelled out, as tasks are stored.
    public var resolved: WorkItem {
        var item = self
        item.settings = settings.resolved
        return item
    }

    /// What a run of it is started with.
    ///
    /// - Parameters:
    ///   - input: in place of the task's own.
    ///   - runAt: before which time it does not begin.
    ///   - options: how an agent on its own goes about it.
    public func order(
        input: JSONValue? = nil, runAt: Date? = nil, _ options: AutonomyOptions = AutonomyOptions()
    ) -> WorkItemOrder {
        let resolved = settings.resolved
        return WorkItemOrder(
            title: resolved.title, description: resolved.description,
            input: input ?? resolved.input ?? .object(JSONObject()),
            timeoutSeconds: resolved.timeoutSeconds ?? WorkItemSettings.defaultTimeout, runAt: runAt,
            limits: options.limits, dryRun: options.dryRun, model: options.model, requestedBy: options.requestedBy,
            preferences: options.preferences)
    }

    /// A run of it, with no work done yet.
    ///
    /// The execution has no deadline of its own: the time that it waits for its turn does not count.
    public func execution(
        _ id: ExecutionID, by agent: Agent, input: JSONValue? = nil, runAt: Date? = nil, priority: Priority? = nil,
        uniqueKey: String? = nil, _ options: AutonomyOptions = AutonomyOptions(), origin: ExecutionOrigin? = nil,
        at now: Date
    ) throws -> Execution {
        let order = try JSONValue(encoding: order(input: input, runAt: runAt, options))
        return Execution(
            id: id, kind: settings.kind == .autonomous ? .autonomous : .task, state: .queued, attempt: 0,
            conversationId: nil, agentId: agent.id,
            agentVersion: agent.version, input: try origin.map(order.with) ?? order,
            taskId: self.id, priority: priority ?? settings.priority ?? .medium, retryPolicy: settings.retryPolicy,
            uniqueKey: uniqueKey, wakeAt: runAt, createdAt: now)
    }
}
