import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

/// A process dies before or after each write of a run, and another goes on on the same stores.
@Suite(.timeLimit(.minutes(5))) struct CrashTests {
    struct Death: Sendable, CustomTestStringConvertible {
        let fault: FaultyExecutionStore.Fault
        let write: Int
        var testDescription: String { "\(fault) write \(write)" }

        /// Between the journal's entry of the call and that of its result.
        var isInTheMiddle: Bool {
            (fault == .deathAfter && write == 1) || (fault == .deathBefore && write == 2)
        }
    }

    static let deaths = (1...3).flatMap { write in
        [Death(fault: .deathBefore, write: write), Death(fault: .deathAfter, write: write)]
    }
    static let call = ToolCall(id: "call-1", name: "act", arguments: ["note": "x"])
    /// Five writes: the call's entry, its result, the model call's entry, the answer, the end.
    static let program = ScriptedProgram(stages: [[.tool(call)], [.model("think")]])

    /// Runs one execution until the process dies, and then in another. Returns the execution as it is then.
    private func run(
        _ death: Death, _ tool: RecordingTool, in world: TestEngine.World
    ) async throws -> (Journal, TestEngine) {
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        let store = FaultyExecutionStore(world.stores.executions, faults: [death.write: death.fault])
        let first = TestEngine(in: world, store: store, tools: [tool]) { _ in Self.program }
        try await first.working { _ = try await first.workOff() }
        world.clock.advance(by: 25)
        let second = TestEngine(in: world, tools: [tool]) { _ in Self.program }
        try await second.working { _ = try await second.turn() }
        return (try await world.stores.executions.journal(of: work.id, in: world.gym.scope), second)
    }

    @Test(arguments: [ToolEffect.none, .idempotent, .keyed], deaths)
    func `a call that may be repeated is repeated under its key, and journalled once`(
        effect: ToolEffect, death: Death
    ) async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: effect)
        let (journal, _) = try await run(death, tool, in: world)
        #expect(journal.execution.state == .completed)
        let steps = journal.steps.filter { $0.kind == .tool }
        #expect(steps.map(\.state) == [.completed])
        #expect(Set(tool.calls.map(\.effectKey)) == Set(steps.map(\.id.description)))
        #expect(tool.calls.count == (death.fault == .deathBefore && death.write == 2 ? 2 : 1))
        #expect(journal.steps.filter { $0.kind == .model }.map(\.state) == [.completed])
        let events = try await world.stores.events.events(
            after: 0, execution: journal.execution.id, limit: 1_000, in: world.gym.scope)
        #expect(events.count { $0.type == EventType.executionCompleted.rawValue } == 1)
        #expect(events.count { $0.type == EventType.toolCompleted.rawValue } == 1)
    }

    @Test(arguments: deaths)
    func `a call that must not happen twice is never repeated by itself`(death: Death) async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: .unsafe)
        let (journal, _) = try await run(death, tool, in: world)
        #expect(tool.calls.count <= 1)
        if death.isInTheMiddle {
            #expect(journal.execution.state == .waiting)
            #expect(journal.steps.map(\.state) == [.needsReview])
        } else {
            #expect(journal.execution.state == .completed)
            #expect(journal.steps.filter { $0.kind == .tool }.map(\.state) == [.completed])
        }
    }

    @Test func `what a person found done goes on with the result that was found`() async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: .unsafe)
        let (before, engine) = try await run(Death(fault: .deathBefore, write: 2), tool, in: world)
        let step = try #require(before.steps.first)
        _ = try await engine.workforce.control.review(
            before.execution.id, step: step.id, .done("sent"), in: world.gym.scope)
        let third = TestEngine(in: world, tools: [tool]) { _ in Self.program }
        try await third.working { _ = try await third.turn() }
        let journal = try await world.stores.executions.journal(of: before.execution.id, in: world.gym.scope)
        #expect(journal.execution.state == .completed)
        let result = try #require(journal.steps.first?.output).decodedUnchecked(as: ToolResult.self)
        #expect(result == ToolResult(callId: "call-1", name: "act", output: "sent", isError: false, durationMs: 0))
        #expect(tool.calls.count == 1)
    }

    @Test func `what a person found not done is done again, by a new step`() async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: .unsafe)
        let (before, engine) = try await run(Death(fault: .deathAfter, write: 1), tool, in: world)
        let step = try #require(before.steps.first)
        _ = try await engine.workforce.control.review(
            before.execution.id, step: step.id, .notDone, in: world.gym.scope)
        let third = TestEngine(in: world, tools: [tool]) { _ in Self.program }
        try await third.working { _ = try await third.turn() }
        let journal = try await world.stores.executions.journal(of: before.execution.id, in: world.gym.scope)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.filter { $0.kind == .tool }.map(\.state) == [.superseded, .completed])
        #expect(tool.calls.map(\.effectKey) == [journal.steps[1].id.description])
        #expect(journal.steps[1].id != step.id)
    }

    @Test func `of several doubtful calls nothing is done before all are decided`() async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: .unsafe)
        let calls = ["a", "b"].map { ToolCall(id: $0, name: "act", arguments: [:]) }
        let program = ScriptedProgram(stages: [calls.map { .tool($0) }])
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        let store = FaultyExecutionStore(world.stores.executions, faults: [2: .deathBefore])
        let first = TestEngine(in: world, store: store, tools: [tool]) { _ in program }
        try await first.working { _ = try await first.workOff() }
        world.clock.advance(by: 25)
        let second = TestEngine(in: world, tools: [tool]) { _ in program }
        try await second.working {
            _ = try await second.turn()
            let steps = try await world.stores.executions.journal(of: work.id, in: world.gym.scope).steps
            #expect(steps.map(\.state) == [.needsReview, .needsReview])
            let control = second.workforce.control
            _ = try await control.review(work.id, step: steps[0].id, .notDone, in: world.gym.scope)
            _ = try await second.turn()
            #expect(tool.calls.count == 2)
            let execution = try await control.review(
                work.id, step: steps[1].id, .done("b"), in: world.gym.scope)
            #expect(execution.state == .queued)
            #expect(try await second.turn().map(\.execution.state) == [.completed])
            #expect(tool.calls.count == 3)
        }
    }

    @Test func `an execution that takes its process with it three times is given up, and others go on`() async throws {
        let world = try await TestEngine.World()
        let (poison, other) = (world.gym.work(), world.gym.work(priority: .low))
        _ = try await world.stores.executions.enqueue([poison, other], receipt: nil, in: world.gym.scope)
        for _ in 0..<3 {
            let store = FaultyExecutionStore(world.stores.executions)
            let doomed = TestEngine(in: world, store: store) { journal in
                if journal.execution.id == poison.id { store.die() }
                return ScriptedProgram(stages: [])
            }
            try await doomed.working { _ = try await doomed.turn() }
            world.clock.advance(by: 25)
        }
        let last = TestEngine(in: world) { _ in ScriptedProgram(stages: []) }
        try await last.working { _ = try await last.turn() }
        let given = try await world.stores.executions.execution(poison.id, in: world.gym.scope)
        #expect(given.state == .failed)
        #expect(given.error?.code == "process_lost")
        #expect(given.deadAt != nil)
        let went = try await world.stores.executions.execution(other.id, in: world.gym.scope)
        #expect(went.state == .completed || went.crashes == 3)
    }
}
