import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// Runs whose calls of models budgets have a say in.
@Suite(.timeLimit(.minutes(1))) struct BudgetTests {
    private static func thinking(_ count: Int = 1) -> ScriptedProgram {
        ScriptedProgram(stages: (1...count).map { [.model("think-\($0)")] })
    }

    private func enqueue(_ count: Int = 1, in world: TestEngine.World) async throws -> [ExecutionID] {
        let work = (0..<count).map { _ in world.gym.work() }
        return try await world.stores.executions.enqueue(work, receipt: nil, in: world.gym.scope)
    }

    private func limit(_ text: String, in world: TestEngine.World) async throws {
        let limit = try #require(Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")))
        let order = BudgetOrder(.organization, period: .total, limit: Money(limit, "USD"))
        _ = try await world.stores.budgets.put(order, id: world.gym.id(), at: world.clock.now(), in: world.gym.scope)
    }

    @Test func `a run stops before the call that the budget has no room for, and says why`() async throws {
        let world = try await TestEngine.World()
        try await limit("0.004", in: world)
        let id = try await enqueue(in: world)[0]
        let model = ScriptedModel(price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking(20) }
        _ = try await engine.working { try await engine.workOff() }
        let execution = try await world.stores.executions.execution(id, in: world.gym.scope)
        #expect(execution.state == .failed)
        #expect(execution.error?.code == "budget_reached")
        #expect(execution.error?.message.contains("of 0.004 USD") == true)
        #expect(model.requests.count > 1)
        #expect(model.requests.allSatisfy { $0.maxOutputTokens < 4_096 && $0.maxOutputTokens >= 256 })
        let budget = try #require(
            try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope).first)
        #expect(budget.spent == execution.cost.billed)
        #expect(budget.reserved.amount == 0)
        let events = try await world.stores.events.events(
            after: 0, execution: nil, limit: 1_000, in: world.gym.scope)
        #expect(events.count { $0.type == EventType.budgetReached.rawValue } == 1)
    }

    @Test func `a model without a price is not called where a budget is in money`() async throws {
        let world = try await TestEngine.World()
        try await limit("1000", in: world)
        let id = try await enqueue(in: world)[0]
        let model = ScriptedModel()
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        let execution = try await world.stores.executions.execution(id, in: world.gym.scope)
        #expect(execution.error?.code == "model_unpriced")
        #expect(model.requests.isEmpty)
        #expect(try await world.gym.lines().isEmpty)
    }

    @Test(arguments: 1...5, [FaultyExecutionStore.Fault.deathBefore, .deathAfter])
    func `wherever a process dies, every call that was made is on the bill, and nothing stays set aside`(
        write: Int, fault: FaultyExecutionStore.Fault
    ) async throws {
        let world = try await TestEngine.World()
        try await limit("10", in: world)
        let id = try await enqueue(in: world)[0]
        let model = ScriptedModel(price: LedgerTests.price)
        let store = FaultyExecutionStore(world.stores.executions, faults: [write: fault])
        let first = TestEngine(in: world, store: store, model: model) { _ in Self.thinking(2) }
        try await first.working { _ = try await first.workOff() }
        world.clock.advance(by: 25)
        let second = TestEngine(in: world, model: model) { _ in Self.thinking(2) }
        try await second.working { _ = try await second.turn() }
        let execution = try await world.stores.executions.execution(id, in: world.gym.scope)
        #expect(execution.state == .completed)
        let lines = try await world.gym.lines()
        #expect(lines.count { $0.outcome == .completed } == 2)
        // A death after a call was reserved and before it was recorded leaves it in doubt, made or not.
        #expect(lines.count >= model.requests.count)
        #expect(lines.count <= 3)
        let budget = try #require(
            try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope).first)
        #expect(budget.reserved.amount == 0)
        #expect(budget.spent.amount == lines.reduce(0) { $0 + $1.cost.billed.amount })
    }

    @Test(arguments: 1...5, [FaultyExecutionStore.Fault.outage, .outcomeUnknown])
    func `whatever write fails, nothing stays set aside`(write: Int, fault: FaultyExecutionStore.Fault) async throws {
        let world = try await TestEngine.World()
        try await limit("10", in: world)
        _ = try await enqueue(in: world)
        let model = ScriptedModel(price: LedgerTests.price)
        let store = FaultyExecutionStore(world.stores.executions, faults: [write: fault])
        let engine = TestEngine(in: world, store: store, model: model) { _ in Self.thinking(2) }
        let outcomes = try await engine.working { try await engine.workOff() }
        #expect(outcomes.map(\.execution.state) == [.completed])
        let lines = try await world.gym.lines()
        #expect(lines.count == model.requests.count)
        let budget = try #require(
            try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope).first)
        #expect(budget.reserved.amount == 0)
        #expect(budget.spent.amount == lines.reduce(0) { $0 + $1.cost.billed.amount })
    }

    @Test func `many runs at once never spend past the cap`() async throws {
        let world = try await TestEngine.World()
        try await limit("0.01", in: world)
        _ = try await enqueue(40, in: world)
        let model = ScriptedModel(price: LedgerTests.price)
        let engines = (0..<2).map { _ in TestEngine(in: world, model: model) { _ in Self.thinking(4) } }
        try await engines[0].working {
            try await engines[1].working {
                async let other = engines[1].workOff()
                _ = try await engines[0].workOff()
                _ = try await other
            }
        }
        let budget = try #require(
            try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope).first)
        #expect(budget.spent.amount <= (budget.limit?.amount ?? 0))
        #expect(budget.spent.amount > 0)
        #expect(budget.reserved.amount == 0)
    }
}
