import Foundation
import SpotterDomain

/// Executions, their journals and their events in memory.
struct MemoryExecutionStore: ExecutionStore {
    let database: MemoryDatabase

    func begin(
        _ execution: Execution, message: Message, events: [EventDraft], receipt: Receipt?, lease: Duration,
        in scope: OrganizationScope
    ) async throws -> [Event] {
        let now = database.clock.now()
        return try database.write(scope) { records in
            try records.insert(receipt)
            guard records.executions[execution.id] == nil else {
                throw SpotterError(.conflict, "There is already an execution with this id.")
            }
            try records.requireReferences(of: execution)
            guard records.append(message) else { throw SpotterError.notFound("conversation") }
            var stored = OrganizationRecords.StoredExecution(execution: execution, lease: lease)
            stored.renewLease(at: now)
            records.executions[execution.id] = stored
            return records.append(events, at: execution.createdAt)
        }
    }

    func record(_ record: ExecutionRecord, at now: Date, in scope: OrganizationScope) async throws -> [Event] {
        let clock = database.clock.now()
        guard database.read(scope, { $0.executions[record.execution.id] }) != nil else { throw LeaseLost() }
        return try database.write(scope) { records in
            guard var stored = records.executions[record.execution.id],
                stored.execution.attempt == record.execution.attempt, !stored.execution.state.isTerminal
            else { throw LeaseLost() }
            stored.execution.take(record.execution)
            stored.renewLease(at: clock)
            try records.requireFreePlaces(for: record.steps, of: stored)
            for step in record.steps { stored.steps[step.id] = step }
            records.executions[record.execution.id] = stored
            if let message = record.message {
                // When the conversation was deleted meanwhile, nobody is left to read the answer.
                _ = records.append(message)
            }
            if let (key, response) = record.receipt, records.receipts[key]?.response == nil {
                records.receipts[key]?.response = response
            }
            return records.append(record.events, at: now)
        }
    }

    func takeOver(
        _ id: ExecutionID, lease: Duration, in scope: OrganizationScope
    ) async throws -> Execution? {
        guard database.read(scope, { $0.executions[id] }) != nil else { return nil }
        let now = database.clock.now()
        return try database.write(scope) { records in
            guard let old = records.executions[id], old.execution.state == .running, let until = old.leaseUntil,
                until <= now
            else { return nil }
            var stored = OrganizationRecords.StoredExecution(
                execution: old.execution, steps: old.steps, lease: lease)
            stored.execution.attempt += 1
            stored.renewLease(at: now)
            records.executions[id] = stored
            return stored.execution
        }
    }

    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution {
        try database.read(scope) { try $0.stored(id).execution }
    }

    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal {
        try database.read(scope) { records in
            let stored = try records.stored(id)
            return Journal(execution: stored.execution, steps: stored.steps.values.sorted { $0.index < $1.index })
        }
    }

    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution> {
        database.read(scope) { records in
            let matches = records.executions.values.map(\.execution).filter { execution in
                filter.state.map { $0 == execution.state } ?? true
                    && filter.agent.map { $0 == execution.agentId } ?? true
                    && filter.conversation.map { $0 == execution.conversationId } ?? true
            }
            return newestFirst(matches, page, id: \.id)
        }
    }
}

extension OrganizationRecords {
    fileprivate func stored(_ id: ExecutionID) throws -> StoredExecution {
        guard let stored = executions[id] else { throw SpotterError.notFound("execution") }
        return stored
    }

    /// What a database's foreign keys see to. A deleted agent may still be referred to.
    fileprivate func requireReferences(of execution: Execution) throws {
        if let id = execution.conversationId, conversations[id] == nil {
            throw SpotterError.notFound("conversation")
        }
        guard let id = execution.agentId else { return }
        guard let agent = agents[id] else { throw SpotterError.notFound("agent") }
        if let version = execution.agentVersion, !agent.versions.contains(where: { $0.version == version }) {
            throw SpotterError.notFound("agent version")
        }
    }

    /// A place in a journal belongs to one step, and a step to one journal.
    fileprivate func requireFreePlaces(for steps: [Step], of execution: StoredExecution) throws {
        for step in steps {
            let isTaken = execution.steps.values.contains { $0.index == step.index && $0.id != step.id }
            let isElsewhere = executions.contains { key, value in
                key != execution.execution.id && value.steps[step.id] != nil
            }
            if isTaken || isElsewhere {
                throw SpotterError(.conflict, "There is already another step in this place of the journal.")
            }
        }
    }
}

extension OrganizationRecords.StoredExecution {
    fileprivate mutating func renewLease(at now: Date) {
        let seconds = Double(lease.components.seconds) + Double(lease.components.attoseconds) / 1e18
        leaseUntil = execution.state == .running ? now.addingTimeInterval(seconds) : nil
    }
}

extension Execution {
    /// Takes over what a record may change.
    fileprivate mutating func take(_ other: Execution) {
        state = other.state
        output = other.output
        error = other.error
        usage = other.usage
        cost = other.cost
        stepsTotal = other.stepsTotal
        stepsCompleted = other.stepsCompleted
        currentStep = other.currentStep
        startedAt = other.startedAt
        completedAt = other.completedAt
    }
}
