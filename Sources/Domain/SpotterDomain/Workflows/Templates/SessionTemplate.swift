/// A session of several agents as a file: `templates/sessions/*.yaml`. A plan opens it, and what comes later in it finds
/// its agents by their roles.
public struct SessionTemplate: Sendable, Hashable {
    /// The file's name without its ending, such as `start-session`.
    public let slug: String
    /// What the file holds.
    public let document: SessionTemplateDocument

    /// A template that was read already.
    public init(slug: String, document: SessionTemplateDocument) {
        self.slug = slug
        self.document = document
    }

    /// Which pack it belongs to.
    public var pack: String { document.pack ?? "gym" }

    /// The plan that opens a session: each step's role is the agent that has it.
    ///
    /// - Parameters:
    ///   - subject: whom or what the session is about; steps name it `input.subject`.
    ///   - data: whatever else was given; steps name it `input.data`.
    public func plan(subject: String, data: JSONValue) -> PlanOrder {
        let steps = document.steps.map { step in
            PlanStep(
                id: step.id, agent: step.role.flatMap { document.agents[$0]?.reference }, tool: step.tool,
                action: step.action, input: step.input, dependencies: step.dependencies,
                retryPolicy: step.retryPolicy, timeoutMs: step.timeoutMs)
        }
        return PlanOrder(
            id: slug, steps: steps, parallel: document.parallel, timeoutMs: document.timeoutMs,
            input: ["subject": .string(subject), "data": data])
    }

    /// What is wrong with it, with the places in the file.
    public func issues(knowing vocabulary: WorkflowVocabulary?) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        for (role, agent) in document.agents.sorted(by: { $0.key < $1.key }) {
            let pointer = "/agents/\(JSONSchema.escape(role))"
            if !WorkflowChecker.isName(role) {
                issues.append(
                    FieldIssue(
                        pointer: pointer, message: "must be a role in lower-case letters, digits and underscores"))
            }
            if (agent.template == nil) == (agent.name == nil) {
                issues.append(FieldIssue(pointer: pointer, message: "must have either a template or a name"))
            }
        }
        for (place, step) in document.steps.enumerated() {
            let roles = document.agents.keys.sorted()
            if let role = step.role, document.agents[role] == nil {
                let hint = DidYouMean.hint(for: role, among: roles)
                issues.append(
                    FieldIssue(pointer: "/steps/\(place)/role", message: "must be a role of `agents`\(hint)"))
            } else if (step.role == nil) == (step.tool == nil) {
                issues.append(FieldIssue(pointer: "/steps/\(place)", message: "must have either a role or a tool"))
            }
        }
        guard issues.isEmpty else { return issues }
        do {
            _ = try plan(subject: "", data: [:]).checked(knowing: vocabulary)
        } catch {
            issues += (error as? SpotterError)?.issues ?? []
        }
        // A step has a role where the plan has an agent.
        return issues.map { issue in
            guard issue.pointer.hasSuffix("/agent") else { return issue }
            return FieldIssue(pointer: String(issue.pointer.dropLast(5)) + "role", message: issue.message)
        }
    }
}

/// What a file of `templates/sessions/` holds.
public struct SessionTemplateDocument: Sendable, Codable, Hashable {
    /// Unique among the templates.
    public var name: String
    /// What it is for, in a sentence or two.
    public var description: String?
    /// Which pack it belongs to; nil means `gym`.
    public var pack: String?
    /// The agents by their roles.
    public var agents: [String: SessionAgent]
    /// What opens the session.
    public var steps: [SessionStep]
    /// Whether steps that do not depend on each other are done at once; nil means they are.
    public var parallel: Bool?
    /// How long the opening may take, in milliseconds.
    public var timeoutMs: Int?
    /// After how many minutes without a call the session ends; nil means 30.
    public var idleMinutes: Int?

    /// A document; whatever may be left out is nil.
    public init(
        name: String, description: String? = nil, pack: String? = nil, agents: [String: SessionAgent],
        steps: [SessionStep], parallel: Bool? = nil, timeoutMs: Int? = nil, idleMinutes: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.pack = pack
        self.agents = agents
        self.steps = steps
        self.parallel = parallel
        self.timeoutMs = timeoutMs
        self.idleMinutes = idleMinutes
    }
}

extension SessionTemplateDocument: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("Unique among the session templates.", length: 1...200),
        "description": Field("What it is for.", length: 0...2_000),
        "pack": Field("Which pack it belongs to; `gym` by default.", length: 1...63),
        "agents": Field("The agents by their roles, such as `tutor`."),
        "steps": Field("What opens the session, as a plan.", count: 1...100),
        "parallel": Field("Whether steps that do not depend on each other are done at once; true by default."),
        "timeout_ms": Field("How long the opening may take, in milliseconds.", range: 1...86_400_000),
        "idle_minutes": Field(
            "After how many minutes without a call the session ends; 30 by default.", range: 1...10_080),
    ]
}

/// An agent of a session.
public struct SessionAgent: Sendable, Codable, Hashable, SchemaDescribed {
    /// The slug of the template that it was seeded from.
    public var template: String?
    /// Its name, where it is not from a template.
    public var name: String?

    /// An agent; exactly one of both is given.
    public init(template: String? = nil, name: String? = nil) {
        self.template = template
        self.name = name
    }

    /// What calls name it by.
    public var reference: String { template ?? name ?? "" }

    /// An object with one of its members.
    public static var schema: JSONSchema {
        .object([
            .init(
                "template", JSONSchema(.string, description: "The slug of the template that it was seeded from."),
                isRequired: false),
            .init(
                "name", JSONSchema(.string, description: "Its name, where it is not from a template."),
                isRequired: false),
        ])
    }

    /// An agent without a name.
    public static var sample: SessionAgent { SessionAgent(name: "") }
}

/// A step that opens a session.
public struct SessionStep: Sendable, Codable, Hashable {
    /// Unique in the session.
    public var id: String
    /// Which of the agents does it.
    public var role: String?
    /// The tool that does it.
    public var tool: String?
    /// `message`, or an action that the agent declares; nil means `message`.
    public var action: String?
    /// What the agent, or the tool, is given: an object.
    public var input: JSONValue?
    /// The steps that must have ended well before.
    public var dependencies: [String]?
    /// How often it is tried again; nil means never.
    public var retryPolicy: PlanRetry?
    /// How long one try may take, in milliseconds.
    public var timeoutMs: Int?

    /// A step; whatever may be left out is nil.
    public init(
        id: String, role: String? = nil, tool: String? = nil, action: String? = nil, input: JSONValue? = nil,
        dependencies: [String]? = nil, retryPolicy: PlanRetry? = nil, timeoutMs: Int? = nil
    ) {
        self.id = id
        self.role = role
        self.tool = tool
        self.action = action
        self.input = input
        self.dependencies = dependencies
        self.retryPolicy = retryPolicy
        self.timeoutMs = timeoutMs
    }
}

extension SessionStep: FieldsDescribed {
    /// Meaning and bounds of the members: those of a plan's step, with a role for its agent.
    public static let fields: [String: Field] = {
        var fields = PlanStep.fields.filter {
            !["agent_id", "agent", "capability", "optional_capabilities"].contains($0.key)
        }
        fields["role"] = Field("Which of the session's agents does it.", length: 1...64)
        return fields
    }()
}
