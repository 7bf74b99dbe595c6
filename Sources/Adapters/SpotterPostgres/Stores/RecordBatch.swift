import Foundation
import PostgresKit
import SpotterDomain

/// The statements that write records, all or none, but for what they spend and their events: those go last in a
/// transaction, in this order.
struct RecordBatch {
    let statements: [Statement]
    /// Lines, reservations, and what they do to budgets.
    let booking: [Statement]
    let events: [EventDraft]
    /// The tasks of which a run ends here.
    let endedTasks: [WorkItemID]
    /// Where the answers are to what was asked of those that still run.
    private let askedPlaces: Range<Int>
    /// Where those are that are ready because another turn has ended; nil where none has.
    private let releasedPlace: Int?

    init(_ records: [ExecutionRecord], at now: Date) throws {
        let records = records.sorted { $0.execution.id < $1.execution.id }
        let ended = records.map(\.execution).filter(\.state.isTerminal)
        let parents = ended.compactMap(\.parentId)
        let talks = records.filter { $0.execution.state.isTerminal || $0.message != nil || !$0.blocks.isEmpty }
        var statements = TurnSQL.lock(talks.compactMap(\.conversation))
        statements.append(ExecutionSQL.lock(records.map(\.execution.id) + parents))
        let (telling, changing) = (records.filter(\.onlyTells), records.filter { !$0.onlyTells })
        var held = telling.isEmpty ? [] : [ExecutionSQL.fence(telling.map(\.execution))]
        if !changing.isEmpty { held.append(try ExecutionSQL.fencedUpdate(changing.map(\.execution))) }
        askedPlaces = statements.count..<(statements.count + held.count)
        statements += held
        statements += try ExecutionSQL.insert(children: records.flatMap(\.children))
        statements += ExecutionSQL.signal(parents: parents)
        statements += try ExecutionSQL.upsert(records.map { ($0.execution.id, $0.steps) })
        // When the conversation was deleted meanwhile, nobody is left to read the answer.
        statements += try records.compactMap(\.message).flatMap { try $0.append(mustExist: false) }
        statements += records.flatMap(\.blocks).map(\.insert)
        statements += records.flatMap(\.auditDrafts).map(AuditSQL.append)
        statements += CallSQL.end(ended.filter { $0.kind == .call }.map(\.id))
        let passOn = TurnSQL.passOn(ended.filter(\.takesTurns).compactMap(\.conversationId))
        releasedPlace = passOn.isEmpty ? nil : statements.count
        statements += passOn
        self.statements = statements
        booking = try Self.booking(records, at: now)
        events = records.flatMap { $0.events + $0.children.map(\.queuedEvent) }
        endedTasks = ended.compactMap(\.taskId)
    }

    private static func booking(_ records: [ExecutionRecord], at now: Date) throws -> [Statement] {
        let lines = records.flatMap(\.ledger)
        let wanted = records.flatMap(\.reservations)
        let freed = records.flatMap { record in record.releases.map { ReleaseRow($0, of: record.execution) } }
        let ended = records.filter(\.dropsCap).map(\.execution.id)
        guard !(lines.isEmpty && wanted.isEmpty && freed.isEmpty && ended.isEmpty) else { return [] }
        let book = try BudgetSQL.book(lines: lines, freed: freed, wanted: wanted, at: now)
        return ended.isEmpty ? [book] : [book, BudgetSQL.drop(of: ended)]
    }

    /// - Parameters:
    ///   - rows: what `statements` gave.
    ///   - booked: what `booking` gave; nil if there was none.
    ///   - appended: what the appending of `events` gave.
    func report(
        _ rows: ArraySlice<Rows>, booked: Rows?, appended: Rows?, _ events: [EventDraft], at now: Date
    ) throws -> RecordReport {
        let asked = try askedPlaces.flatMap { place in
            try rows[rows.startIndex + place].decoded { row -> (ExecutionID, ControlRequest)? in
                guard let id: ExecutionID = try row.optionalID(0) else { return nil }
                return (id, try row.named(1))
            }
        }
        let verdicts = try booked?.decoded(Self.verdict) ?? []
        let released = try releasedPlace.map { place in
            try rows[rows.startIndex + place].decoded { try $0.id(0) as ExecutionID }
        }
        return RecordReport(
            events: try PostgresEventStore.placed(events, appended, at: now),
            requested: Dictionary(uniqueKeysWithValues: asked.compactMap { $0 }),
            verdicts: Dictionary(uniqueKeysWithValues: verdicts.compactMap { $0 }),
            isBudgeted: verdicts.contains { $0 == nil }, released: released ?? [])
    }

    /// nil for the row that says only that there are budgets.
    static func verdict(_ row: Row) throws -> (LedgerLine.Call, ReservationVerdict)? {
        guard let step: StepID = try row.optionalID(0) else { return nil }
        return (LedgerLine.Call(step: step, number: try row.get(1)), try ReservationVerdict(row))
    }
}

extension ExecutionRecord {
    /// Whose lock it needs.
    fileprivate var conversation: ConversationID? {
        message?.conversationId ?? blocks.first?.conversationId ?? execution.conversationId
    }
}
