import Foundation
import PostgresKit
import SpotterDomain

/// The statements that write records, all or none, but for their events: those go last in a transaction.
struct RecordBatch {
    let statements: [Statement]
    let events: [EventDraft]
    /// The tasks of which a run ends here.
    let endedTasks: [WorkItemID]
    /// Where the answer is to what was asked of those that still run.
    private let askedPlace: Int

    init(_ records: [ExecutionRecord]) throws {
        let records = records.sorted { $0.execution.id < $1.execution.id }
        let ended = records.map(\.execution).filter(\.state.isTerminal)
        let parents = ended.compactMap(\.parentId)
        var statements = [ExecutionSQL.lock(records.map(\.execution.id) + parents)]
        askedPlace = statements.count
        statements.append(try ExecutionSQL.fencedUpdate(records.map(\.execution)))
        statements += try ExecutionSQL.insert(children: records.flatMap(\.children))
        statements += ExecutionSQL.signal(parents: parents)
        statements += try ExecutionSQL.upsert(records.map { ($0.execution.id, $0.steps) })
        // When the conversation was deleted meanwhile, nobody is left to read the answer.
        statements += try records.compactMap(\.message).map { try $0.append(mustExist: false) }
        statements += records.flatMap(\.blocks).map(\.insert)
        self.statements = statements
        events = records.flatMap { $0.events + $0.children.map(\.queuedEvent) }
        endedTasks = ended.compactMap(\.taskId)
    }

    /// - Parameters:
    ///   - rows: what `statements` gave.
    ///   - appended: what the appending of `events` gave.
    func report(
        _ rows: ArraySlice<Rows>, appended: Rows?, _ events: [EventDraft], at now: Date
    ) throws -> RecordReport {
        let asked = try rows[rows.startIndex + askedPlace].decoded { row -> (ExecutionID, ControlRequest)? in
            guard let id: ExecutionID = try row.optionalID(0) else { return nil }
            return (id, try row.named(1))
        }
        return RecordReport(
            events: try PostgresEventStore.placed(events, appended, at: now),
            requested: Dictionary(uniqueKeysWithValues: asked.compactMap { $0 }))
    }
}
