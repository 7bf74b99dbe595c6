/// A workflow as a file: `templates/workflows/*.yaml`. Whoever instantiates it gets a workflow of their own.
public struct WorkflowTemplate: Sendable, Hashable {
    /// The file's name without its ending, such as `lead-follow-up`.
    public let slug: String
    /// What the file holds.
    public let document: WorkflowTemplateDocument

    /// A template that was read already.
    public init(slug: String, document: WorkflowTemplateDocument) {
        self.slug = slug
        self.document = document
    }

    /// Which pack it belongs to.
    public var pack: String { document.pack ?? "gym" }
    /// The events that start it.
    public var triggers: [WorkflowTrigger] { document.on ?? [] }
    /// What it can be told, by name: the workflow's variables.
    public var parameters: [String: WorkflowVariable] { document.variables ?? [:] }

    /// The workflow, with what its variables begin with where the template's own defaults are not wanted.
    ///
    /// - Parameters:
    ///   - name: nil means the template's.
    ///   - values: by the variables' names; they are the defaults of the new workflow, and what was required no longer is.
    /// - Throws: `SpotterError` with code `.invalid` and each value that no variable of the template takes, at
    ///   `/variables/…`.
    public func definition(named name: String? = nil, values: JSONObject = [:]) throws -> WorkflowDefinition {
        var variables = parameters
        var issues: [FieldIssue] = []
        for (key, value) in values {
            let pointer = "/variables/\(JSONSchema.escape(key))"
            guard let variable = variables[key] else {
                let hint = DidYouMean.hint(for: key, among: parameters.keys.sorted())
                issues.append(FieldIssue(pointer: pointer, message: "must be a variable of the template\(hint)"))
                continue
            }
            if let problem = variable.problem(with: value) {
                issues.append(FieldIssue(pointer: pointer, message: problem))
            }
            variables[key]?.default = value
            if !value.isNull { variables[key]?.required = nil }
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return WorkflowDefinition(
            name: name ?? document.name, description: document.description,
            variables: variables.isEmpty ? nil : variables, nodes: document.nodes, edges: document.edges,
            timeoutMs: document.timeoutMs, maxParallel: document.maxParallel)
    }

    /// What is wrong with the workflow and its triggers, with the places in the file.
    public func issues(knowing vocabulary: WorkflowVocabulary?) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        do {
            _ = try CheckedWorkflow(checking: definition(), knowing: vocabulary)
        } catch {
            issues += (error as? SpotterError)?.issues ?? []
        }
        for (place, trigger) in triggers.enumerated() {
            issues += trigger.issues(startingWith: parameters, at: "/on/\(place)")
        }
        return issues
    }
}

/// What a file of `templates/workflows/` holds: a workflow, the pack it belongs to, and the events that start it.
public struct WorkflowTemplateDocument: Sendable, Codable, Hashable {
    /// Unique among the templates.
    public var name: String
    /// What it does, in a sentence or two.
    public var description: String?
    /// Which pack it belongs to; nil means `gym`.
    public var pack: String?
    /// The events that start it.
    public var on: [WorkflowTrigger]?
    /// What it can be told.
    public var variables: [String: WorkflowVariable]?
    /// What is to be done.
    public var nodes: [WorkflowNode]
    /// What comes after what.
    public var edges: [WorkflowEdge]
    /// How long a run may take, in milliseconds.
    public var timeoutMs: Int?
    /// How many nodes are under way at once.
    public var maxParallel: Int?

    /// A document; whatever may be left out is nil.
    public init(
        name: String, description: String? = nil, pack: String? = nil, on triggers: [WorkflowTrigger]? = nil,
        variables: [String: WorkflowVariable]? = nil, nodes: [WorkflowNode], edges: [WorkflowEdge],
        timeoutMs: Int? = nil, maxParallel: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.pack = pack
        on = triggers
        self.variables = variables
        self.nodes = nodes
        self.edges = edges
        self.timeoutMs = timeoutMs
        self.maxParallel = maxParallel
    }
}

extension WorkflowTemplateDocument: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = {
        var fields = WorkflowDefinition.fields
        fields["pack"] = Field("Which pack it belongs to; `gym` by default.", length: 1...63, example: "gym")
        fields["on"] = Field("The events that start it, with what it is started with.", count: 0...20)
        return fields
    }()

    /// The schema for editors: that of the type, with every member that some type of node can be told. Which of them a
    /// type has is checked with the workflow.
    public static var editorSchema: JSONSchema {
        func described(_ schema: JSONSchema, _ change: (JSONSchema.Property) -> JSONSchema) -> JSONSchema {
            var schema = schema
            schema.properties = schema.properties.map {
                JSONSchema.Property($0.name, change($0), isRequired: $0.isRequired)
            }
            return schema
        }
        return described(.derived(from: Self.self)) { member in
            guard member.name == "nodes", let node = member.schema.elements.first else { return member.schema }
            var nodes = member.schema
            nodes.elements = [
                described(node) { part in
                    guard part.name == "config" else { return part.schema }
                    var config = NodeConfigs.schema
                    config.description = part.schema.description
                    return config
                }
            ]
            return nodes
        }
    }
}
