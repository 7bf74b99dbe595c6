import PostgresKit
import SpotterDomain

// What is written of many rows at once: one array a column, which `unnest` makes rows of again. The server reads arrays
// several times faster than the documents that `json_to_recordset` takes.

extension [Execution] {
    /// `$1` to `$30` of a statement that saves new executions.
    func newRowColumns() throws -> [PostgresValue] {
        links + [
            column { .text($0.kind.rawValue) }, column { .text($0.state.rawValue) }, column { .int($0.attempt) },
            column { .document($0.input) }, column { .document($0.output) },
            try column { try .document($0.error) }, column { .usage($0.usage) }, column { .cost($0.cost) },
            column { .int($0.stepsTotal) }, column { .int($0.stepsCompleted) },
            column { .text($0.currentStep.map(StorableText.text)) }, column { .text($0.priority.rawValue) },
            // Most are tried once, and that is what NULL says.
            try column { $0.retryPolicy == .once ? .null : try .document($0.retryPolicy) },
            column { .text($0.uniqueKey) }, column { .int($0.failures) }, column { .int($0.crashes) },
            column { .text($0.requested?.rawValue) }, column { .int($0.signals) },
            column { .timestamp($0.deadlineAt) }, column { .timestamp($0.deadAt) }, column { .timestamp($0.createdAt) },
        ] + progressTimes
    }

    /// `$1` to `$16` of a statement that saves what records change.
    func progressColumns() throws -> [PostgresValue] {
        [
            column { .id($0.id) }, column { .int($0.attempt) }, column { .text($0.state.rawValue) },
            column { .document($0.output) }, try column { try .document($0.error) }, column { .usage($0.usage) },
            column { .cost($0.cost) }, column { .int($0.stepsTotal) }, column { .int($0.stepsCompleted) },
            column { .text($0.currentStep.map(StorableText.text)) }, column { .int($0.failures) },
            column { .timestamp($0.deadAt) }, column { .int($0.signals) },
        ] + progressTimes
    }

    private var links: [PostgresValue] {
        [
            column { .id($0.id) }, column { .id($0.conversationId) }, column { .id($0.agentId) },
            column { $0.agentVersion.postgresValue }, column { .id($0.taskId) }, column { .id($0.parentId) },
        ]
    }

    private var progressTimes: [PostgresValue] {
        [column { .timestamp($0.wakeAt) }, column { .timestamp($0.startedAt) }, column { .timestamp($0.completedAt) }]
    }
}

/// A step with the execution whose journal it belongs to.
struct JournalEntry {
    let execution: ExecutionID
    let step: Step
}

extension [JournalEntry] {
    /// `$1` to `$16` of a statement that saves steps.
    func columns() throws -> [PostgresValue] {
        [
            column { .id($0.execution) }, column { .id($0.step.id) }, column { .int($0.step.index) },
            column { .text(StorableText.text(of: $0.step.name)) }, column { .text($0.step.kind.rawValue) },
            column { .text($0.step.state.rawValue) }, column { .int($0.step.attempt) },
            column { .document($0.step.input) }, column { .document($0.step.output) },
            try column { try .document($0.step.error) }, try column { try .document($0.step.usage) },
            try column { try .document($0.step.cost) }, column { .text($0.step.effect?.rawValue) },
            column { .id($0.step.child) }, column { .timestamp($0.step.startedAt) },
            column { .timestamp($0.step.completedAt) },
        ]
    }
}

extension Array {
    fileprivate func column(_ value: (Element) throws -> PostgresValue) rethrows -> PostgresValue {
        .array(try map(value))
    }
}

extension PostgresValue {
    fileprivate static func int(_ value: Int) -> PostgresValue { .int(Int64(value)) }
    fileprivate static func usage(_ value: TokenUsage) -> PostgresValue { CommonDocument.noUsage.json(of: value) }
    fileprivate static func cost(_ value: Cost) -> PostgresValue { CommonDocument.noCost.json(of: value) }
}
