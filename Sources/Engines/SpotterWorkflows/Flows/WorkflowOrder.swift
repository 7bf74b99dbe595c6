public import SpotterDomain

/// What a run of a workflow is started with: the input of an execution of kind `workflow`.
public struct WorkflowOrder: Sendable, Codable, Hashable {
    /// The workflow's id, or its name: of a run that another workflow began. The version is settled with its first step.
    public var workflow: String?
    /// Which workflow it is; nil where `workflow` says it.
    public var workflowId: WorkflowID?
    /// Which version the run keeps; nil where `workflow` says which workflow it is.
    public var version: Int?
    /// A graph that nobody has kept; nil where there is a kept one.
    public var definition: WorkflowDefinition?
    /// What the run is given: an object.
    public var input: JSONValue

    /// A run of one version.
    public init(_ id: WorkflowID, version: Int, input: JSONValue) {
        workflowId = id
        self.version = version
        self.input = input
    }

    /// A run of the version that there is when it begins.
    public init(named workflow: String, input: JSONValue) {
        self.workflow = workflow
        self.input = input
    }

    /// A run of a graph that nobody has kept.
    public init(_ definition: WorkflowDefinition, input: JSONValue) {
        self.definition = definition
        self.input = input
    }

    /// Which version a run keeps, as its own step or its input says; nil where that is not settled yet.
    init?(settledIn journal: Journal, _ order: WorkflowOrder) {
        if order.version != nil, order.workflowId != nil {
            self = order
            return
        }
        guard let step = journal.step(named: FlowProgram.OwnStep.version)?.output,
            let id = step["workflow_id"]?.string.flatMap(WorkflowID.init), let version = step["version"]?.int
        else { return nil }
        self.init(id, version: version, input: order.input)
    }
}
