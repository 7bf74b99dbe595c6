import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// The database goes away in the middle of a run, in a process that lives on.
@Suite(.timeLimit(.minutes(5))) struct OutageTests {
    typealias Fault = FaultyExecutionStore.Fault

    private func enqueue(in world: TestEngine.World) async throws -> ExecutionID {
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        return work.id
    }

    private func journal(_ id: ExecutionID, in world: TestEngine.World) async throws -> Journal {
        try await world.stores.executions.journal(of: id, in: world.gym.scope)
    }

    @Test(arguments: [Fault.outage, .outcomeUnknown, .broken], 1...3)
    func `whatever write fails, an effect happens once and the run comes to its end`(
        fault: Fault, write: Int
    ) async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: .unsafe)
        let id = try await enqueue(in: world)
        let store = FaultyExecutionStore(world.stores.executions, faults: [write: fault])
        let engine = TestEngine(in: world, store: store, tools: [tool]) { _ in CrashTests.program }
        let outcomes = try await engine.working { try await engine.workOff() }
        #expect(outcomes.map(\.execution.state) == [.completed])
        let journal = try await journal(id, in: world)
        #expect(journal.execution.state == .completed)
        #expect(journal.execution.attempt == 1)
        #expect(journal.steps.map(\.state) == [.completed, .completed])
        #expect(tool.calls.map(\.effectKey) == [journal.steps[0].id.description])
    }

    @Test func `a database that stays away is asked less and less often`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let store = FaultyExecutionStore(world.stores.executions, faults: [1: .outage])
        let outage = SpotterError(.unavailable, "The database does not answer.")
        store.failReads([])
        let engine = TestEngine(in: world, store: store, draw: { 1 }) { _ in
            store.failReads(Array(repeating: outage, count: 6))
            return ScriptedProgram(stages: [])
        }
        _ = try await engine.working { try await engine.workOff() }
        #expect(try await journal(id, in: world).execution.state == .completed)
        let waits = engine.sleeps.filter { $0 != .seconds(15) }.map { $0 / .seconds(1) }
        #expect(waits.map { ($0 * 10).rounded() / 10 } == [0.2, 0.4, 0.8, 1.6, 2, 2, 2])
    }

    @Test(arguments: 1...3) func `a lost lease discards the late write and stops the run`(write: Int) async throws {
        let world = try await TestEngine.World()
        let tool = RecordingTool(effect: .unsafe)
        let id = try await enqueue(in: world)
        let store = FaultyExecutionStore(world.stores.executions, faults: [write: .leaseLost])
        let engine = TestEngine(in: world, store: store, tools: [tool]) { _ in CrashTests.program }
        let outcomes = try await engine.working { try await engine.workOff() }
        #expect(outcomes.isEmpty)
        #expect(store.writes == write)
        #expect(try await journal(id, in: world).execution.state == .running)
        #expect(tool.calls.count == (write == 1 ? 0 : 1))
    }

    @Test func `an execution that somebody else has taken meanwhile is left to them`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let gate = Gate()
        let tool = RecordingTool(
            effect: .unsafe,
            work: { _ in
                await gate.pass()
                return "late"
            })
        let slow = TestEngine(in: world, tools: [tool]) { _ in CrashTests.program }
        let other = TestEngine(in: world, tools: [RecordingTool(effect: .unsafe)]) { _ in CrashTests.program }
        try await slow.working {
            let handles = await slow.workforce.dispatcher.takeOnce()
            while tool.calls.isEmpty { await Task.yield() }
            world.clock.advance(by: 25)
            try await other.working { _ = try await other.turn() }
            gate.open()
            await #expect(throws: LeaseLost.self) { try await handles[0].outcome() }
        }
        let journal = try await journal(id, in: world)
        #expect(journal.execution.attempt == 2)
        #expect(journal.steps.map(\.state) == [.needsReview])
    }

    @Test func `a process that is thought dead lets go of everything at once`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let model = ScriptedModel([.hang()])
        let store = FaultyExecutionStore(world.stores.executions)
        let engine = TestEngine(in: world, store: store, model: model) { _ in
            ScriptedProgram(stages: [[.model("think")]])
        }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            let writes = store.writes
            engine.workforce.pool.abandonAll()
            await #expect(throws: LeaseLost.self) { try await handles[0].outcome() }
            #expect(store.writes == writes)
            #expect(model.cancelled == 1)
            #expect(engine.workforce.pool.running == 0)
        }
        #expect(try await journal(id, in: world).execution.state == .running)
    }

    @Test func `a fault of our own that comes again and again fails the execution, and its text is not shown`()
        async throws
    {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let model = ScriptedModel([.error(FaultyExecutionStore.Broken())])
        let engine = TestEngine(in: world, model: model) { _ in ScriptedProgram(stages: [[.model("think")]]) }
        let outcomes = try await engine.working { try await engine.workOff() }
        #expect(outcomes.map(\.execution.state) == [.failed])
        let execution = try await journal(id, in: world).execution
        #expect(execution.error == ExecutionError(code: "internal", message: "Something went wrong on our side."))
        #expect(model.requests.count == 4)
    }

    @Test func `an execution whose end cannot be written is not forgotten`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let broken = Dictionary(uniqueKeysWithValues: (1...20).map { ($0, Fault.broken) })
        let store = FaultyExecutionStore(world.stores.executions, faults: broken)
        let engine = TestEngine(in: world, store: store) { _ in ScriptedProgram(stages: []) }
        let outcomes = try await engine.working { try await engine.workOff() }
        #expect(outcomes.map(\.execution.state) == [.failed])
        #expect(try await journal(id, in: world).execution.error?.code == "internal")
        #expect(store.writes == 21)
    }

    @Test(arguments: [Fault.outage, .outcomeUnknown, .broken])
    func `a cancellation that cannot be written at once is written later`(fault: Fault) async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let model = ScriptedModel([.hang()])
        let store = FaultyExecutionStore(world.stores.executions)
        let engine = TestEngine(in: world, store: store, model: model) { _ in
            ScriptedProgram(stages: [[.model("think")]])
        }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            // The first write is the request itself.
            store.fail(fault, inWrites: 2)
            store.fail(.outage, inWrites: 3)
            _ = try await engine.workforce.control.cancel(id, in: world.gym.scope)
            #expect(try await handles[0].outcome().execution.state == .cancelled)
        }
        #expect(try await journal(id, in: world).execution.state == .cancelled)
    }

    @Test func `a process that ends does not wait for a database for ever`() async throws {
        let world = try await TestEngine.World()
        _ = try await enqueue(in: world)
        let model = ScriptedModel([.hang()])
        let store = FaultyExecutionStore(world.stores.executions)
        let engine = TestEngine(in: world, store: store, model: model) { _ in
            ScriptedProgram(stages: [[.model("think")]])
        }
        try await engine.working {
            _ = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            for write in 1...100 { store.fail(.outage, inWrites: write) }
        }
        #expect(engine.workforce.pool.running == 0)
        #expect(store.writes < 10)
    }

    @Test func `what was read anew after an outage says so to its readers`() async throws {
        let world = try await TestEngine.World()
        let id = try await enqueue(in: world)
        let store = FaultyExecutionStore(world.stores.executions, faults: [2: .outage])
        let engine = TestEngine(in: world, store: store) { _ in ScriptedProgram(stages: [[.model("think")]]) }
        _ = try await engine.working { try await engine.workOff() }
        let events = try await world.stores.events.events(after: 0, execution: id, limit: 100, in: world.gym.scope)
        #expect(
            events.map(\.type) == [
                "execution.queued", "execution.started", "step.started", "execution.resumed", "step.started",
                "step.completed", "execution.completed",
            ])
    }
}
