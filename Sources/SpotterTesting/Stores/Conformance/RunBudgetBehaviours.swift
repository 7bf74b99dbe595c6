import Foundation
import SpotterDomain

extension StoreConformance {
    /// Budgets of single executions.
    static let runs: [StoreBehaviour] = [
        StoreBehaviour("an execution's budget counts what it and its children spend, and goes with its end") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var run = try await gym.begunTurn()
            let child = gym.run(under: run.id)
            try await gym.begin(child)
            let other = try await gym.begunTurn()
            _ = try await gym.budget(.execution(run.id), period: .total, tokens: 3_200)
            try requireEqual(try await stores.organizations.organization(in: gym.scope).hasBudgets, true)
            let first = gym.line(gym.charge(), of: run, step: gym.id())
            let second = gym.line(gym.charge(), of: child, step: gym.id())
            let foreign = gym.line(gym.charge(), of: other, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [first]))
            try await gym.record(ExecutionRecord(execution: child, ledger: [second]))
            try await gym.record(ExecutionRecord(execution: other, ledger: [foreign]))
            try requireEqual(try await gym.budgets().first?.spentTokens, 2_200)
            let refusal = try unwrap(try await gym.refusal(of: child))
            try requireEqual(refusal.reason, .reached)
            try requireEqual(refusal.scope, "execution")
            try requireEqual(try await gym.refusal(of: other), nil)
            let events = try await stores.events.events(after: 0, execution: nil, limit: 100, in: gym.scope)
            let reached = try unwrap(events.first { $0.type == EventType.budgetReached.rawValue })
            try requireEqual(reached.data["execution_id"]?.string, run.id.description)
            run.state = .completed
            try await gym.record(ExecutionRecord(execution: run))
            _ = try await stores.budgets.chargeLost(limit: 10, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await gym.budgets(), [])
            try await requireError(.notFound) {
                try await gym.budget(.execution(run.id), period: .total, tokens: 1)
            }
        },
        StoreBehaviour("a run's own cap is made with its first reservation, and goes with its last record") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var run = try await gym.begunTurn()
            let cap = RunCap(id: gym.id(), limit: nil, tokens: 2_500)
            let reservation = gym.reservation(for: run, cap: cap)
            try requireEqual(try await gym.reserve(reservation, of: run), .granted(outputTokens: 1_000))
            let budget = try unwrap(try await gym.budgets().first)
            try requireEqual(budget.id, cap.id)
            try requireEqual(budget.subject, .execution(run.id))
            try requireEqual(budget.source, .run)
            try requireEqual(budget.reservedTokens, 2_000)
            // Nobody has set it: other runs need not ask.
            try requireEqual(try await stores.organizations.organization(in: gym.scope).hasBudgets, false)
            let line = gym.line(gym.charge(), of: run, step: reservation.call.step)
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            let again = gym.reservation(for: run, cap: RunCap(id: gym.id(), limit: nil, tokens: 2_500))
            try requireEqual(try await gym.reserve(again, of: run), .granted(outputTokens: 400))
            try requireEqual(try await gym.budgets().map(\.id), [cap.id])
            run.state = .completed
            try await gym.record(ExecutionRecord(execution: run, releases: [again.call], dropsCap: true))
            try requireEqual(try await gym.budgets(), [])
        },
        StoreBehaviour("whoever has spent under a cap that is gone has spent it all the same") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let line = gym.line(gym.charge(), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            let cap = RunCap(id: gym.id(), limit: nil, tokens: 1_500)
            let refusal = try unwrap(try await gym.refusal(of: run, gym.reservation(for: run, cap: cap)))
            try requireEqual(refusal.reason, .reached)
            try requireEqual(refusal.spentTokens, 1_100)
        },
        StoreBehaviour("a cap that is made again counts what the run's children and theirs have spent") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            var child = gym.run(under: run.id)
            try await gym.begin(child)
            let grandchild = gym.run(under: child.id)
            try await gym.begin(grandchild)
            let foreign = try await gym.begunTurn()
            let first = gym.reservation(for: run, cap: RunCap(id: gym.id(), limit: nil, tokens: 10_000))
            _ = try await gym.reserve(first, of: run)
            let lines = [child, grandchild, foreign].map { gym.line(gym.charge(), of: $0, step: gym.id()) }
            try await gym.record(ExecutionRecord(execution: grandchild, ledger: [lines[1]]))
            try await gym.record(ExecutionRecord(execution: foreign, ledger: [lines[2]]))
            child.state = .completed
            try await gym.record(ExecutionRecord(execution: child, ledger: [lines[0]]))
            _ = try await gym.reserve(gym.reservation(for: grandchild), of: grandchild)
            try await gym.record(ExecutionRecord(execution: run, releases: [first.call], dropsCap: true))
            try requireEqual(try await gym.budgets(), [])
            let again = gym.reservation(for: run, cap: RunCap(id: gym.id(), limit: nil, tokens: 5_700))
            try requireEqual(try await gym.reserve(again, of: run), .granted(outputTokens: 500))
            let budget = try unwrap(try await gym.budgets().first)
            try requireEqual(budget.spentTokens, 2_200)
            try requireEqual(budget.reservedTokens, 3_500)
        },
        StoreBehaviour("more is set aside where the provider's cache is dearer, and a lost call costs that") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            _ = try await gym.budget(.organization, limit: 1)
            let price = ModelPrice(
                model: "claude", provider: "anthropic", inputPerMillion: 4, outputPerMillion: 10,
                cacheWritePerMillion: 5, validFrom: TestOrganization.start)
            let reservation = Reservation(
                call: .init(step: gym.id()), line: gym.id(), of: run, provider: "anthropic", model: "claude",
                quote: Quote(price: price, markup: .standard),
                bound: TokenUsage(inputTokens: 1_000, outputTokens: 1_000))
            _ = try await gym.reserve(reservation, of: run)
            let dearest = TokenUsage(
                inputTokens: 1_000, outputTokens: 1_000, cacheWriteTokens: 1_000, modelCalls: 1)
            let most = Quote(price: price, markup: .standard).cost(of: dearest)
            try requireEqual(try await gym.budgets().first?.reserved, most.billed)
            var over = run
            over.state = .cancelled
            try await gym.record(ExecutionRecord(execution: over))
            _ = try await stores.budgets.chargeLost(limit: 10, at: TestOrganization.start, in: gym.scope)
            let line = try unwrap(try await gym.lines().first)
            try requireEqual(line.usage, dearest)
            try requireEqual(line.cost, most)
        },
        StoreBehaviour("a turn begins together with what its first call may cost") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Teller")
            let conversation = try await gym.conversation(with: agent)
            var turn = gym.turn(of: conversation, with: agent)
            let reservation = gym.reservation(for: turn)
            _ = try await stores.executions.begin(
                turn, message: gym.message("Hello", in: conversation.id), events: [], receipt: nil,
                worker: try await gym.worker(), reserving: reservation, in: gym.scope)
            let now = TestOrganization.start
            try requireEqual(try await stores.budgets.chargeLost(limit: 10, at: now, in: gym.scope), 0)
            turn.state = .failed
            try await gym.record(ExecutionRecord(execution: turn))
            try requireEqual(try await stores.budgets.chargeLost(limit: 10, at: now, in: gym.scope), 1)
            let line = try unwrap(try await gym.lines().first)
            try requireEqual(line.outcome, .unknown)
            try requireEqual(line.call, reservation.call)
        },
        StoreBehaviour("a turn that begins is told that a budget has a say in its first call") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Teller")
            let worker = try await gym.worker()
            func begin() async throws -> TurnStart {
                let conversation = try await gym.conversation(with: agent)
                let turn = gym.turn(of: conversation, with: agent)
                let event = EventDraft(.executionStarted, execution: turn.id)
                var opening = TurnOpening(
                    turn, message: gym.message("Hello", in: conversation.id), events: [event], receipt: nil)
                opening.reservation = gym.reservation(for: turn)
                return try await stores.executions.begin(opening, worker: worker, in: gym.scope)
            }
            try requireEqual(try await begin().isBudgeted, false)
            _ = try await gym.budget(.agent(agent.id), tokens: 10)
            let start = try await begin()
            try requireEqual(start.isBudgeted, true)
            try requireEqual(start.events.map(\.type), [EventType.executionStarted.rawValue])
        },
    ]
}
