import Foundation
import SpotterDomain
import SpotterWorkflows

/// A workflow as the API shows it.
struct WorkflowResource: Codable, Sendable {
    let id: WorkflowID
    let version: Int
    let name: String
    let description: String?
    let variables: [String: WorkflowVariable]
    let nodes: [WorkflowNode]
    let edges: [WorkflowEdge]
    let timeoutMs: Int?
    let maxParallel: Int?
    let template: String?
    let createdAt: Date
    let updatedAt: Date

    init(_ workflow: Workflow) {
        let definition = workflow.definition
        id = workflow.id
        version = workflow.version
        name = definition.name
        description = definition.description
        variables = definition.variables ?? [:]
        nodes = definition.nodes
        edges = definition.edges
        timeoutMs = definition.timeoutMs
        maxParallel = definition.maxParallel
        template = workflow.template
        createdAt = workflow.createdAt
        updatedAt = workflow.updatedAt
    }
}

/// A new workflow, and the events that start it from then on.
struct WorkflowRequest: Codable, Sendable, FieldsDescribed {
    var name: String
    var description: String?
    var variables: [String: WorkflowVariable]?
    var nodes: [WorkflowNode]
    var edges: [WorkflowEdge]
    var timeoutMs: Int?
    var maxParallel: Int?
    var on: [WorkflowTrigger]?

    static let fields: [String: Field] = {
        var fields = WorkflowDefinition.fields
        fields["on"] = WorkflowTemplateDocument.fields["on"]
        return fields
    }()

    var definition: WorkflowDefinition {
        WorkflowDefinition(
            name: name, description: description, variables: variables, nodes: nodes, edges: edges,
            timeoutMs: timeoutMs, maxParallel: maxParallel)
    }
}

/// A workflow in a list: without its graph.
struct WorkflowSummaryResource: Codable, Sendable {
    let id: WorkflowID
    let version: Int
    let name: String
    let description: String?
    let nodesTotal: Int
    let template: String?
    let createdAt: Date
    let updatedAt: Date

    init(_ workflow: Workflow) {
        id = workflow.id
        version = workflow.version
        name = workflow.definition.name
        description = workflow.definition.description
        nodesTotal = workflow.definition.nodes.count
        template = workflow.template
        createdAt = workflow.createdAt
        updatedAt = workflow.updatedAt
    }
}

/// What came of looking at a document.
struct WorkflowValidationResource: Codable, Sendable {
    let valid: Bool
    let issues: [Issue]

    /// Something wrong, and where.
    struct Issue: Codable, Sendable {
        let pointer: String
        let message: String

        init(_ issue: FieldIssue) {
            pointer = issue.pointer
            message = issue.message
        }
    }
}

/// What a run of a workflow is started with.
struct WorkflowRunRequest: Codable, Sendable, FieldsDescribed {
    var input: JSONValue?
    var priority: Priority?
    var deadline: Date?

    static let fields = [
        "input": Field("What the run is given: an object. Members named as variables fill them."),
        "priority": Field("How soon its turn comes; medium."),
        "deadline": Field("When it fails, however far it is."),
    ]
}

/// A run that was started.
struct WorkflowRunResource: Codable, Sendable {
    let executionId: ExecutionID
}

/// The graph of a run, with how far each node is: of the version that the run began with.
struct RunGraphResource: Codable, Sendable {
    let name: String
    let nodes: [Node]
    let edges: [WorkflowEdge]

    /// A node as it is drawn.
    struct Node: Codable, Sendable {
        let id: String
        let type: WorkflowNode.NodeType
        let name: String?
        let state: String
    }

    init(_ definition: WorkflowDefinition, states: [String: WorkflowDrawing.NodeState]) {
        name = definition.name
        nodes = definition.nodes.map {
            Node(id: $0.id, type: $0.type, name: $0.name, state: (states[$0.id] ?? .waiting).rawValue)
        }
        edges = definition.edges
    }
}
