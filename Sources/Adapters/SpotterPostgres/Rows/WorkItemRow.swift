import Foundation
import PostgresKit
import SpotterDomain

extension WorkItem {
    /// `$1` to `$23`: the task in the order in which `WorkItemSQL` writes its columns.
    func parameters() throws -> [PostgresValue] {
        let settings = settings.resolved
        let policy = settings.retryPolicy
        return [
            .id(id), .int(Int64(version)), .text(settings.title), .text(settings.description),
            .text(FoldedText.searchKey(settings.title, settings.description)), .id(settings.agentId),
            .textArray(settings.requiredCapabilities), .document(settings.input),
            .text(settings.priority?.rawValue), .text(settings.kind?.rawValue), .timestamp(settings.runAt),
            try .document(settings.schedule), .int(Int64(policy.maxAttempts)), .int(Int64(policy.backoffMs)),
            .text(policy.backoff.rawValue), settings.timeoutSeconds.postgresValue, .bool(settings.enabled),
            try .document(settings.metadata), .timestamp(nextFireAt), .timestamp(lastFireAt), .timestamp(createdAt),
            .timestamp(updatedAt), .timestamp(nextReleaseAt),
        ]
    }
}

extension WorkItemStatus {
    /// Reads the columns in the order in which `WorkItemSQL` selects them.
    init(_ row: Row) throws {
        let item = WorkItem(
            id: try row.id(0), version: try row.get(1), settings: try WorkItemSettings(row),
            nextFireAt: try row.get(18), lastFireAt: try row.get(19), createdAt: try row.get(20),
            updatedAt: try row.get(21))
        self.init(
            item: item, lastRun: try Run(row), plannedAt: try row.get(28), executionsCount: try row.get(22))
    }
}

extension WorkItemStatus.Run {
    /// Nil where there was none.
    fileprivate init?(_ row: Row) throws {
        guard let id: ExecutionID = try row.optionalID(23) else { return nil }
        self.init(
            id: id, state: try row.named(24), currentStep: try row.get(25), attempt: try row.get(26),
            wakeAt: try row.get(27))
    }
}

extension WorkItemSettings {
    fileprivate init(_ row: Row) throws {
        self.init(
            title: try row.get(2), description: try row.get(3), agentId: try row.optionalID(4),
            requiredCapabilities: try row.get(5, as: [String].self), input: try row.json(6),
            priority: try row.named(7), kind: try row.named(8), runAt: try row.get(9),
            schedule: try row.optionalDocument(10),
            dependsOn: try row.get(11, as: [UUID].self).map { Identifier($0) },
            maxAttempts: try row.get(12, as: Int.self), backoffMs: try row.get(13, as: Int.self),
            backoff: try row.named(14), timeoutSeconds: try row.get(15, as: Int.self),
            enabled: try row.get(16, as: Bool.self), metadata: try row.labels(17))
    }
}
