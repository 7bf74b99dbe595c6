import Foundation
import SpotterDomain

/// Budgets in memory.
struct MemoryBudgetStore: BudgetStore {
    let database: MemoryDatabase

    func put(_ order: BudgetOrder, id: BudgetID, at now: Date, in scope: OrganizationScope) async throws -> Budget {
        try database.write(scope) { records in
            try records.require(order.subject)
            let old = records.budgets.first { $0.subject == order.subject && $0.period == order.period }
            var budget = Budget(order, id: old?.id ?? id, at: now)
            let lines = records.ledger.filter { line in
                line.at >= budget.periodStart
                    && budget.subject.counts(
                        agent: line.agentId, task: line.taskId, lineage: records.lineage(line.execution))
            }
            for line in lines { budget.spend(line) }
            for held in records.reservations where records.counts(budget, held) { budget.hold(held) }
            if let old {
                budget = Budget(budget, createdAt: old.createdAt)
                let isSame = old.periodStart == budget.periodStart
                budget.isWarned = old.isWarned && isSame && budget.isSpent(percent: Budget.warningPercent)
                budget.isReached = old.isReached && isSame && budget.isSpent(percent: 100)
            }
            records.budgets.removeAll { $0.id == budget.id }
            records.budgets.append(budget)
            return budget
        }
    }

    func budgets(at now: Date, in scope: OrganizationScope) async throws -> [Budget] {
        database.read(scope) { records in records.orderedBudgets(in: scope).map { $0.rolled(to: now) } }
    }

    func delete(_ id: BudgetID, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            guard records.budgets.contains(where: { $0.id == id }) else { throw SpotterError.notFound("budget") }
            records.budgets.removeAll { $0.id == id }
        }
    }

    func chargeLost(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        try database.write(scope) { try $0.chargeLost(of: nil, limit: limit, at: now, in: scope) }
    }
}

extension OrganizationRecords {
    /// What is set aside for one call.
    struct StoredReservation: Sendable {
        let reservation: Reservation
        /// How long the answer may be.
        let outputTokens: Int

        /// What it would cost.
        var charge: CallCharge {
            CallCharge(
                provider: reservation.provider, model: reservation.model, outcome: .unknown,
                usage: reservation.usage(answering: outputTokens),
                isEstimate: true, quote: reservation.quote)
        }
    }

    fileprivate func require(_ subject: Budget.Subject) throws {
        switch subject {
        case .organization: break
        case .agent(let id): _ = try agent(id)
        case .task(let id):
            guard let stored = tasks[id], !stored.isDeleted else { throw SpotterError.notFound("task") }
        case .execution(let id):
            guard let stored = executions[id]?.execution, !stored.state.isTerminal else {
                throw SpotterError.notFound("execution")
            }
        }
    }

    /// An execution with those that began it.
    func lineage(_ id: ExecutionID?) -> [ExecutionID] {
        var line: [ExecutionID] = []
        var next = id
        while let id = next, line.count <= 32 {
            line.append(id)
            next = executions[id]?.execution.parentId
        }
        return line
    }

    fileprivate func counts(_ budget: Budget, _ held: StoredReservation) -> Bool {
        let reservation = held.reservation
        return budget.subject.counts(
            agent: reservation.agentId, task: reservation.taskId, lineage: lineage(reservation.execution))
    }

    /// Makes the budgets that runs wish for themselves.
    private mutating func makeCaps(_ wanted: [Reservation], at now: Date) {
        for reservation in wanted {
            guard let cap = reservation.cap,
                !budgets.contains(where: { $0.subject == .execution(reservation.execution) })
            else { continue }
            var budget = cap.budget(of: reservation.execution, at: now)
            for line in ledger where lineage(line.execution).contains(reservation.execution) { budget.spend(line) }
            for held in reservations where counts(budget, held) { budget.hold(held) }
            budgets.append(budget)
        }
    }

