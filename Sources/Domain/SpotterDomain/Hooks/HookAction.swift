/// What a message starts. Its texts may hold `{{ expressions }}` over `payload`, `hook` and `headers`.
public struct HookAction: Sendable, Codable, Hashable, FieldsDescribed {
    /// What is started.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case agentMessage = "agent_message"
        case task, workflow, plan
        /// The message is an SMS to the organisation: STOP and START are noted, and the staff reads the rest.
        case inboundSMS = "inbound_sms"
    }

    /// What is started.
    public var kind: Kind
    /// Who is told something; of `agent_message`.
    public var agentId: AgentID?
    /// What whoever is told must be able to do, where no agent is named; of `agent_message`.
    public var capability: String?
    /// What the agent is told: a template.
    public var content: String?
    /// The task that is run.
    public var taskId: WorkItemID?
    /// The workflow that is run.
    public var workflowId: WorkflowID?
    /// The plan that is run. What is in its steps belongs to the plan: they read the message from `input`.
    public var plan: PlanOrder?
    /// What the task, the workflow or the plan is given: an object of templates.
    public var input: JSONValue?
    /// What is answered by SMS; of `inbound_sms`. Without it nothing is: the provider answers STOP and HELP itself.
    public var replies: SMSReplies?

    /// An action; what its kind does not need is nil.
    public init(
        kind: Kind, agentId: AgentID? = nil, capability: String? = nil, content: String? = nil,
        taskId: WorkItemID? = nil, workflowId: WorkflowID? = nil, plan: PlanOrder? = nil, input: JSONValue? = nil,
        replies: SMSReplies? = nil
    ) {
        self.kind = kind
        self.agentId = agentId
        self.capability = capability
        self.content = content
        self.taskId = taskId
        self.workflowId = workflowId
        self.plan = plan
        self.input = input
        self.replies = replies
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "kind": Field("What a message starts."),
        "agent_id": Field("Who is told something; of agent_message."),
        "capability": Field("What an agent must be able to do, where none is named.", length: 1...64),
        "content": Field(
            "What the agent is told, such as `New lead: {{ payload.name }}`.", length: 1...100_000),
        "task_id": Field("The task that is run."),
        "workflow_id": Field("The workflow that is run."),
        "plan": Field("The plan that is run; its steps read the message from `input`."),
        "input": Field("An object of {{ expressions }} for the task, the workflow or the plan."),
        "replies": Field("What is answered by SMS; of inbound_sms. Nothing where it is left out."),
    ]

    /// What is read of a message.
    public struct Templates: Sendable {
        let content: JSONTemplate?
        let input: JSONTemplate?
    }

    /// What a message gives the action.
    public struct Values: Sendable, Hashable {
        /// What the agent is told.
        public let content: String?
        /// An object.
        public let input: JSONValue?
    }

    /// The templates, checked.
    ///
    /// - Throws: `invalid` with every issue and its place in the action.
    public func templates() throws -> Templates {
        var issues = missing
        func template(_ value: JSONValue?, at pointer: String) -> JSONTemplate? {
            guard let value else { return nil }
            do throws(TemplateIssues) {
                let template = try JSONTemplate(checking: value)
                template.eachPlaceholder { place, placeholder in
                    var checker = ExpressionChecker(HookNames())
                    _ = checker.facts(of: placeholder.expression)
                    issues += checker.errors.map {
                        FieldIssue(
                            pointer: pointer + place,
                            message: "has a mistake \($0.moved(by: placeholder.start))")
                    }
                }
                return template
            } catch {
                issues += error.issues.map { FieldIssue(pointer: pointer + $0.pointer, message: $0.message) }
                return nil
            }
        }
        let templates = Templates(
            content: template(content.map { .string($0) }, at: "/content"), input: template(input, at: "/input"))
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return templates
    }

    /// What the kind needs and does not have.
    private var missing: [FieldIssue] {
        var issues: [FieldIssue] = []
        func need(_ isThere: Bool, _ pointer: String, _ message: String) {
            if !isThere { issues.append(FieldIssue(pointer: pointer, message: message)) }
        }
        switch kind {
        case .agentMessage:
            need(agentId != nil || capability != nil, "/agent_id", "is required unless there is a capability")
            need(content != nil, "/content", "is required: what the agent is told")
        case .task: need(taskId != nil, "/task_id", "is required")
        case .workflow: need(workflowId != nil, "/workflow_id", "is required")
        case .plan: need(plan != nil, "/plan", "is required")
        case .inboundSMS: break
        }
        if kind != .inboundSMS { need(replies == nil, "/replies", "is for inbound_sms only") }
        if let input { need(input.object != nil, "/input", "must be an object") }
        return issues
    }
}

extension HookAction.Templates {
    /// What a message gives. Each value stays what it is: nothing in a message is read as an expression.
    ///
    /// - Throws: the first expression that has no value.
    public func evaluate(in scope: ExpressionScope) throws -> HookAction.Values {
        do {
            try content?.requireValues(at: "/content", in: scope)
            try input?.requireValues(at: "/input", in: scope)
            // Alone in its text an expression keeps its type; what is said is text all the same.
            let told = try content?.evaluate(in: scope)
            let text = told.map { $0.string ?? $0.description }
            guard text?.isEmpty != true else { throw HookFault("`/content` is empty for this message") }
            return HookAction.Values(content: text, input: try input?.evaluate(in: scope))
        } catch let error as TemplateError {
            throw HookFault("\(error)")
        }
    }
}

extension JSONTemplate {
    /// What a message does not have is null to an expression, which is right for conditions. Here it would make work of
    /// half a message: whoever can do without says so, as in `default(payload.note, "none")`.
    func requireValues(at place: String, in scope: ExpressionScope) throws {
        var missing: [String] = []
        eachPlaceholder { pointer, placeholder in
            guard let value = try? placeholder.expression.evaluate(in: scope), value.isNull else { return }
            missing.append("`\(place)\(pointer)` names, at \(placeholder.start + 1), what this message does not have")
        }
        guard missing.isEmpty else { throw HookFault(missing.joined(separator: "; ")) }
    }
}

/// Why a message that is genuine starts nothing. Stands in the log of deliveries.
public struct HookFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// In words.
    public let description: String

    /// A fault.
    public init(_ description: String) { self.description = description }
}

/// What an action's expressions may name.
private struct HookNames: ExpressionVocabulary {
    func facts(of reference: ExpressionReference) throws(ExpressionError) -> ExpressionFacts {
        let known = ["payload", "hook", "headers"]
        guard known.contains(reference.root) else {
            let hint = DidYouMean.hint(for: reference.root, among: known)
            throw ExpressionError(
                .unknownName, at: reference.at,
                "there is nothing called \(reference.root.prefix(40)): there are payload, hook and headers\(hint)")
        }
        return .anything
    }
}
