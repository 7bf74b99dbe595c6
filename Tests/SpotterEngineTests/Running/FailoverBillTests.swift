import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterEngine

/// What calls cost for which several models were asked.
@Suite(.timeLimit(.minutes(1))) struct FailoverBillTests {
    private static let counted = TokenUsage(inputTokens: 40, outputTokens: 2)

    private static func failure(_ kind: ModelError.Kind, usage: TokenUsage? = nil) -> ScriptedModel.Reply {
        .failure(ModelError(kind, provider: "scripted", message: "No.", usage: usage))
    }

    private static func thinking(_ count: Int = 1) -> ScriptedProgram {
        ScriptedProgram(stages: (1...count).map { [.model("think-\($0)")] })
    }

    private func enqueue(_ count: Int = 1, in world: TestEngine.World) async throws -> [ExecutionID] {
        let work = (0..<count).map { _ in world.gym.work() }
        return try await world.stores.executions.enqueue(work, receipt: nil, in: world.gym.scope)
    }

    private func limit(_ amount: Decimal, in world: TestEngine.World) async throws {
        let order = BudgetOrder(.organization, period: .total, limit: Money(amount, "USD"))
        _ = try await world.stores.budgets.put(order, id: world.gym.id(), at: world.clock.now(), in: world.gym.scope)
    }

    private func budget(in world: TestEngine.World) async throws -> Budget {
        try #require(try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope).first)
    }

    private func execution(_ id: ExecutionID, in world: TestEngine.World) async throws -> Execution {
        try await world.stores.executions.execution(id, in: world.gym.scope)
    }

    private func events(_ type: EventType, in world: TestEngine.World) async throws -> [Event] {
        try await world.stores.events.events(after: 0, execution: nil, limit: 1_000, in: world.gym.scope)
            .filter { $0.type == type.rawValue }
    }

    @Test func `something is set aside for each model before it is asked, and each has its line`() async throws {
        let world = try await TestEngine.World()
        try await limit(1, in: world)
        let id = try await enqueue(in: world)[0]
        let seen = Mutex<[Budget]>([])
        let look: @Sendable () async throws -> Void = {
            let budget = try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope).first
            seen.withLock { seen in if let budget { seen.append(budget) } }
        }
        let model = ScriptedModel(
            [
                .work { _ in
                    try await look()
                    throw ModelError(.overloaded, provider: "scripted", message: "No.", usage: Self.counted)
                },
                .work { _ in
                    try await look()
                    return ScriptedModel.response([.text("Yes.")])
                },
            ], price: LedgerTests.price, fallbacks: ["second"])
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        let lines = try await world.gym.lines()
        #expect(lines.map(\.model) == ["scripted", "second"])
        #expect(lines.map(\.outcome) == [.failed, .completed])
        #expect(lines.map { $0.call?.number } == [0, 1])
        #expect(Set(lines.map { $0.call?.step }).count == 1)
        let looks = seen.withLock { $0 }
        #expect(looks.allSatisfy { $0.reserved.amount > 0 })
        // The first has its line before the second is asked.
        #expect(looks.map(\.spent.amount) == [0, lines[0].cost.billed.amount])
        let (execution, budget) = (try await execution(id, in: world), try await budget(in: world))
        #expect(execution.usage == lines[0].usage + lines[1].usage)
        #expect(execution.cost == lines[0].cost + lines[1].cost)
        #expect(budget.spent == execution.cost.billed)
        #expect(budget.reserved.amount == 0)
    }

    @Test func `a model without a price that only stands in for another is passed over, and the log says why`()
        async throws
    {
        let world = try await TestEngine.World()
        try await limit(1, in: world)
        let id = try await enqueue(in: world)[0]
        let model = ScriptedModel(
            [Self.failure(.overloaded), .text("Yes.")], price: LedgerTests.price, unpriced: ["second"],
            fallbacks: ["second", "third"])
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        #expect(try await execution(id, in: world).state == .completed)
        #expect(model.requests.map(\.model) == ["scripted", "third"])
        let passed = try await events(.modelFailedOver, in: world)
        #expect(passed.map { $0.data["reason"]?.string } == ["overloaded", "model_unpriced"])
        #expect(passed.last?.data["message"]?.string?.contains("the model second has no price") == true)
        #expect(try await budget(in: world).reserved.amount == 0)
    }

    @Test func `where nothing is left but a model without a price, the failure of the first counts`() async throws {
        let world = try await TestEngine.World()
        try await limit(1, in: world)
        let id = try await enqueue(in: world)[0]
        let model = ScriptedModel(
            [Self.failure(.overloaded)], price: LedgerTests.price, unpriced: ["second"], fallbacks: ["second"])
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        #expect(model.requests.map(\.model) == ["scripted"])
        #expect(try await execution(id, in: world).error?.code == "provider_failed")
        #expect(try await events(.modelFailedOver, in: world).count == 2)
    }

    @Test func `an answer that was given before costs nothing, and its line says so`() async throws {
        let world = try await TestEngine.World()
        try await limit(1, in: world)
        let id = try await enqueue(in: world)[0]
        var response = ScriptedModel.response([.text("Again.")])
        (response.usage, response.rawUsage, response.isCached) = (TokenUsage(), ["cached": true], true)
        let engine = TestEngine(in: world, model: ScriptedModel([.response(response)], price: LedgerTests.price)) { _ in
            Self.thinking()
        }
        _ = try await engine.working { try await engine.workOff() }
        let line = try #require(try await world.gym.lines().first)
        #expect(line.cost == .zero)
        #expect(line.usage == TokenUsage())
        #expect(line.rawUsage == ["cached": true])
        #expect(!line.isEstimate)
        #expect(try await execution(id, in: world).cost == .zero)
        let budget = try await budget(in: world)
        #expect(budget.spent.amount == 0)
        #expect(budget.reserved.amount == 0)
    }

    @Test func `a provider that is left alone for a while is not on the bill`() async throws {
        let world = try await TestEngine.World()
        try await limit(1, in: world)
        _ = try await enqueue(in: world)
        let model = ScriptedModel(
            [Self.failure(.circuitOpen), .text("Yes.")], price: LedgerTests.price, fallbacks: ["second"])
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        #expect(try await world.gym.lines().map(\.model) == ["second"])
        #expect(try await budget(in: world).reserved.amount == 0)
    }

    @Test func `what is asked again after it has cost something is reserved and billed again`() async throws {
        let world = try await TestEngine.World()
        try await limit(1, in: world)
        let id = try await enqueue(in: world)[0]
        var failure = ModelError(
            .overloaded, provider: "scripted", message: "No.", usage: Self.counted,
            rawUsage: ["input_tokens": 40, "output_tokens": 2])
        failure.retryDelay = .milliseconds(300)
        let model = ScriptedModel(
            [.failure(failure), .failure(failure), .failure(failure), .text("Yes.")], price: LedgerTests.price,
            fallbacks: ["second"])
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        #expect(model.requests.map(\.model) == ["scripted", "scripted", "scripted", "second"])
        #expect(engine.sleeps.count { $0 == .milliseconds(300) } == 2)
        let lines = try await world.gym.lines()
        #expect(lines.map { $0.call?.number } == [0, 1, 2, 3])
        #expect(lines.map(\.outcome) == [.failed, .failed, .failed, .completed])
        #expect(lines[0].rawUsage == ["input_tokens": 40, "output_tokens": 2])
        #expect(lines.reduce(Cost.zero) { $0 + $1.cost } == (try await execution(id, in: world)).cost)
        #expect(try await budget(in: world).reserved.amount == 0)
    }

    @Test func `where there is no budget another model takes no further write`() async throws {
        var writes: [Int] = []
        for failures in 0...2 {
            let world = try await TestEngine.World()
            _ = try await enqueue(in: world)
            let replies = Array(repeating: Self.failure(.overloaded, usage: Self.counted), count: failures)
            let model = ScriptedModel(
                replies + [.text("Yes.")], price: LedgerTests.price, fallbacks: ["second", "third"])
            let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
            _ = try await engine.working { try await engine.workOff() }
            writes.append(engine.store.writes)
            #expect(try await world.gym.lines().count == failures + 1)
        }
        #expect(Set(writes).count == 1)
    }

    @Test(arguments: 1...6, [FaultyExecutionStore.Fault.outage, .outcomeUnknown])
    func `whatever write fails while models are changed, each call is on the bill once and in the figures once`(
        write: Int, fault: FaultyExecutionStore.Fault
    ) async throws {
        let world = try await TestEngine.World()
        try await limit(10, in: world)
        let id = try await enqueue(in: world)[0]
        let failure = Self.failure(.overloaded, usage: Self.counted)
        let model = ScriptedModel(
            [failure, failure, .text("Yes."), failure, .text("Yes.")], price: LedgerTests.price,
            fallbacks: ["second", "third"])
        let store = FaultyExecutionStore(world.stores.executions, faults: [write: fault])
        let engine = TestEngine(in: world, store: store, model: model) { _ in Self.thinking(2) }
        let outcomes = try await engine.working { try await engine.workOff() }
        #expect(outcomes.map(\.execution.state) == [.completed])
        let lines = try await world.gym.lines()
        let execution = try await execution(id, in: world)
        #expect(lines.count == model.requests.count)
        #expect(lines.reduce(TokenUsage()) { $0 + $1.usage } == execution.usage)
        #expect(lines.reduce(Cost.zero) { $0 + $1.cost } == execution.cost)
        let budget = try await budget(in: world)
        #expect(budget.reserved.amount == 0)
        #expect(budget.spent == execution.cost.billed)
    }

    @Test func `many runs that change models at once never spend past the cap`() async throws {
        let world = try await TestEngine.World()
        try await limit(Decimal(sign: .plus, exponent: -2, significand: 1), in: world)
        _ = try await enqueue(30, in: world)
        let turns = Mutex(0)
        let model = ScriptedModel(
            [
                .work { _ in
                    let turn = turns.withLock { turns in
                        turns += 1
                        return turns
                    }
                    guard turn.isMultiple(of: 2) else {
                        throw ModelError(.overloaded, provider: "scripted", message: "No.", usage: Self.counted)
                    }
                    return ScriptedModel.response([.text("Yes.")])
                }
            ], price: LedgerTests.price, fallbacks: ["second", "third"])
        let engines = (0..<2).map { _ in TestEngine(in: world, model: model) { _ in Self.thinking(4) } }
        try await engines[0].working {
            try await engines[1].working {
                async let other = engines[1].workOff()
                _ = try await engines[0].workOff()
                _ = try await other
            }
        }
        let (budget, lines) = (try await budget(in: world), try await world.gym.lines())
        #expect(budget.spent.amount <= (budget.limit?.amount ?? 0))
        #expect(budget.spent.amount == lines.reduce(0) { $0 + $1.cost.billed.amount })
        #expect(budget.spent.amount > 0)
        #expect(budget.reserved.amount == 0)
    }
}