    fileprivate func orderedBudgets(in scope: OrganizationScope) -> [Budget] {
        budgets.sorted { left, right in
            let ids = [left, right].map { $0.subject.uuid(in: scope).uuidString }
            return (left.subject.rank, ids[0], left.period.rawValue) < (
                right.subject.rank, ids[1], right.period.rawValue
            )
        }
    }

    /// What `app.book` does: lines, given up reservations, new ones, and what there is to tell.
    mutating func book(
        _ lines: [LedgerLine], freed: [LedgerLine.Call] = [], wanted: [Reservation] = [], at now: Date,
        in scope: OrganizationScope
    ) throws -> [LedgerLine.Call: ReservationVerdict] {
        makeCaps(wanted, at: now)
        budgets = budgets.map { $0.rolled(to: now) }
        let before = Set(ledger.map(\.id))
        try append(lines)
        let added = ledger.filter { !before.contains($0.id) }
        let ended = Set(added.compactMap(\.call) + freed)
        let over = reservations.filter { ended.contains($0.reservation.call) }
        reservations.removeAll { ended.contains($0.reservation.call) }
        for index in budgets.indices {
            for line in added
            where line.at >= budgets[index].periodStart
                && budgets[index].subject.counts(
                    agent: line.agentId, task: line.taskId, lineage: lineage(line.execution))
            {
                budgets[index].spend(line)
            }
            for held in over where counts(budgets[index], held) { budgets[index].release(held) }
        }
        var verdicts: [LedgerLine.Call: ReservationVerdict] = [:]
        var usedUp: Set<BudgetID> = []
        for reservation in wanted.sorted(by: { ($0.call.step, $0.call.number) < ($1.call.step, $1.call.number) }) {
            verdicts[reservation.call] = reserve(reservation, &usedUp, in: scope)
        }
        tell(usedUp, at: now)
        return verdicts
    }

    private mutating func reserve(
        _ reservation: Reservation, _ usedUp: inout Set<BudgetID>, in scope: OrganizationScope
    ) -> ReservationVerdict {
        let known = orderedBudgets(in: scope).filter {
            $0.subject.counts(
                agent: reservation.agentId, task: reservation.taskId, lineage: lineage(reservation.execution))
        }
        let least = reservation.leastOutputTokens
        let refusing = known.filter { $0.room(for: reservation) < least }
        if let budget = refusing.first(where: { $0.limit != nil && reservation.quote == nil }) {
            return .refused(BudgetRefusal(.unpriced, by: budget))
        }
        if let budget = refusing.first(where: { $0.room(for: reservation, isAlone: true) < least }) {
            usedUp.insert(budget.id)
            return .refused(BudgetRefusal(.reached, by: budget))
        }
        if let budget = refusing.first { return .refused(BudgetRefusal(.busy, by: budget)) }
        let tokens = min(reservation.outputTokens, known.map { $0.room(for: reservation) }.min() ?? .max)
        let held = StoredReservation(reservation: reservation, outputTokens: tokens)
        reservations.append(held)
        for index in budgets.indices where counts(budgets[index], held) { budgets[index].hold(held) }
        return .granted(outputTokens: tokens)
    }

    private mutating func tell(_ usedUp: Set<BudgetID>, at now: Date) {
        for index in budgets.indices
        where !budgets[index].isWarned && budgets[index].isSpent(percent: Budget.warningPercent) {
            budgets[index].isWarned = true
            _ = append([EventDraft(.budgetWarning, data: budgets[index].standing)], at: now)
        }
        for index in budgets.indices
        where !budgets[index].isReached && (budgets[index].isSpent(percent: 100) || usedUp.contains(budgets[index].id))
        {
            budgets[index].isReached = true
            _ = append([EventDraft(.budgetReached, data: budgets[index].standing)], at: now)
        }
    }

    private mutating func dropEnded() {
        let open = Set(executions.values.map(\.execution).filter { !$0.state.isTerminal }.map(\.id))
        budgets.removeAll { if case .execution(let id) = $0.subject { !open.contains(id) } else { false } }
    }

