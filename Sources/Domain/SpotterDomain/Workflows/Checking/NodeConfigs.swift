/// What the document of a node says about what it does: one shape for each type of node, strict, so that nothing is
/// passed over in silence.
enum NodeConfigs {
    struct Task: Codable, FieldsDescribed {
        var agentId: String?
        var agent: String?
        var capability: String?
        var optionalCapabilities: [String]?
        var tool: String?
        var action: String?
        var input: JSONValue?
        var arguments: JSONValue?
        var requiresModel: Bool?
        var timeoutMs: Int?
        var retryPolicy: PlanRetry?
        var set: JSONValue?

        static let fields: [String: Field] = [
            "agent_id": Field("Of a task: the id of the agent that is called."),
            "agent": Field(
                "Of a task: the name of the agent that is called, or the slug of the template that it was seeded from.",
                length: 1...200),
            "capability": Field(
                "Of a task: what the agent must be able to do; the best one is called.", length: 1...64),
            "optional_capabilities": Field(
                "Of a task with a capability: what it had better be able to do.", count: 0...20),
            "tool": Field(
                "Of a task: the name of the tool that is called, under the organisation's policy.", length: 1...64),
            "action": Field(
                "Of a task that calls an agent: `message`, a turn of it with `input.content`, or an action that the agent declares.",
                length: 1...64),
            "input": Field("Of a task or a sub_workflow: an object; its texts may hold {{ expressions }}."),
            "arguments": Field("Of a task with a tool: an object; its texts may hold {{ expressions }}."),
            "requires_model": Field(
                "Of a task that calls an agent: whether it fails, with the code `no_model`, where only the offline model answers."
            ),
            "timeout_ms": Limits.time("How long it may take, in milliseconds."),
            "retry_policy": Field("Of a task: how often it is tried again, and how long after each failure."),
            "set": Limits.set,
        ]
    }

    struct Plain: Codable, FieldsDescribed {
        var set: JSONValue?
        static let fields: [String: Field] = ["set": Limits.set]
    }

    struct Join: Codable, FieldsDescribed {
        var mode: ApprovalMode?
        var set: JSONValue?

        static let fields: [String: Field] = [
            "mode": Field(
                "Of a join: `all` branches that are taken, `any`, or {\"quorum\": n}. Of a human_approval: how many approvers must agree."
            ),
            "set": Limits.set,
        ]
    }

    struct Approval: Codable, FieldsDescribed {
        var message: String
        var approvers: [Approver]?
        var mode: ApprovalMode?
        var timeoutMs: Int?
        var onTimeout: SpotterDomain.Approval.Timeout?
        var remindAfterMs: Int?
        var escalateAfterMs: Int?
        var escalateTo: [Approver]?
        var set: JSONValue?

        static let fields: [String: Field] = [
            "message": Field("Of a human_approval: what people are asked, with {{ expressions }}.", length: 1...10_000),
            "approvers": Field("Of a human_approval: whose word counts; owner and admin by default.", count: 1...50),
            "mode": Field("How many of them must agree."),
            "timeout_ms": Limits.time("How long it can be decided, in milliseconds; a day by default."),
            "on_timeout": Field("Of a human_approval: whether nobody's answer is a no, or the node fails."),
            "remind_after_ms": Limits.time(
                "Of a human_approval: after how long those who are asked are told again, in milliseconds."),
            "escalate_after_ms": Limits.time(
                "Of a human_approval: after how long those of escalate_to may decide, too, in milliseconds."),
            "escalate_to": Field("Of a human_approval: who is asked, too, when nobody has decided.", count: 1...50),
            "set": Limits.set,
        ]
    }

    struct Handler: Codable, FieldsDescribed {
        var codes: [String]?
        var set: JSONValue?

        static let fields: [String: Field] = [
            "codes": Field(
                "Of an error_handler: the codes of the errors that it takes; all by default.", count: 1...50),
            "set": Limits.set,
        ]
    }

    struct Wait: Codable, FieldsDescribed {
        var durationMs: JSONValue?
        var until: String?
        var question: String?
        var timeoutMs: Int?
        var set: JSONValue?

        static let fields: [String: Field] = [
            "duration_ms": Field("Of a wait: how long, in milliseconds, up to a year; also as an {{ expression }}."),
            "until": Field("Of a wait: until when, an RFC 3339 time, also as an {{ expression }}.", length: 1...4_000),
            "question": Field("Of a wait: what somebody is asked, with {{ expressions }}.", length: 1...10_000),
            "timeout_ms": Limits.time("How long the answer is waited for, in milliseconds."),
            "set": Limits.set,
        ]
    }

    struct SubWorkflow: Codable, FieldsDescribed {
        var workflow: String
        var input: JSONValue?
        var timeoutMs: Int?
        var set: JSONValue?

        static let fields: [String: Field] = [
            "workflow": Field("Of a sub_workflow: the id or the name of the workflow that is run.", length: 1...200),
            "input": Field("What it is started with: an object; its texts may hold {{ expressions }}."),
            "timeout_ms": Limits.time("How long it may take, in milliseconds."),
            "set": Limits.set,
        ]
    }

    private enum Limits {
        static let set = Field(
            "What variables become when the node has ended well, by name; `output` is what came of the node.")
        /// Up to a year.
        static func time(_ text: String) -> Field { Field(text, range: 1...31_536_000_000) }
    }

    /// Every member that some type of node has, each once, for editors and for the API's document.
    static let schema: JSONSchema = {
        var schema = JSONSchema(.object)
        let all = [
            JSONSchema.derived(from: Task.self), .derived(from: Approval.self), .derived(from: Join.self),
            .derived(from: Handler.self), .derived(from: Wait.self), .derived(from: SubWorkflow.self),
        ]
        for property in all.flatMap(\.properties) where schema[property.name] == nil {
            schema.properties.append(.init(property.name, property.schema, isRequired: false))
        }
        return schema
    }()
}
