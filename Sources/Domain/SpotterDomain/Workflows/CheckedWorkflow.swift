/// A workflow whose every rule has been checked, in the form in which programs run it: nodes and edges by their places.
public struct CheckedWorkflow: Sendable, Hashable {
    /// How long a run may take; nil for as long as it needs.
    public let timeout: Duration?
    /// How many nodes are under way at once.
    public let maxParallel: Int
    /// Of the variables, by name.
    public let variables: [String: WorkflowVariable]
    /// In the order of the document.
    public let nodes: [CheckedNode]
    /// In the order of the document, which is the order in which a decision tries them.
    public let edges: [CheckedEdge]
    /// For each node the edges that lead to it, those that lead back left out.
    public let incoming: [[Int]]
    /// For each node the edges that lead from it.
    public let outgoing: [[Int]]
    /// The handler of errors that no edge leads to: it takes those that no other handler takes. Nil without one.
    public let catchAll: Int?

    /// A workflow; who makes it has checked it.
    public init(
        timeout: Duration?, maxParallel: Int, variables: [String: WorkflowVariable], nodes: [CheckedNode],
        edges: [CheckedEdge], catchAll: Int?
    ) {
        self.timeout = timeout
        self.maxParallel = maxParallel
        self.variables = variables
        self.nodes = nodes
        self.edges = edges
        self.catchAll = catchAll
        var incoming = [[Int]](repeating: [], count: nodes.count)
        var outgoing = incoming
        for (place, edge) in edges.enumerated() {
            outgoing[edge.from].append(place)
            if edge.loop == nil { incoming[edge.to].append(place) }
        }
        self.incoming = incoming
        self.outgoing = outgoing
    }
}

/// A node of a checked workflow.
public struct CheckedNode: Sendable, Hashable {
    /// As the document has it; the name of its steps.
    public let id: String
    /// For people.
    public let name: String
    /// What it does.
    public let type: WorkflowNode.NodeType
    /// What it does it with.
    public let action: NodeAction
    /// The variables that are set when it has ended well, in order: `output` is what came of the node.
    public let sets: [VariableSetting]
    /// How often it is tried again, and how long after each failure.
    public let retries: RetryPolicy

    /// A node.
    public init(
        id: String, name: String, type: WorkflowNode.NodeType, action: NodeAction, sets: [VariableSetting] = [],
        retries: RetryPolicy = .once
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.action = action
        self.sets = sets
        self.retries = retries
    }
}

/// What one variable becomes.
public struct VariableSetting: Sendable, Hashable {
    /// The variable's name.
    public let variable: String
    /// Its new value.
    public let value: JSONTemplate

    /// A setting.
    public init(_ variable: String, _ value: JSONTemplate) {
        self.variable = variable
        self.value = value
    }
}

/// What a node does, with what its document says about it.
public enum NodeAction: Sendable, Hashable {
    /// Calls an agent.
    case call(AgentCall)
    /// Calls a tool, under the organisation's policy; its arguments are an object.
    case tool(name: String, arguments: JSONTemplate)
    /// Goes on along one edge.
    case decide
    /// Goes on along all edges.
    case fork
    /// Waits for branches.
    case join(JoinRule)
    /// Asks people.
    case ask(message: JSONTemplate, terms: ApprovalTerms)
    /// Takes errors of these codes; an empty list takes all.
    case handle(codes: [String])
    /// Waits for so long: a number of milliseconds.
    case pause(JSONTemplate)
    /// Waits until a time: an RFC 3339 text.
    case pauseUntil(JSONTemplate)
    /// Waits for somebody's answer.
    case question(JSONTemplate, timeout: Duration?)
    /// Runs another workflow: by its id or its name.
    case run(workflow: String, input: JSONTemplate, timeout: Duration?)
}

/// A call of an agent by a node.
public struct AgentCall: Sendable, Hashable {
    /// Who is called.
    public enum Target: Sendable, Hashable {
        case agent(AgentID)
        /// By the agent's name or the slug of the template that it was seeded from.
        case named(String)
        /// Whoever can do this best.
        case capability(String, optional: [String])
    }

    /// Who is called.
    public let target: Target
    /// `message` for a turn of the agent, or an action that the agent declares.
    public let action: String
    /// What it is given: an object.
    public let input: JSONTemplate
    /// How long one try may take; nil for as long as the run.
    public let timeout: Duration?
    /// Whether what the offline model says counts as no answer.
    public let requiresModel: Bool

    /// A call.
    public init(
        _ target: Target, action: String, input: JSONTemplate, timeout: Duration?, requiresModel: Bool = false
    ) {
        self.requiresModel = requiresModel
        self.target = target
        self.action = action
        self.input = input
        self.timeout = timeout
    }
}

/// Which of the branches that lead to a join it waits for.
public enum JoinRule: Sendable, Hashable {
    /// All that are taken.
    case all
    /// The first that arrives.
    case any
    /// So many.
    case quorum(Int)
}

/// An edge of a checked workflow.
public struct CheckedEdge: Sendable, Hashable {
    /// Closes a circle.
    public struct Loop: Sendable, Hashable {
        /// How often it may be taken in one run.
        public let maxIterations: Int
        /// The nodes that are done again: every node on a way from where it leads to where it comes from, both included.
        public let body: [Int]

        /// A loop.
        public init(maxIterations: Int, body: [Int]) {
            self.maxIterations = maxIterations
            self.body = body
        }
    }

    /// The place of the node that it leads from.
    public let from: Int
    /// The place of the node that it leads to.
    public let to: Int
    /// When it is taken; nil means always.
    public let condition: Expression?
    /// Whether it is taken when `from` has failed, and only then: edges to handlers of errors are.
    public let isError: Bool
    /// Nil unless it leads back.
    public let loop: Loop?

    /// An edge.
    public init(from: Int, to: Int, condition: Expression?, isError: Bool, loop: Loop? = nil) {
        self.from = from
        self.to = to
        self.condition = condition
        self.isError = isError
        self.loop = loop
    }
}