    /// Puts calls on the bill of which nobody will hear again.
    mutating func chargeLost(
        of wanted: [ExecutionID]?, limit: Int, at now: Date, in scope: OrganizationScope
    ) throws -> Int {
        let lost = reservations.filter { held in
            let run = executions[held.reservation.execution]?.execution
            let isHeld = run?.state == .running && run?.attempt == held.reservation.attempt
            return !isHeld && wanted.map { $0.contains(held.reservation.execution) } ?? true
        }.prefix(max(limit, 0))
        if wanted == nil { dropEnded() }
        let lines = lost.map { held in
            let reservation = held.reservation
            let charge = held.charge
            return LedgerLine(
                id: reservation.line, at: now, call: reservation.call, execution: reservation.execution,
                agentId: reservation.agentId, conversationId: reservation.conversationId, taskId: reservation.taskId,
                provider: charge.provider, model: charge.model, outcome: charge.outcome, usage: charge.usage,
                rawUsage: nil, isEstimate: true, priceVersion: charge.quote?.price.version,
                markupVersion: charge.quote?.markup.version, cost: charge.cost ?? .zero,
                workflow: reservation.workflow)
        }
        guard !lines.isEmpty else { return 0 }
        _ = try book(lines, at: now, in: scope)
        return lines.count
    }
}

extension Budget {
    fileprivate init(_ budget: Budget, createdAt: Date) {
        self.init(
            id: budget.id, subject: budget.subject, period: budget.period, limit: budget.limit,
            tokens: budget.tokens, source: budget.source, periodStart: budget.periodStart, spent: budget.spent,
            spentTokens: budget.spentTokens, reserved: budget.reserved, reservedTokens: budget.reservedTokens,
            createdAt: createdAt, updatedAt: budget.updatedAt)
    }

    /// Whether something of what a record spends or sets aside counts.
    func hasSay(in record: ExecutionRecord, lineage: [ExecutionID]) -> Bool {
        guard !(record.ledger.isEmpty && record.reservations.isEmpty && record.releases.isEmpty) else { return false }
        let execution = record.execution
        return subject.counts(agent: execution.agentId, task: execution.taskId, lineage: lineage)
    }

    fileprivate mutating func spend(_ line: LedgerLine) {
        spent = spent + line.cost.billed
        spentTokens += line.usage.inputTokens + line.usage.outputTokens
    }

    fileprivate mutating func hold(_ held: OrganizationRecords.StoredReservation) {
        reserved = reserved + (held.charge.cost ?? .zero).billed
        reservedTokens += held.charge.usage.inputTokens + held.charge.usage.outputTokens
    }

    fileprivate mutating func release(_ held: OrganizationRecords.StoredReservation) {
        reserved.amount -= (held.charge.cost ?? .zero).billed.amount
        reservedTokens -= held.charge.usage.inputTokens + held.charge.usage.outputTokens
    }

    /// How long an answer it has room for, in tokens: beside the calls under way, or as if there were none.
    fileprivate func room(for reservation: Reservation, isAlone: Bool = false) -> Int {
        var rooms: [Int] = []
        if let limit {
            let left = limit.amount - spent.amount - (isAlone ? 0 : reserved.amount)
            rooms.append(reservation.quote == nil ? -1 : reservation.affordable(within: left))
        }
        if let tokens {
            rooms.append(tokens - spentTokens - (isAlone ? 0 : reservedTokens) - reservation.inputTokens)
        }
        return rooms.min() ?? .max
    }

    fileprivate var standing: JSONValue {
        var data = about.object ?? JSONObject()
        data["spent"] = ["amount": .string("\(spent.amount)"), "currency": .string(spent.currency)]
        data["spent_tokens"] = .int(Int64(spentTokens))
        return .object(data)
    }
}

extension Reservation {
    /// The longest answer that keeps the call within that much; -1 if not even the question can be paid.
    fileprivate func affordable(within room: Decimal) -> Int {
        guard cost(answering: 0).billed.amount <= room else { return -1 }
        // Halving, so that no quotient is rounded.
        var (low, high) = (0, outputTokens)
        while low < high {
            let middle = low + (high - low + 1) / 2
            if cost(answering: middle).billed.amount <= room { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
