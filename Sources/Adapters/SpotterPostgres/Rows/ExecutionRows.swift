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
            usage: try row.document(10, mostly: .noUsage), cost: try row.document(11, mostly: .noCost),
            stepsTotal: try row.get(12), stepsCompleted: try row.get(13), currentStep: try row.get(14),
            taskId: try row.optionalID(15), parentId: try row.optionalID(16), priority: try row.named(17),
            retryPolicy: try row.optionalDocument(18) ?? .once, deadlineAt: try row.get(19),
            uniqueKey: try row.get(20), failures: try row.get(21), crashes: try row.get(22), wakeAt: try row.get(23),
            requested: try row.optionallyNamed(24), deadAt: try row.get(25), signals: try row.get(26),
            createdAt: try row.get(27), startedAt: try row.get(28), completedAt: try row.get(29))
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
