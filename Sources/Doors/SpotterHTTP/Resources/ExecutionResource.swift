import Foundation
import SpotterAgents
import SpotterDomain
import SpotterWorkflows

/// An execution as the API shows it.
struct ExecutionResource: Codable, Sendable {
    let id: ExecutionID
    let kind: Execution.Kind
    let state: ExecutionState
    let conversationId: ConversationID?
    let agentId: AgentID?
    let agentVersion: Int?
    let taskId: WorkItemID?
    /// Of a run of a workflow that is kept: which it is; nil where it was named by another and has not begun.
    let workflowId: WorkflowID?
    let parentId: ExecutionID?
    let priority: Priority
    let attempt: Int
    let failures: Int
    let stepsTotal: Int
    let stepsCompleted: Int
    let currentStep: String?
    let output: JSONValue?
    let error: ExecutionError?
    let usage: TokenUsage
    let cost: Cost
    let requested: String?
    let createdAt: Date
    let startedAt: Date?
    let wakeAt: Date?
    let deadlineAt: Date?
    let deadAt: Date?
    let completedAt: Date?
    /// Tools only showed what they would do.
    let dryRun: Bool?
    /// How far an agent on its own is; only where one execution is read.
    let progress: RunProgress?
    /// How far a plan or a workflow is; only where one execution is read.
    let flow: FlowProgress?

    init(_ execution: Execution) { self.init(execution, nil) }

    init(_ execution: Execution, _ progress: RunProgress?, flow: FlowProgress? = nil) {
        self.flow = flow
        dryRun = execution.input["dry_run"]?.bool
        self.progress = progress
        id = execution.id
        kind = execution.kind
        state = execution.state
        conversationId = execution.conversationId
        agentId = execution.agentId
        agentVersion = execution.agentVersion
        taskId = execution.taskId
        workflowId = Self.workflow(of: execution)
        parentId = execution.parentId
        priority = execution.priority
        attempt = execution.attempt
        failures = execution.failures
        stepsTotal = execution.stepsTotal
        stepsCompleted = execution.stepsCompleted
        currentStep = execution.currentStep
        output = execution.output
        error = execution.error
        usage = execution.usage
        cost = execution.cost
        requested = execution.requested?.rawValue
        createdAt = execution.createdAt
        startedAt = execution.startedAt
        wakeAt = execution.wakeAt
        deadlineAt = execution.deadlineAt
        deadAt = execution.deadAt
        completedAt = execution.completedAt
    }
}

extension ExecutionResource {
    /// As `WorkflowOrder` writes it: the id beside the version, or in place of a name.
    private static func workflow(of execution: Execution) -> WorkflowID? {
        guard execution.kind == .workflow else { return nil }
        return (execution.input["workflow_id"] ?? execution.input["workflow"])?.string.flatMap(WorkflowID.init)
    }
}

/// A step of an execution as the API shows it.
struct StepResource: Codable, Sendable {
    let id: StepID
    let name: String
    let kind: Step.Kind
    let state: Step.State
    let attempt: Int
    let startedAt: Date
    let completedAt: Date?
    let input: JSONValue
    let output: JSONValue?
    let error: ExecutionError?
    let usage: TokenUsage?
    let cost: Cost?
    let effect: ToolEffect?
    let childExecutionId: ExecutionID?

    init(_ step: Step) {
        id = step.id
        name = step.name
        kind = step.kind
        state = step.state
        attempt = step.attempt
        startedAt = step.startedAt
        completedAt = step.completedAt
        input = step.input
        output = step.output
        error = step.error
        usage = step.usage
        cost = step.cost
        effect = step.effect
        childExecutionId = step.child
    }
}

/// An event as lists and streams show it.
struct EventResource: Codable, Sendable {
    let id: String
    let type: String
    let executionId: ExecutionID?
    let at: Date
    let data: JSONValue

    init(_ event: Event) {
        id = "\(event.position)"
        type = event.type
        executionId = event.execution
        at = event.at
        data = event.data
    }
}
