/// Steps that depend on each other: what `POST /v1/plans/execute` takes. See ``checked(knowing:)``.
public struct PlanOrder: Sendable, Codable, Hashable {
    /// How callers know the plan; nil means that they do not.
    public var id: String?
    /// What is to be done, 1 to 2,000.
    public var steps: [PlanStep]
    /// Whether steps that do not depend on each other are done at once; nil means they are.
    public var parallel: Bool?
    /// How long the whole may take, in milliseconds; nil for as long as it needs.
    public var timeoutMs: Int?
    /// What is done instead where this fails; at most five deep.
    public var fallbackPlan: PlanFallback?
    /// Whether the caller waits for the end; nil means not.
    public var wait: Bool?
    /// What the steps may name as `input`: an object; nil means an empty one.
    public var input: JSONValue?

    /// An order; whatever may be left out is nil.
    public init(
        id: String? = nil, steps: [PlanStep], parallel: Bool? = nil, timeoutMs: Int? = nil,
        fallbackPlan: PlanFallback? = nil, wait: Bool? = nil, input: JSONValue? = nil
    ) {
        self.id = id
        self.steps = steps
        self.parallel = parallel
        self.timeoutMs = timeoutMs
        self.fallbackPlan = fallbackPlan
        self.wait = wait
        self.input = input
    }

    /// How many fallbacks may stand in each other.
    public static let deepestFallback = 5
}

extension PlanOrder: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "id": Field("How you know the plan; not the execution's id.", length: 1...100),
        "steps": Field("What is to be done.", count: 1...2_000),
        "parallel": Field("Whether steps that do not depend on each other are done at once; true by default."),
        "timeout_ms": Field("How long the whole may take, in milliseconds.", range: 1...31_536_000_000),
        "fallback_plan": Field("A plan of the same shape, which is done where this one fails; at most five deep."),
        "wait": Field("Whether the answer waits for the end; false by default."),
        "input": Field("An object that the steps' {{ expressions }} may name as `input`."),
    ]
}

/// A plan inside of another; the same shape again.
public struct PlanFallback: Sendable, Hashable {
    // An array, because a struct cannot hold itself; it always has one element.
    private let plans: [PlanOrder]

    /// The plan.
    public var plan: PlanOrder { plans[0] }

    /// A fallback.
    public init(_ plan: PlanOrder) { plans = [plan] }
}

extension PlanFallback: Codable, SchemaDescribed {
    /// Reads the plan as strictly as any other.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer().decode(JSONValue.self)
        do {
            self.init(try value.decoded(as: PlanOrder.self))
        } catch let error as SpotterError {
            throw SpotterError.invalid(
                error.issues.map { FieldIssue(pointer: "/fallback_plan\($0.pointer)", message: $0.message) })
        }
    }

    /// Writes the plan.
    public func encode(to encoder: any Encoder) throws { try plan.encode(to: encoder) }

    /// An object; its members are checked where it is read.
    public static var schema: JSONSchema { .dictionary(of: JSONSchema(.any)) }
    /// A plan without steps.
    public static var sample: PlanFallback { PlanFallback(PlanOrder(steps: [])) }
}

/// A step of a plan.
public struct PlanStep: Sendable, Codable, Hashable {
    /// Unique in the plan: letters, digits, `_`, `-` and dots; 1 to 64.
    public var id: String
    /// The agent that does it.
    public var agentId: String?
    /// The agent's name, or the slug of the template that it was seeded from.
    public var agent: String?
    /// What an agent must be able to do; the best one does it.
    public var capability: String?
    /// What it had better be able to do as well.
    public var optionalCapabilities: [String]?
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
        id: String, agentId: String? = nil, agent: String? = nil, capability: String? = nil,
        optionalCapabilities: [String]? = nil, tool: String? = nil, action: String? = nil, input: JSONValue? = nil,
        dependencies: [String]? = nil, retryPolicy: PlanRetry? = nil, timeoutMs: Int? = nil
    ) {
        self.id = id
        self.agentId = agentId
        self.agent = agent
        self.capability = capability
        self.optionalCapabilities = optionalCapabilities
        self.tool = tool
        self.action = action
        self.input = input
        self.dependencies = dependencies
        self.retryPolicy = retryPolicy
        self.timeoutMs = timeoutMs
    }
}

extension PlanStep: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "id": Field("Unique in the plan.", length: 1...64, pattern: "^[A-Za-z0-9_.-]+$", example: "analyze"),
        "agent_id": Field("The agent that does it. Give one of agent_id, agent, capability and tool."),
        "agent": Field("The agent's name, or the slug of its template.", length: 1...200),
        "capability": Field("What an agent must be able to do; the best one does it.", length: 1...64),
        "optional_capabilities": Field("What it had better be able to do as well.", count: 0...20),
        "tool": Field("The tool that does it, under the organisation's policy.", length: 1...64),
        "action": Field("`message`, with `input.content`, or an action that the agent declares.", length: 1...64),
        "input": Field("An object; its texts may hold {{ expressions }} over `input` and `steps.<id>.data`."),
        "dependencies": Field("Ids of the steps that must have ended well before.", count: 0...100),
        "retry_policy": Field("How often it is tried again; never by default."),
        "timeout_ms": Field("How long one try may take, in milliseconds.", range: 1...31_536_000_000),
    ]
}

/// How often a step is tried again.
public struct PlanRetry: Sendable, Codable, Hashable, FieldsDescribed {
    /// Tries after the first one, 0 to 20.
    public var maxRetries: Int
    /// The longest wait after the first failure, in milliseconds; nil means 1,000.
    public var backoffMs: Int?
    /// How the longest wait grows; nil means that it doubles.
    public var backoff: RetryPolicy.Backoff?

    /// A policy; with the defaults the longest wait doubles from one second.
    public init(maxRetries: Int, backoffMs: Int? = nil, backoff: RetryPolicy.Backoff? = nil) {
        self.maxRetries = maxRetries
        self.backoffMs = backoffMs
        self.backoff = backoff
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "max_retries": Field("Tries after the first one.", range: 0...20),
        "backoff_ms": Field(
            "Up to how long is waited after the first failure, in milliseconds; 1,000 by default.", range: 0...3_600_000
        ),
        "backoff": Field("\(RetryPolicy.backoffText) Exponential by default."),
    ]

    /// The same as the engine has it.
    public var policy: RetryPolicy {
        RetryPolicy(maxAttempts: maxRetries + 1, backoffMs: backoffMs ?? 1_000, backoff: backoff ?? .exponential)
    }
}
