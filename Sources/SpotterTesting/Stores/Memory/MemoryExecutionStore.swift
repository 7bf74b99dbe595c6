import Foundation
import SpotterDomain

/// Executions, their journals and their events in memory.
struct MemoryExecutionStore: ExecutionStore {
    let database: MemoryDatabase

    // MARK: Beginning

    func begin(_ opening: TurnOpening, worker: WorkerID, in scope: OrganizationScope) async throws -> TurnStart {
        let clock = database.clock.now()
        return try database.write(scope) { records in
            let start = try records.begin(opening, worker: worker, at: clock)
            guard let reservation = opening.reservation, !start.isInLine else { return start }
            _ = try records.book([], wanted: [reservation], at: opening.execution.createdAt, in: scope)
            let lineage = records.lineage(reservation.execution)
            let isBudgeted = records.budgets.contains {
                $0.subject.counts(agent: reservation.agentId, task: reservation.taskId, lineage: lineage)
            }
            return TurnStart(events: start.events, isInLine: false, isBudgeted: isBudgeted)
        }
    }

    func enqueue(
        _ executions: [Execution], receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> [ExecutionID] {
        guard let first = executions.first else { return [] }
        let clock = database.clock.now()
        return try database.write(scope) { records in
            try records.insert(receipt)
            var holders: [ExecutionID: ExecutionID] = [:]
            for execution in executions.sorted(by: { $0.id < $1.id }) {
                if let key = execution.uniqueKey, let holder = records.holder(of: key) {
                    holders[execution.id] = holder
                } else {
                    try records.insert(execution, worker: nil, at: clock)
                }
            }
            let new = executions.filter { holders[$0.id] == nil }
            _ = records.append(new.map(\.queuedEvent), at: first.createdAt)
            return executions.map { holders[$0.id] ?? $0.id }
        }
    }

    // MARK: Recording

    func record(
        _ records: [ExecutionRecord], at now: Date, in scope: OrganizationScope
    ) async throws -> RecordReport {
        let clock = database.clock.now()
        let all = records.sorted { $0.execution.id < $1.execution.id }
        let known = database.read(scope) { records in all.allSatisfy { records.executions[$0.execution.id] != nil } }
        guard known, Set(all.map(\.execution.id)).count == all.count else { throw LeaseLost() }
        return try database.write(scope) { records in
            var report = RecordReport()
            for record in all {
                let requested =
                    try record.onlyTells
                    ? records.held(record.execution).execution.requested : records.take(record.execution, at: clock)
                report.requested[record.execution.id] = requested
            }
            for child in all.flatMap(\.children) {
                guard child.uniqueKey == nil else {
                    throw SpotterError(.internal, "An execution that another waits for cannot have a unique key.")
                }
                try records.insert(child, worker: nil, at: clock)
            }
            records.signal(all.map(\.execution).filter(\.state.isTerminal).compactMap(\.parentId), at: clock)
            for record in all { try records.save(record.steps, of: record.execution.id) }
            // When the conversation was deleted meanwhile, nobody is left to read the answer.
            for message in all.compactMap(\.message) { _ = records.append(message) }
            for block in all.flatMap(\.blocks) { records.keep(block) }
            records.endCalls(all.map(\.execution), at: clock)
            report.released = records.passOn(after: all.map(\.execution).filter(\.state.isTerminal), at: clock)
            let ended = all.map(\.execution).filter(\.state.isTerminal).compactMap(\.taskId)
            let judged = records.judge([], orDependentsOf: ended, at: now, clock: clock)
            report.verdicts = try records.book(
                all.flatMap(\.ledger), freed: all.flatMap(\.releases), wanted: all.flatMap(\.reservations), at: now,
                in: scope)
            report.isBudgeted = records.budgets.contains { budget in
                all.contains { budget.hasSay(in: $0, lineage: records.lineage($0.execution.id)) }
            }
            for record in all where record.dropsCap {
                records.budgets.removeAll { $0.subject == .execution(record.execution.id) }
            }
            report.events = records.append(
                all.flatMap { $0.events + $0.children.map(\.queuedEvent) } + judged, at: now)
            return report
        }
    }

    func change(
        _ id: ExecutionID, at now: Date, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution {
        // A used key comes before every other complaint.
        try database.read(scope) { records in
            if let key = receipt?.receipt.key, records.receipts[key] != nil { throw ReceiptExists() }
            _ = try records.stored(id)
        }
        let clock = database.clock.now()
        return try database.write(scope) { records in
            let old = try records.stored(id)
            guard let change = try decide(old.journal) else {
                try records.insert(receipt?.answered(with: old.execution))
                return old.execution
            }
            let effect = TaskEffect(of: change.execution, on: old.execution, at: now)
            var new = old
            new.isArchived = false
            try new.take(decision: effect.execution, at: clock)
            if old.execution.state.isTerminal, !new.execution.state.isTerminal { try records.takeFloor(old.execution) }
            records.executions[id] = nil
            if let key = new.execution.uniqueKey, !new.execution.state.isTerminal, records.holder(of: key) != nil {
                throw SpotterError(.conflict, "There is already such a record.")
            }
            records.executions[id] = new
            if new.execution.state.isTerminal, let parent = new.execution.parentId {
                records.signal([parent], at: clock)
            }
            try records.save(change.steps, of: id)
            if !old.execution.state.isTerminal, new.execution.state.isTerminal {
                _ = records.passOn(after: [new.execution], at: clock)
                records.endCalls([new.execution], at: clock)
            }
            let judged = records.judge(effect.begun, orDependentsOf: effect.ended, at: now, clock: clock)
            let written = try records.stored(id).execution
            try records.insert(receipt?.answered(with: written))
            _ = records.append(change.events + judged, at: now)
            return written
        }
    }

    // MARK: Reading

    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution {
        try database.read(scope) { try $0.stored(id).execution }
    }

    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal {
        try database.read(scope) { try $0.stored(id).journal }
    }

    func journals(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Journal] {
        database.read(scope) { records in Set(ids).sorted().compactMap { records.executions[$0]?.journal } }
    }

    func ended(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Execution] {
        database.read(scope) { records in
            Set(ids).sorted().compactMap { records.executions[$0]?.execution }.filter(\.state.isTerminal)
        }
    }

    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution> {
        database.read(scope) { records in
            newestFirst(records.executions.values.map(\.execution).filter(filter.shows), page, id: \.id)
        }
    }
}

extension ExecutionFilter {
    fileprivate func shows(_ execution: Execution) -> Bool {
        state.map { $0 == execution.state } ?? true
            && agent.map { $0 == execution.agentId } ?? true
            && conversation.map { $0 == execution.conversationId } ?? true
            && task.map { $0 == execution.taskId } ?? true
            && parent.map { $0 == execution.parentId } ?? true
            && (!isDead || execution.deadAt != nil)
    }
}

extension OrganizationRecords {
    fileprivate func stored(_ id: ExecutionID) throws -> StoredExecution {
        guard let stored = executions[id] else { throw SpotterError.notFound("execution") }
        return stored
    }

    /// The one that has the key and has not ended.
    fileprivate func holder(of key: String) -> ExecutionID? {
        executions.values.first { $0.execution.uniqueKey == key && !$0.execution.state.isTerminal }?.execution.id
    }

    mutating func insert(_ execution: Execution, worker: WorkerID?, at clock: Date) throws {
        guard executions[execution.id] == nil else {
            throw SpotterError(.conflict, "There is already an execution with this id.")
        }
        try requireReferences(of: execution)
        executions[execution.id] = StoredExecution(new: execution, worker: worker, at: clock)
    }

    /// Takes over a record of an execution that is held still; returns what was asked of it.
    fileprivate mutating func take(_ execution: Execution, at clock: Date) throws -> ControlRequest? {
        var stored = try held(execution)
        stored.take(record: execution, at: clock)
        executions[execution.id] = stored
        return stored.execution.requested
    }

    /// The execution as it is stored, if it is held under the same attempt.
    fileprivate func held(_ execution: Execution) throws -> StoredExecution {
        guard let stored = executions[execution.id], stored.execution.attempt == execution.attempt,
            stored.execution.state == .running
        else { throw LeaseLost() }
        return stored
    }

    /// Tells executions that one that they wait for has ended.
    mutating func signal(_ parents: [ExecutionID], at clock: Date) {
        for parent in Set(parents) { executions[parent]?.signal(at: clock) }
    }

    /// Inserts steps, or replaces them by id. A place in a journal belongs to one step, and a step to one journal.
    fileprivate mutating func save(_ steps: [Step], of id: ExecutionID) throws {
        guard var stored = executions[id] else { return }
        for step in steps {
            let isTaken = stored.steps.values.contains { $0.index == step.index && $0.id != step.id }
            let isElsewhere = executions.contains { key, value in key != id && value.steps[step.id] != nil }
            if isTaken || isElsewhere {
                throw SpotterError(.conflict, "There is already another step in this place of the journal.")
            }
            stored.steps[step.id] = step
        }
        executions[id] = stored
    }

    /// What a database's foreign keys see to. A deleted agent may still be referred to.
    private func requireReferences(of execution: Execution) throws {
        if let id = execution.conversationId, conversations[id] == nil {
            throw SpotterError.notFound("conversation")
        }
        guard let id = execution.agentId else { return }
        guard let agent = agents[id] else { throw SpotterError.notFound("agent") }
        if let version = execution.agentVersion, !agent.versions.contains(where: { $0.version == version }) {
            throw SpotterError.notFound("agent version")
        }
    }
}
