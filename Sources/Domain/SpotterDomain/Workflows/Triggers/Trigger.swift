public import Foundation

/// Marks the ids of triggers.
public enum TriggerKind: IdentifierKind {
    /// Ids begin with `trig_`.
    public static let prefix = "trig"
}

/// The id of a trigger, such as `trig_01h…`.
public typealias TriggerID = Identifier<TriggerKind>

/// Starts something whenever an event of a sort happens, once for each.
public struct Trigger: Sendable, Hashable {
    /// Never changes.
    public let id: TriggerID
    /// 1 at first, one more with each change.
    public let version: Int
    /// What people say of it.
    public var settings: TriggerSettings
    /// Everything up to this place of the organisation's log was looked at.
    public let position: Int64
    /// When it was made.
    public let createdAt: Date
    /// When it was last changed.
    public var updatedAt: Date

    /// A trigger as it stands at `version`.
    public init(
        id: TriggerID, version: Int, settings: TriggerSettings, position: Int64 = 0, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.version = version
        self.settings = settings
        self.position = position
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Whether it looks at events.
    public var isEnabled: Bool { settings.enabled ?? true }
}

/// What people say of a trigger.
public struct TriggerSettings: Sendable, Codable, Hashable {
    /// For people.
    public var name: String
    /// Types of events, as the stream of events filters them.
    public var event: String
    /// Whether this event does, as an expression over `event`; nil means that every one does.
    public var condition: String?
    /// What the target is started with; nil means an empty object.
    public var input: JSONValue?
    /// What is started.
    public var target: TriggerTarget
    /// Whether it looks at events; nil means that it does.
    public var enabled: Bool?

    /// Settings; whatever may be left out is nil.
    public init(
        name: String, event: String, condition: String? = nil, input: JSONValue? = nil, target: TriggerTarget,
        enabled: Bool? = nil
    ) {
        self.name = name
        self.event = event
        self.condition = condition
        self.input = input
        self.target = target
        self.enabled = enabled
    }

    /// When it starts the target, and with what.
    public var rule: WorkflowTrigger { WorkflowTrigger(event: event, condition: condition, input: input) }

    /// What is wrong with it, without a look at what the target names.
    public func issues() -> [FieldIssue] {
        var issues = rule.issues()
        let patterns = event.split(separator: ",")
        if !patterns.isEmpty, patterns.allSatisfy({ $0.hasPrefix(Self.ownEvents) }) {
            issues.append(
                FieldIssue(pointer: "/event", message: "must name other events: what triggers tell of starts nothing"))
        }
        return issues + target.issues.map { FieldIssue(pointer: "/target\($0.pointer)", message: $0.message) }
    }

    /// The beginning of the events that tell what became of triggers. They start nothing.
    public static let ownEvents = "trigger."
}

extension TriggerSettings: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("For people.", length: 1...200),
        "event": Field(
            "Types of events, such as `custom.lead_created`, `execution.*`, or several with commas between.",
            length: 1...500),
        "condition": Field("Which of them do, as an expression over `event`; every one by default.", length: 1...4_000),
        "input": Field("What the target is started with; its texts may hold {{ expressions }} over `event`."),
        "target": Field("What is started."),
        "enabled": Field("Whether it looks at events; true by default."),
    ]
}

/// What a trigger starts.
public struct TriggerTarget: Sendable, Codable, Hashable {
    /// What there is to start.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case workflow, task, plan
    }

    /// Which of the others is given.
    public var kind: Kind
    /// The workflow, in the version that it has then.
    public var workflowId: WorkflowID?
    /// The task.
    public var taskId: WorkItemID?
    /// The plan; what the trigger gives is its `input`.
    public var plan: PlanOrder?

    private init(_ kind: Kind, workflow: WorkflowID? = nil, task: WorkItemID? = nil, plan: PlanOrder? = nil) {
        self.kind = kind
        workflowId = workflow
        taskId = task
        self.plan = plan
    }

    /// Starts a workflow.
    public static func workflow(_ id: WorkflowID) -> TriggerTarget { TriggerTarget(.workflow, workflow: id) }
    /// Starts a run of a task.
    public static func task(_ id: WorkItemID) -> TriggerTarget { TriggerTarget(.task, task: id) }
    /// Starts a plan.
    public static func plan(_ plan: PlanOrder) -> TriggerTarget { TriggerTarget(.plan, plan: plan) }

    /// Where not exactly the one that `kind` says is given.
    var issues: [FieldIssue] {
        let given: [(Kind, String, Bool)] = [
            (.workflow, "workflow_id", workflowId != nil), (.task, "task_id", taskId != nil),
            (.plan, "plan", plan != nil),
        ]
        return given.compactMap { kind, member, isGiven in
            guard isGiven != (kind == self.kind) else { return nil }
            return FieldIssue(
                pointer: "/\(member)",
                message: isGiven
                    ? "must not be there for a \(self.kind.rawValue)" : "is required for a \(kind.rawValue)")
        }
    }
}

extension TriggerTarget: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "kind": Field("What is started; the member of this name goes with it."),
        "workflow_id": Field("The workflow, in the version that it has then."),
        "task_id": Field("The task, which need not be enabled."),
        "plan": Field("The plan, with the trigger's input as its `input`."),
    ]
}

extension Event {
    /// As the stream of events shows it: what conditions and inputs of triggers name `event`.
    public var asValue: JSONValue {
        var object = JSONObject()
        object["id"] = .string("\(position)")
        object["type"] = .string(type)
        if let execution { object["execution_id"] = .string(execution.description) }
        object["at"] = .string(Timestamp.string(from: at))
        object["data"] = data
        return .object(object)
    }
}
