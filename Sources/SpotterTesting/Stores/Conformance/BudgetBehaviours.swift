public import Foundation
public import SpotterDomain

extension StoreConformance {
    static let budgets: [StoreBehaviour] = settings + spending + losses + runs

    private static let settings: [StoreBehaviour] = [
        StoreBehaviour("a budget is one for its subject and period, and what was spent before counts") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.organizations.organization(in: gym.scope).hasBudgets, false)
            let run = try await gym.begunTurn()
            let agent = try unwrap(run.agentId)
            let old = gym.line(gym.charge(), of: run, step: gym.id(), at: TestOrganization.start - 40 * 86_400)
            let new = gym.line(gym.charge(), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [old, new]))
            let month = try await gym.budget(.organization, limit: 1, tokens: 5_000)
            try requireEqual(month.spent, new.cost.billed)
            try requireEqual(month.spentTokens, 1_100)
            let total = try await gym.budget(.agent(agent), period: .total, limit: 2)
            try requireEqual(total.spent.amount, old.cost.billed.amount + new.cost.billed.amount)
            let raised = try await gym.budget(.organization, limit: 3)
            try requireEqual(raised.id, month.id)
            try requireEqual(raised.limit, Money(3, "USD"))
            try requireEqual(raised.tokens, nil)
            try requireEqual(try await gym.budgets(), [raised, total])
            try requireEqual(try await stores.organizations.organization(in: gym.scope).hasBudgets, true)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await other.budgets(), [])
            try await requireError(.notFound) { try await stores.budgets.delete(month.id, in: other.scope) }
            try await requireError(.notFound) { try await other.budget(.agent(agent), limit: 1) }
            try await requireError(.notFound) { try await gym.budget(.task(gym.id()), limit: 1) }
            try await stores.budgets.delete(month.id, in: gym.scope)
            try await requireError(.notFound) { try await stores.budgets.delete(month.id, in: gym.scope) }
            try requireEqual(try await gym.budgets(), [total])
        },
        StoreBehaviour("a new period begins with nothing spent") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let budget = try await gym.budget(.organization, period: .day, limit: 1)
            let line = gym.line(gym.charge(input: 400_000), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            try requireEqual(try await gym.budgets().first?.isReached, true)
            let tomorrow = TestOrganization.start + 86_400
            let next = try unwrap(try await stores.budgets.budgets(at: tomorrow, in: gym.scope).first)
            try requireEqual(next.spent.amount, 0)
            try requireEqual(next.periodStart, budget.periodStart + 86_400)
            try require(!next.isReached && !next.isWarned)
            let verdict = try await gym.reserve(gym.reservation(for: run), of: run, at: tomorrow)
            try requireEqual(verdict, .granted(outputTokens: 1_000))
        },
    ]

    private static let spending: [StoreBehaviour] = [
        StoreBehaviour("a reservation is held until the line of its call takes its place") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            _ = try await gym.budget(.organization, limit: 1)
            let reservation = gym.reservation(for: run)
            try requireEqual(try await gym.reserve(reservation, of: run), .granted(outputTokens: 1_000))
            var budget = try unwrap(try await gym.budgets().first)
            // 1,000 tokens in at 2.50 and 1,000 out at 10 dollars a million, and twenty percent on it.
            try requireEqual(budget.reserved.amount, try decimal("0.015"))
            try requireEqual(budget.reservedTokens, 2_000)
            let line = gym.line(gym.charge(), of: run, step: reservation.call.step)
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            budget = try unwrap(try await gym.budgets().first)
            try requireEqual(budget.reserved.amount, 0)
            try requireEqual(budget.reservedTokens, 0)
            try requireEqual(budget.spent, line.cost.billed)
            try requireEqual(budget.spentTokens, 1_100)
            let second = gym.reservation(for: run)
            _ = try await gym.reserve(second, of: run)
            try await gym.record(ExecutionRecord(execution: run, releases: [second.call]))
            try requireEqual(try await gym.budgets().first?.reserved.amount, 0)
        },
        StoreBehaviour("an answer is cut down to what is left, and refused where that is of no use") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            // The question alone is 0.003, each token of the answer 0.000012.
            let budget = try await gym.budget(.organization, limit: try decimal("0.0099999"))
            let held = gym.reservation(for: run)
            try requireEqual(try await gym.reserve(held, of: run), .granted(outputTokens: 583))
            let busy = try unwrap(try await gym.refusal(of: run))
            try requireEqual(busy.reason, .busy)
            try requireEqual(try await gym.budgets().first?.isReached, false)
            try await gym.record(
                ExecutionRecord(
                    execution: run,
                    ledger: [gym.line(gym.charge(output: 583), of: run, step: held.call.step)]))
            let reached = try unwrap(try await gym.refusal(of: run))
            try requireEqual(reached.reason, .reached)
            try requireEqual(reached.limit, budget.limit)
            try requireEqual(reached.spent.amount, try decimal("0.009996"))
            try require(reached.error(model: "gpt-4o").message.contains("0.009996 of 0.0099999 USD"))
            let total = try await gym.budget(.organization, period: .total, tokens: 100)
            try requireEqual(total.spentTokens, 1_583)
        },
        StoreBehaviour("every budget of a call has a say, and others' have none") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (run, other) = (try await gym.begunTurn(), try await gym.begunTurn())
            _ = try await gym.budget(.organization, limit: 100)
            _ = try await gym.budget(.agent(try unwrap(run.agentId)), period: .day, tokens: 1_400)
            try requireEqual(
                try await gym.reserve(gym.reservation(for: run), of: run), .granted(outputTokens: 400))
            let refusal = try unwrap(try await gym.refusal(of: run))
            try requireEqual(refusal.scope, "agent")
            try requireEqual(refusal.period, .day)
            try requireEqual(
                try await gym.reserve(gym.reservation(for: other), of: other), .granted(outputTokens: 1_000))
        },
        StoreBehaviour("a model without a price is refused where money counts, and only there") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let unpriced = { gym.reservation(for: run, isPriced: false) }
            try requireEqual(try await gym.reserve(unpriced(), of: run), .granted(outputTokens: 1_000))
            let budget = try await gym.budget(.organization, tokens: 100_000)
            try requireEqual(try await gym.reserve(unpriced(), of: run), .granted(outputTokens: 1_000))
            _ = try await gym.budget(.organization, limit: 1_000, tokens: 100_000)
            let refusal = try unwrap(try await gym.refusal(of: run, unpriced()))
            try requireEqual(refusal.reason, .unpriced)
            try requireEqual(try await gym.budgets().map(\.id), [budget.id])
            try requireEqual(try await gym.budgets().first?.isReached, false)
        },
        StoreBehaviour("it is told once a period that most is spent, and once that all is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let budget = try await gym.budget(.organization, limit: 1)
            let start = try await stores.events.lastPosition(in: gym.scope)
            for _ in 1...5 {
                let line = gym.line(gym.charge(input: 100_000, output: 0), of: run, step: gym.id())
                try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            }
            let events = try await stores.events.events(after: start, execution: nil, limit: 99, in: gym.scope)
            try requireEqual(events.map(\.type), ["budget.warning", "budget.reached"])
            try requireEqual(events.map { $0.data["spent"]?["amount"] }, ["0.9", "1.2"])
            try requireEqual(events.first?.data["budget_id"]?.string, budget.id.description)
            try requireEqual(events.first?.data["limit"]?["amount"]?.string, "1")
            // Raised, it may be reached again.
            let raised = try await gym.budget(.organization, limit: 10)
            try require(!raised.isReached && !raised.isWarned)
        },
    ]

    private static let losses: [StoreBehaviour] = [
        StoreBehaviour("what a dead process had under way is on the bill as an estimate, once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn(worker: try await gym.worker(lease: .zero))
            _ = try await gym.budget(.organization, limit: 1)
            let reservation = gym.reservation(for: run)
            _ = try await gym.reserve(reservation, of: run)
            let now = TestOrganization.start + 7
            _ = try await stores.queue.rescue(limit: 10, at: now, in: gym.scope)
            let line = try unwrap(try await gym.lines().first)
            try requireEqual(line.id, reservation.line)
            try requireEqual(line.call, reservation.call)
            try requireEqual(line.outcome, .unknown)
            try require(line.isEstimate)
            try requireEqual(line.at, now)
            try requireEqual(line.execution, run.id)
            try requireEqual(line.agentId, run.agentId)
            try requireEqual(line.cost, reservation.cost(answering: 1_000))
            try requireEqual(line.usage, TokenUsage(inputTokens: 1_000, outputTokens: 1_000, modelCalls: 1))
            let budget = try unwrap(try await gym.budgets().first)
            try requireEqual(budget.spent, line.cost.billed)
            try requireEqual(budget.reserved.amount, 0)
            try requireEqual(try await stores.budgets.chargeLost(limit: 10, at: now, in: gym.scope), 0)
            try requireEqual(try await gym.lines().count, 1)
        },
        StoreBehaviour("a call of an attempt that is over is lost; one of a run under way is not") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var over = try await gym.begunTurn()
            let running = try await gym.begunTurn()
            for run in [over, running] { _ = try await gym.reserve(gym.reservation(for: run), of: run) }
            over.state = .cancelled
            try await gym.record(ExecutionRecord(execution: over))
            let now = TestOrganization.start
            try requireEqual(try await stores.budgets.chargeLost(limit: 10, at: now, in: gym.scope), 1)
            try requireEqual(try await gym.lines().map(\.execution), [over.id])
        },
        StoreBehaviour("however many reserve and spend at once, no cap is passed and the books agree") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agents = [try await gym.begunTurn(), try await gym.begunTurn(), try await gym.begunTurn()]
            _ = try await gym.budget(.organization, limit: try decimal("0.2"))
            for run in agents { _ = try await gym.budget(.agent(try unwrap(run.agentId)), tokens: 30_000) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<12 {
                    let run = agents[worker % agents.count]
                    group.addTask {
                        for round in 0..<8 {
                            let reservation = gym.reservation(for: run)
                            let verdict = try await gym.reserve(reservation, of: run)
                            guard case .granted(let tokens) = verdict else { continue }
                            let charge = gym.charge(input: 1_000, output: min(tokens, 100 * (round + worker % 5)))
                            try await gym.record(
                                ExecutionRecord(
                                    execution: run,
                                    ledger: [gym.line(charge, of: run, step: reservation.call.step)]))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let lines = try await gym.lines()
            try require(!lines.isEmpty)
            for budget in try await gym.budgets() {
                let counted = lines.filter { budget.subject.counts(agent: $0.agentId, task: $0.taskId) }
                try requireEqual(budget.spent.amount, counted.reduce(0) { $0 + $1.cost.billed.amount })
                try requireEqual(
                    budget.spentTokens, counted.reduce(0) { $0 + $1.usage.inputTokens + $1.usage.outputTokens })
                try requireEqual(budget.reserved.amount, 0)
                try requireEqual(budget.reservedTokens, 0)
                try require(budget.limit.map { budget.spent.amount <= $0.amount } ?? true, "\(budget.spent)")
                try require(budget.tokens.map { budget.spentTokens <= $0 } ?? true, "\(budget.spentTokens)")
            }
        },
    ]

    private static func decimal(_ text: String) throws -> Decimal {
        try unwrap(Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")))
    }
}

extension TestOrganization {
    /// Sets a budget in dollars, in tokens, or in both.
    public func budget(
        _ subject: Budget.Subject, period: Budget.Period = .month, limit: Decimal? = nil, tokens: Int? = nil
    ) async throws -> Budget {
        let order = BudgetOrder(subject, period: period, limit: limit.map { Money($0, "USD") }, tokens: tokens)
        return try await stores.budgets.put(order, id: id(), at: Self.start, in: scope)
    }

    /// The organisation's budgets.
    public func budgets() async throws -> [Budget] { try await stores.budgets.budgets(at: Self.start, in: scope) }

    /// What a call of 1,000 tokens in and at most 1,000 out may cost at gpt-4o's price.
    public func reservation(
        for execution: Execution, isPriced: Bool = true, cap: RunCap? = nil
    ) -> Reservation {
        let charge = charge(isPriced: isPriced)
        return Reservation(
            call: .init(step: id()), line: id(), of: execution, provider: charge.provider, model: charge.model,
            quote: charge.quote, bound: TokenUsage(inputTokens: 1_000, outputTokens: 1_000), cap: cap)
    }

    /// Asks the budgets for a reservation.
    public func reserve(
        _ reservation: Reservation, of execution: Execution, at now: Date = start
    ) async throws -> ReservationVerdict? {
        let record = ExecutionRecord(execution: execution, reservations: [reservation])
        return try await self.record(record, at: now).verdicts[reservation.call]
    }

    /// Why a further call is refused; nil if it is not.
    public func refusal(of execution: Execution, _ reservation: Reservation? = nil) async throws -> BudgetRefusal? {
        let wanted = reservation ?? self.reservation(for: execution)
        guard case .refused(let refusal)? = try await reserve(wanted, of: execution) else { return nil }
        return refusal
    }
}
