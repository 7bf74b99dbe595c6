import Foundation
import PostgresKit
import SpotterDomain

// Rows as `json_to_recordset` reads them, any number of which is one parameter. They write themselves, and leave out what
// is NULL, because both ends spend more time on the words of a batch than on anything else.

/// A new execution, or what somebody's decision made of one.
struct ExecutionRow: JSONWritable {
    private let execution: Execution
    private let error: EncodedDocument?
    private let retryPolicy: EncodedDocument?

    init(_ execution: Execution) throws {
        self.execution = execution
        error = try execution.error.map(EncodedDocument.init)
        // Most are tried once, and that is what NULL says.
        retryPolicy = try execution.retryPolicy == .once ? nil : EncodedDocument(execution.retryPolicy)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", execution.id.uuid.uuidString)
            json.member("kind", execution.kind)
            json.member("state", execution.state)
            json.member("attempt", execution.attempt)
            writeLinks(to: &json)
            json.member("input", execution.input)
            json.member("output", execution.output)
            json.member("error", error)
            json.member("usage", execution.usage)
            json.member("cost", execution.cost)
            json.member("steps_total", execution.stepsTotal)
            json.member("steps_completed", execution.stepsCompleted)
            json.member("current_step", execution.currentStep.map(StorableText.text))
            json.member("priority", execution.priority)
            json.member("retry_policy", retryPolicy)
            json.member("unique_key", execution.uniqueKey)
            json.member("failures", execution.failures)
            json.member("crashes", execution.crashes)
            json.member("requested", execution.requested?.rawValue)
            json.member("signals", execution.signals)
            writeTimes(to: &json)
        }
    }

    private func writeLinks(to json: inout JSONWriter) {
        json.member("conversation_id", execution.conversationId?.uuid.uuidString)
        json.member("agent_id", execution.agentId?.uuid.uuidString)
        json.member("agent_version", execution.agentVersion)
        json.member("task_id", execution.taskId?.uuid.uuidString)
        json.member("parent_id", execution.parentId?.uuid.uuidString)
    }

    private func writeTimes(to json: inout JSONWriter) {
        json.member("deadline_at", execution.deadlineAt)
        json.member("wake_at", execution.wakeAt)
        json.member("dead_at", execution.deadAt)
        json.member("created_at", execution.createdAt)
        json.member("started_at", execution.startedAt)
        json.member("completed_at", execution.completedAt)
    }
}

/// What a record may change of an execution.
struct ExecutionProgressRow: JSONWritable {
    private let execution: Execution
    private let error: EncodedDocument?

    init(_ execution: Execution) throws {
        self.execution = execution
        error = try execution.error.map(EncodedDocument.init)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", execution.id.uuid.uuidString)
            json.member("attempt", execution.attempt)
            json.member("state", execution.state)
            json.member("output", execution.output)
            json.member("error", error)
            json.member("usage", execution.usage)
            json.member("cost", execution.cost)
            json.member("steps_total", execution.stepsTotal)
            json.member("steps_completed", execution.stepsCompleted)
            json.member("current_step", execution.currentStep.map(StorableText.text))
            json.member("failures", execution.failures)
            json.member("signals", execution.signals)
            json.member("wake_at", execution.wakeAt)
            json.member("dead_at", execution.deadAt)
            json.member("started_at", execution.startedAt)
            json.member("completed_at", execution.completedAt)
        }
    }
}

/// A step of an execution's journal.
struct StepRow: JSONWritable {
    private let step: Step
    private let execution: ExecutionID
    private let error: EncodedDocument?

    init(_ step: Step, of execution: ExecutionID) throws {
        self.step = step
        self.execution = execution
        error = try step.error.map(EncodedDocument.init)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("execution_id", execution.uuid.uuidString)
            json.member("id", step.id.uuid.uuidString)
            json.member("step_index", step.index)
            json.member("name", StorableText.text(of: step.name))
            json.member("kind", step.kind)
            json.member("state", step.state)
            json.member("attempt", step.attempt)
            json.member("input", step.input)
            json.member("output", step.output)
            json.member("error", error)
            json.member("usage", step.usage)
            json.member("cost", step.cost)
            json.member("effect", step.effect?.rawValue)
            json.member("child_id", step.child?.uuid.uuidString)
            json.member("started_at", step.startedAt)
            json.member("completed_at", step.completedAt)
        }
    }
}

/// A document of a type that does not write itself, encoded before.
private struct EncodedDocument: JSONWritable {
    private let bytes: [UInt8]

    init(_ value: some Encodable) throws { bytes = try JSONWriter.encode(value) }

    func write(to json: inout JSONWriter) { json.raw(bytes) }
}
