import Foundation
import PostgresKit
import SpotterDomain

extension Execution {
    /// Reads the columns in the order that `ExecutionSQL` lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), kind: try row.named(1), state: try row.named(2), attempt: try row.get(3),
            conversationId: try row.optionalID(4), agentId: try row.optionalID(5), agentVersion: try row.get(6),
            input: try row.json(7), output: try row.optionalJSON(8), error: try row.optionalDocument(9),
            usage: try row.document(10), cost: try row.document(11), stepsTotal: try row.get(12),
            stepsCompleted: try row.get(13), currentStep: try row.get(14), taskId: try row.optionalID(15),
            parentId: try row.optionalID(16), priority: try row.named(17),
            retryPolicy: try row.optionalDocument(18) ?? .once, deadlineAt: try row.get(19),
            uniqueKey: try row.get(20), failures: try row.get(21), crashes: try row.get(22), wakeAt: try row.get(23),
            requested: try row.optionallyNamed(24), deadAt: try row.get(25), signals: try row.get(26),
            createdAt: try row.get(27), startedAt: try row.get(28), completedAt: try row.get(29))
    }
}

/// An execution as `json_to_recordset` reads it; many of them are one parameter.
struct ExecutionRow: Encodable {
    let id: UUID
    let kind: String
    let state: String
    let attempt: Int
    let conversationId: UUID?
    let agentId: UUID?
    let agentVersion: Int?
    let input: JSONValue
    let output: JSONValue?
    let error: ExecutionError?
    let usage: TokenUsage
    let cost: Cost
    let stepsTotal: Int
    let stepsCompleted: Int
    let currentStep: String?
    let taskId: UUID?
    let parentId: UUID?
    let priority: String
    let retryPolicy: RetryPolicy?
    let deadlineAt: Date?
    let uniqueKey: String?
    let failures: Int
    let crashes: Int
    let wakeAt: Date?
    let requested: String?
    let deadAt: Date?
    let signals: Int
    let createdAt: Date
    let startedAt: Date?
    let completedAt: Date?

    init(_ execution: Execution) {
        id = execution.id.uuid
        kind = execution.kind.rawValue
        state = execution.state.rawValue
        attempt = execution.attempt
        conversationId = execution.conversationId?.uuid
        agentId = execution.agentId?.uuid
        agentVersion = execution.agentVersion
        input = execution.input
        output = execution.output
        error = execution.error
        usage = execution.usage
        cost = execution.cost
        stepsTotal = execution.stepsTotal
        stepsCompleted = execution.stepsCompleted
        currentStep = execution.currentStep
        taskId = execution.taskId?.uuid
        parentId = execution.parentId?.uuid
        priority = execution.priority.rawValue
        // Most are tried once, and that is what NULL says.
        retryPolicy = execution.retryPolicy == .once ? nil : execution.retryPolicy
        deadlineAt = execution.deadlineAt
        uniqueKey = execution.uniqueKey
        failures = execution.failures
        crashes = execution.crashes
        wakeAt = execution.wakeAt
        requested = execution.requested?.rawValue
        deadAt = execution.deadAt
        signals = execution.signals
        createdAt = execution.createdAt
        startedAt = execution.startedAt
        completedAt = execution.completedAt
    }
}

/// What a record may change of an execution.
struct ExecutionProgressRow: Encodable {
    let id: UUID
    let attempt: Int
    let state: String
    let output: JSONValue?
    let error: ExecutionError?
    let usage: TokenUsage
    let cost: Cost
    let stepsTotal: Int
    let stepsCompleted: Int
    let currentStep: String?
    let failures: Int
    let wakeAt: Date?
    let deadAt: Date?
    let signals: Int
    let startedAt: Date?
    let completedAt: Date?

    init(_ execution: Execution) {
        id = execution.id.uuid
        attempt = execution.attempt
        state = execution.state.rawValue
        output = execution.output
        error = execution.error
        usage = execution.usage
        cost = execution.cost
        stepsTotal = execution.stepsTotal
        stepsCompleted = execution.stepsCompleted
        currentStep = execution.currentStep.map(StorableText.text)
        failures = execution.failures
        wakeAt = execution.wakeAt
        deadAt = execution.deadAt
        signals = execution.signals
        startedAt = execution.startedAt
        completedAt = execution.completedAt
    }
}

extension Step {
    /// Reads the columns in the order of the journal's query, which begins with the execution.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(1), index: try row.get(2), name: try row.get(3), kind: try row.named(4),
            state: try row.named(5), attempt: try row.get(6), input: try row.json(7), output: try row.optionalJSON(8),
            error: try row.optionalDocument(9), usage: try row.optionalDocument(10),
            cost: try row.optionalDocument(11), effect: try row.optionallyNamed(12), child: try row.optionalID(13),
            startedAt: try row.get(14), completedAt: try row.get(15))
    }
}

/// A step as `json_to_recordset` reads it.
struct StepRow: Encodable {
    let executionId: UUID
    let id: UUID
    let stepIndex: Int
    let name: String
    let kind: String
    let state: String
    let attempt: Int
    let input: JSONValue
    let output: JSONValue?
    let error: ExecutionError?
    let usage: TokenUsage?
    let cost: Cost?
    let effect: String?
    let childId: UUID?
    let startedAt: Date
    let completedAt: Date?

    init(_ step: Step, of execution: ExecutionID) {
        executionId = execution.uuid
        id = step.id.uuid
        stepIndex = step.index
        name = StorableText.text(of: step.name)
        kind = step.kind.rawValue
        state = step.state.rawValue
        attempt = step.attempt
        input = step.input
        output = step.output
        error = step.error
        usage = step.usage
        cost = step.cost
        effect = step.effect?.rawValue
        childId = step.child?.uuid
        startedAt = step.startedAt
        completedAt = step.completedAt
    }
}
