/// A graph of work: what people write as JSON or YAML. Nothing of it is checked yet beyond its shape; see
/// ``CheckedWorkflow``.
public struct WorkflowDefinition: Sendable, Codable, Hashable, FieldsDescribed {
    /// Unique in its organisation; 1 to 200 characters.
    public var name: String
    /// For people; at most 2,000 characters.
    public var description: String?
    /// What nodes pass on to each other, by name; what a run is started with fills those of the same name.
    public var variables: [String: WorkflowVariable]?
    /// What is to be done, 1 to 500.
    public var nodes: [WorkflowNode]
    /// What comes after what, at most 2,000.
    public var edges: [WorkflowEdge]
    /// How long a run may take from its beginning, waits included, in milliseconds; nil for as long as it needs.
    public var timeoutMs: Int?
    /// How many nodes are under way at once, 1 to 200; nil means 100.
    public var maxParallel: Int?

    /// A definition; whatever may be left out is nil.
    public init(
        name: String, description: String? = nil, variables: [String: WorkflowVariable]? = nil,
        nodes: [WorkflowNode], edges: [WorkflowEdge], timeoutMs: Int? = nil, maxParallel: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.variables = variables
        self.nodes = nodes
        self.edges = edges
        self.timeoutMs = timeoutMs
        self.maxParallel = maxParallel
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("Unique in its organisation.", length: 1...200, example: "Lead follow-up"),
        "description": Field("For people.", length: 0...2_000),
        "variables": Field(
            "What nodes pass on to each other, by name: lower-case letters, digits and underscores. What a run is started with fills those of the same name."
        ),
        "nodes": Field("What is to be done.", count: 1...500),
        "edges": Field("What comes after what.", count: 0...2_000),
        "timeout_ms": Field("How long a run may take, waits included, in milliseconds.", range: 1...31_536_000_000),
        "max_parallel": Field("How many nodes are under way at once; 100 by default.", range: 1...200),
    ]
}

/// A variable of a workflow.
public struct WorkflowVariable: Sendable, Codable, Hashable, SchemaDescribed {
    /// What it may hold.
    public enum ValueType: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case string, integer, number, boolean, array, object
    }

    /// What it may hold; null stands for nothing yet.
    public var type: ValueType
    /// For people.
    public var description: String?
    /// What it holds where a run is not started with it; nil means null.
    public var `default`: JSONValue?
    /// Whether a run must be started with it; nil means not.
    public var required: Bool?
    /// The only texts that it may hold; nil means any. Of strings only.
    public var values: [String]?

    /// A variable; with the defaults an optional one that begins as null.
    public init(
        type: ValueType, description: String? = nil, default value: JSONValue? = nil, required: Bool? = nil,
        values: [String]? = nil
    ) {
        self.type = type
        self.description = description
        self.default = value
        self.required = required
        self.values = values
    }

    /// An object of these members; written out, because dictionaries ask their values for it.
    public static var schema: JSONSchema {
        func member(_ name: String, _ schema: JSONSchema, _ field: Field, isRequired: Bool = false)
            -> JSONSchema.Property
        {
            .init(name, field.apply(to: schema), isRequired: isRequired)
        }
        return .object([
            member(
                "type", ValueType.schema, Field("What it may hold; null stands for nothing yet."), isRequired: true),
            member("description", String.schema, Field("For people.", length: 0...500)),
            member("default", JSONValue.schema, Field("What it holds where a run is not started with it.")),
            member("required", Bool.schema, Field("Whether a run must be started with it.")),
            member(
                "values", .array(of: JSONSchema(.string)),
                Field("The only texts that it may hold; of strings.", count: 1...100)),
        ])
    }

    /// A text.
    public static var sample: WorkflowVariable { WorkflowVariable(type: .string) }
}

/// A node of a workflow.
public struct WorkflowNode: Sendable, Codable, Hashable, FieldsDescribed {
    /// What a node does.
    public enum NodeType: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// A call of an agent, by id, name or capability, or of a tool.
        case task
        /// Goes on along the first edge whose condition holds, or else along the one without a condition.
        case decision
        /// Goes on along all of its edges at once.
        case parallel
        /// Waits for the branches that lead to it: all that are taken, any, or so many.
        case join
        /// Asks people.
        case humanApproval = "human_approval"
        /// What is done when a node that leads to it fails, or any node where none leads to it.
        case errorHandler = "error_handler"
        /// Waits for a time, or for somebody's answer.
        case wait
        /// Runs another workflow and awaits its end.
        case subWorkflow = "sub_workflow"
    }

    /// Unique in the workflow: lower-case letters, digits and underscores, a letter first; 1 to 64.
    public var id: String
    /// What it does.
    public var type: NodeType
    /// For people; nil means its id.
    public var name: String?
    /// What it does it with; the members depend on the type. Nil means none.
    public var config: JSONValue?

    /// A node.
    public init(id: String, type: NodeType, name: String? = nil, config: JSONValue? = nil) {
        self.id = id
        self.type = type
        self.name = name
        self.config = config
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "id": Field("Unique in the workflow.", length: 1...64, pattern: "^[a-z][a-z0-9_]*$", example: "review"),
        "type": Field("What a node of it does."),
        "name": Field("For people; the id by default.", length: 1...200),
        "config": Field("What it does it with; the members depend on the type, and unknown ones are errors."),
    ]
}

/// An edge of a workflow: when `from` has ended, `to` comes.
public struct WorkflowEdge: Sendable, Codable, Hashable, FieldsDescribed {
    /// The id of the node that it leads from.
    public var from: String
    /// The id of the node that it leads to.
    public var to: String
    /// When it is taken; nil means always. See ``Expression``.
    public var condition: String?
    /// How often it may lead back to where the run has been, 1 to 1,000: an edge that closes a circle must have it.
    public var maxIterations: Int?

    /// An edge.
    public init(from: String, to: String, condition: String? = nil, maxIterations: Int? = nil) {
        self.from = from
        self.to = to
        self.condition = condition
        self.maxIterations = maxIterations
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "from": Field("The id of the node that it leads from.", length: 1...64),
        "to": Field("The id of the node that it leads to.", length: 1...64),
        "condition": Field(
            "When it is taken, as an expression; always by default.", length: 1...4_000,
            example: "nodes.review.output.approved and vars.attempts < 3"),
        "max_iterations": Field(
            "How often it may lead back; an edge that closes a circle must have it.", range: 1...1_000),
    ]
}
