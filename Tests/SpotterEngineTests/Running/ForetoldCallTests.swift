import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// Turns that tell nobody of their first call leave a trace of it all the same.
@Suite(.timeLimit(.minutes(1))) struct ForetoldCallTests {
    private static let program = ScriptedProgram(stages: [[.model("think-1")], [.model("think-2")]])

    /// A chat turn that nobody reads along, as the chat begins it, held by the engine's own worker.
    ///
    /// - Parameter tokens: what a budget allows that is set when the turn has been prepared and has not begun.
    private func begin(
        _ engine: TestEngine, in world: TestEngine.World, _ program: ScriptedProgram = Self.program,
        tools: [String] = [], tokens: Int? = nil
    ) async throws -> RunHandle {
        let gym = world.gym
        let agent = try await gym.agent(named: "Teller \(gym.id() as AgentID)")
        let conversation = try await gym.conversation(with: agent)
        let turn = gym.turn(of: conversation, with: agent)
        try engine.workforce.pool.reserve()
        let source = ScriptedSource(of: gym.organization, tools: tools) { _ in program }
        let assignment = try await source.assignment(for: Journal(execution: turn), in: gym.scope)
        let environment = engine.workforce.environment
        let reservation = try #require(environment.foretell(assignment))
        if let tokens { _ = try await gym.budget(.organization, tokens: tokens) }
        var opening = TurnOpening(
            turn, message: gym.message("Hello", in: conversation.id, execution: turn.id), events: [], receipt: nil)
        opening.reservation = reservation
        let start = try await engine.store.begin(
            opening, worker: try engine.workforce.heart.requireWorker(), in: gym.scope)
        #expect(start.isBudgeted == (tokens != nil))
        return engine.workforce.pool.start(
            assignment.foretelling(reservation, isBudgeted: start.isBudgeted), in: environment)
    }

    private func lost(in world: TestEngine.World) async throws -> Int {
        try await world.stores.budgets.chargeLost(limit: 10, at: world.clock.now(), in: world.gym.scope)
    }

    @Test func `the line of the call takes the place of what was set aside, without another write`() async throws {
        let world = try await TestEngine.World()
        let model = ScriptedModel(price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model) { _ in Self.program }
        try await engine.working {
            let outcome = try await begin(engine, in: world).outcome()
            #expect(outcome.execution.state == .completed)
        }
        #expect(try await world.gym.lines().map(\.outcome) == [.completed, .completed])
        #expect(try await lost(in: world) == 0)
        // The beginning, a record before the second call, and the end with that one's line.
        #expect(engine.store.writes == 3)
    }

    @Test(arguments: [(ToolEffect.none, 3), (.keyed, 4)])
    func `a call of a tool is written before its effect, and once where it has none`(
        effect: ToolEffect, writes: Int
    ) async throws {
        let world = try await TestEngine.World()
        let model = ScriptedModel(price: LedgerTests.price)
        let tool = RecordingTool(effect: effect)
        let call = ToolCall(id: "1", name: tool.name, arguments: [:])
        let program = ScriptedProgram(stages: [[.model("think-1")], [.tool(call)], [.model("think-2")]])
        let engine = TestEngine(in: world, model: model, tools: [tool]) { _ in program }
        try await engine.working {
            let id = try await begin(engine, in: world, program, tools: [tool.name]).outcome().execution.id
            let journal = try await world.stores.executions.journal(of: id, in: world.gym.scope)
            #expect(journal.steps.map(\.kind) == [.model, .tool, .model])
            #expect(journal.steps.map(\.state) == [.completed, .completed, .completed])
        }
        #expect(tool.calls.count == 1)
        // The beginning, the first call with its tool, the tool's end by itself only where it was begun by itself, and
        // the second call with the end.
        #expect(engine.store.writes == writes)
    }

    @Test func `a turn whose process dies in its call is on the bill`() async throws {
        let world = try await TestEngine.World()
        let model = ScriptedModel([.hang()], price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model) { _ in Self.program }
        try await engine.working {
            _ = try await begin(engine, in: world)
            for await _ in model.calls { break }
            engine.store.die()
        }
        world.clock.advance(by: 25)
        let second = TestEngine(in: world, model: ScriptedModel(price: LedgerTests.price)) { _ in Self.program }
        try await second.working { _ = try await second.turn() }
        _ = try await lost(in: world)
        let lines = try await world.gym.lines()
        #expect(lines.count { $0.outcome == .unknown } == 1)
        #expect(lines.allSatisfy { $0.cost.billed.amount > 0 })
    }

    @Test(arguments: [(10, ExecutionState.failed), (1_000_000, .completed)])
    func `a budget that appears before the turn begins has its say in the first call`(
        tokens: Int, end: ExecutionState
    ) async throws {
        let world = try await TestEngine.World()
        let model = ScriptedModel(price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model) { _ in Self.program }
        try await engine.working {
            let execution = try await begin(engine, in: world, tokens: tokens).outcome().execution
            #expect(execution.state == end)
            #expect(execution.error?.code == (end == .failed ? "budget_reached" : nil))
        }
        #expect(model.requests.isEmpty == (end == .failed))
        #expect(try await lost(in: world) == 0)
        #expect(try await world.gym.budgets().first?.reservedTokens == 0)
    }

    @Test func `a turn that is cancelled before its call costs nothing`() async throws {
        let world = try await TestEngine.World()
        let model = ScriptedModel([.error(CancellationError())], price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model) { _ in Self.program }
        try await engine.working {
            let handle = try await begin(engine, in: world)
            handle.heed(.cancel)
            #expect(try await handle.outcome().execution.state == .cancelled)
        }
        let lines = try await world.gym.lines()
        #expect(lines.count == model.requests.count)
        #expect(try await lost(in: world) == 0)
    }
}
