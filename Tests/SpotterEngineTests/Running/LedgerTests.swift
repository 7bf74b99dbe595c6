import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// Every call of a model is on the bill, once, however it ended.
@Suite(.timeLimit(.minutes(1))) struct LedgerTests {
    static let price = ModelPrice(
        model: "scripted", provider: "scripted", inputPerMillion: 2, outputPerMillion: 10, validFrom: .distantPast)

    private func enqueue(in world: TestEngine.World) async throws -> ExecutionID {
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        return work.id
    }

    private func execution(_ id: ExecutionID, in world: TestEngine.World) async throws -> Execution {
        try await world.stores.executions.execution(id, in: world.gym.scope)
    }

    private static func thinking(_ count: Int = 1) -> ScriptedProgram {
        ScriptedProgram(stages: (1...count).map { [.model("think-\($0)")] })
    }

    @Test func `each call is one line, and the lines add up to the execution's cost`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let engine = TestEngine(in: world, model: ScriptedModel(price: Self.price)) { _ in Self.thinking(3) }
        _ = try await engine.working { try await engine.workOff() }
        let lines = try await world.gym.lines()
        let execution = try await execution(id, in: world)
        #expect(lines.map(\.outcome) == [.completed, .completed, .completed])
        #expect(lines.allSatisfy { $0.execution == id && !$0.isEstimate && $0.rawUsage == [:] })
        #expect(lines.map(\.cost.base.amount.description) == ["0.00007", "0.00007", "0.00007"])
        #expect(lines.reduce(Cost.zero) { $0 + $1.cost } == execution.cost)
        #expect(execution.cost.billed.amount.description == "0.000252")
        #expect(lines.reduce(TokenUsage()) { $0 + $1.usage } == execution.usage)
        #expect(lines.first?.priceVersion == Self.price.version)
        #expect(lines.first?.markupVersion == Markup.standard.version)
    }

    @Test(arguments: [FaultyExecutionStore.Fault.outage, .outcomeUnknown], 1...5)
    func `whatever write fails, each call that was made is on the bill once`(
        fault: FaultyExecutionStore.Fault, write: Int
    ) async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let model = ScriptedModel(price: Self.price)
        let store = FaultyExecutionStore(world.stores.executions, faults: [write: fault])
        let engine = TestEngine(in: world, store: store, model: model) { _ in Self.thinking(2) }
        _ = try await engine.working { try await engine.workOff() }
        let lines = try await world.gym.lines()
        let execution = try await execution(id, in: world)
        #expect(execution.state == .completed)
        #expect(lines.count == model.requests.count)
        #expect(lines.reduce(Cost.zero) { $0 + $1.cost } == execution.cost)
    }

    @Test func `a call that was broken off is on the bill with what was heard of it`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let model = ScriptedModel([.hang(after: [String(repeating: "word ", count: 80)])], price: Self.price)
        let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            _ = try await engine.workforce.control.cancel(id, in: world.gym.scope)
            try await engine.workforce.caretaker.passRequestsOnce()
            #expect(try await handles[0].outcome().execution.state == .cancelled)
        }
        let line = try #require(try await world.gym.lines().first)
        #expect(line.outcome == .aborted)
        #expect(line.isEstimate)
        #expect(line.usage.outputTokens == 100)
        #expect(line.usage.inputTokens > 0)
        #expect(try await execution(id, in: world).cost == line.cost)
    }

    @Test func `a failed call costs what the provider counted`() async throws {
        let counted = TokenUsage(inputTokens: 40, outputTokens: 2)
        for (kind, usage, tokens, isEstimate) in [
            (ModelError.Kind.interrupted, counted, 40, false), (.rateLimited, nil, 0, false),
            (.timedOut, nil, 2, true),
        ] {
            let world = try await TestEngine.World()
            _ = try await enqueue(in: world)
            let error = ModelError(kind, provider: "scripted", message: "no", usage: usage)
            let model = ScriptedModel([.failure(error)], price: Self.price)
            let engine = TestEngine(in: world, model: model) { _ in Self.thinking() }
            _ = try await engine.working { try await engine.workOff() }
            let line = try #require(try await world.gym.lines().first)
            #expect(line.outcome == .failed)
            #expect(line.usage.inputTokens == tokens)
            #expect(line.isEstimate == isEstimate)
            #expect(line.usage.modelCalls == 1)
        }
    }

    @Test func `a model without a price has its lines too`() async throws {
        let world = try await TestEngine.World()
        _ = try await enqueue(in: world)
        let engine = TestEngine(in: world) { _ in Self.thinking() }
        _ = try await engine.working { try await engine.workOff() }
        let line = try #require(try await world.gym.lines().first)
        #expect(line.priceVersion == nil)
        #expect(line.cost == .zero)
        #expect(line.usage.inputTokens == 10)
    }
}
