import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RetryTests {
    private let world: TestEngine.World
    private var gym: TestOrganization { world.gym }

    init() async throws { world = try await TestEngine.World() }

    private func enqueue(_ policy: RetryPolicy, deadline: Date? = nil) async throws -> ExecutionID {
        let execution = Execution(
            id: gym.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: [:], retryPolicy: policy, deadlineAt: deadline,
            createdAt: TestOrganization.start)
        _ = try await world.stores.executions.enqueue([execution], receipt: nil, in: gym.scope)
        return execution.id
    }

    private func journal(_ id: ExecutionID) async throws -> Journal {
        try await world.stores.executions.journal(of: id, in: gym.scope)
    }

    private static func failure(
        _ kind: ModelError.Kind = .overloaded, retryAfter: Duration? = nil
    ) -> ScriptedModel.Reply {
        .failure(ModelError(kind, provider: "scripted", message: "Too busy.", retryAfter: retryAfter))
    }

    static let program = ScriptedProgram(stages: [
        [.tool(ToolCall(id: "c", name: "act", arguments: [:]))], [.model("think")],
    ])

    /// Milliseconds from one failure to the next try, until there is none.
    private func waits(
        _ policy: RetryPolicy, draw: Double, _ replies: [ScriptedModel.Reply] = [failure()]
    ) async throws -> [Int] {
        let id = try await enqueue(policy)
        let engine = TestEngine(
            in: world, model: ScriptedModel(replies), tools: [RecordingTool(effect: .unsafe)], draw: { draw }
        ) { _ in Self.program }
        var waits: [Int] = []
        try await engine.working {
            while true {
                _ = try await engine.turn()
                guard let wakeAt = try await journal(id).execution.wakeAt else { break }
                let wait = wakeAt.timeIntervalSince(world.clock.now())
                waits.append(Int((wait * 1_000).rounded()))
                world.clock.advance(by: wait + 0.001)
            }
        }
        return waits
    }

    @Test func `a try that takes longer than its limit is followed by another, until they are used up`() async throws {
        let id = try await enqueue(RetryPolicy(backoff: .fixed))
        let source = ScriptedSource(of: world.gym.organization, tools: [], timeout: .zero) { _ in
            ScriptedProgram(stages: [[.model("think")]])
        }
        let engine = TestEngine(in: world, programs: [.probe: source])
        var states: [ExecutionState] = []
        try await engine.working {
            for _ in 0..<4 {
                states += try await engine.turn().map(\.execution.state)
                world.clock.advance(by: 2)
            }
        }
        #expect(states == [.queued, .queued, .failed])
        let execution = try await self.journal(id).execution
        #expect(execution.error?.code == "timed_out")
        #expect(execution.deadAt != nil)
    }

    @Test(arguments: [
        (RetryPolicy.Backoff.fixed, [1_000, 1_000, 1_000]), (.linear, [1_000, 2_000, 3_000]),
        (.exponential, [1_000, 2_000, 4_000]),
    ])
    func `waits grow as the policy says, by the whole of the draw`(
        backoff: RetryPolicy.Backoff, expected: [Int]
    ) async throws {
        let policy = RetryPolicy(maxAttempts: 4, backoffMs: 1_000, backoff: backoff)
        #expect(try await waits(policy, draw: 1) == expected)
        #expect(try await waits(policy, draw: 0.25) == expected.map { $0 / 4 })
    }

    @Test func `no try comes before the provider wants it`() async throws {
        let replies = [Self.failure(.rateLimited, retryAfter: .seconds(20)), .text("at last")]
        #expect(try await waits(RetryPolicy(maxAttempts: 4), draw: 0, replies) == [20_000])
    }

    @Test func `a try that succeeds repeats nothing of what was done, and no program looks at what failed`()
        async throws
    {
        let id = try await enqueue(RetryPolicy(maxAttempts: 3, backoffMs: 0))
        let tool = RecordingTool(effect: .unsafe)
        let model = ScriptedModel([Self.failure(), .text("at last")])
        let engine = TestEngine(in: world, model: model, tools: [tool]) { _ in Self.program }
        try await engine.working {
            try await engine.turn()
            world.clock.advance(by: 1)
            try await engine.turn()
        }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.execution.failures == 1)
        #expect(journal.steps.map(\.state) == [.completed, .superseded, .completed])
        #expect(journal.execution.stepsTotal == 2)
        #expect(tool.calls.count == 1)
        #expect(journal.execution.usage.modelCalls == 2)
    }

    @Test func `what cannot succeed later is not tried again`() async throws {
        let id = try await enqueue(RetryPolicy(maxAttempts: 3))
        let model = ScriptedModel([Self.failure(.authentication)])
        let engine = TestEngine(in: world, model: model, tools: [RecordingTool(effect: .none)]) { _ in Self.program }
        try await engine.working { _ = try await engine.turn() }
        let execution = try await journal(id).execution
        #expect(execution.state == .failed)
        #expect(execution.error?.code == "provider_failed")
        #expect(execution.deadAt == world.clock.now())
        #expect(model.requests.count == 1)
    }

    @Test func `when all tries are used up it is given up`() async throws {
        let id = try await enqueue(RetryPolicy(maxAttempts: 3, backoffMs: 0))
        let model = ScriptedModel([Self.failure()])
        let engine = TestEngine(in: world, model: model, tools: [RecordingTool(effect: .none)]) { _ in Self.program }
        try await engine.working {
            for _ in 0..<5 {
                try await engine.turn()
                world.clock.advance(by: 1)
            }
        }
        let execution = try await journal(id).execution
        #expect(execution.state == .failed)
        #expect(execution.deadAt != nil)
        #expect(execution.failures == 3)
        #expect(model.requests.count == 3)
    }

    @Test func `what is tried once is not given up but has failed`() async throws {
        let id = try await enqueue(.once)
        let engine = TestEngine(
            in: world, model: ScriptedModel([Self.failure()]), tools: [RecordingTool(effect: .none)]
        ) { _ in Self.program }
        try await engine.working { _ = try await engine.turn() }
        let execution = try await journal(id).execution
        #expect(execution.state == .failed)
        #expect(execution.deadAt == nil)
    }

    @Test func `a try that would come after the deadline is none`() async throws {
        let id = try await enqueue(
            RetryPolicy(maxAttempts: 9, backoffMs: 60_000, backoff: .fixed), deadline: TestOrganization.start + 30)
        let engine = TestEngine(
            in: world, model: ScriptedModel([Self.failure()]), tools: [RecordingTool(effect: .none)], draw: { 1 }
        ) { _ in Self.program }
        try await engine.working { _ = try await engine.turn() }
        let execution = try await journal(id).execution
        #expect(execution.state == .failed)
        #expect(execution.error?.code == "provider_failed")
    }

    @Test func `being handed back is no try`() async throws {
        let id = try await enqueue(RetryPolicy(maxAttempts: 2, backoffMs: 0))
        for _ in 0..<4 {
            let model = ScriptedModel([.hang()])
            let engine = TestEngine(in: world, model: model, tools: [RecordingTool(effect: .none)]) { _ in
                Self.program
            }
            try await engine.working {
                _ = await engine.workforce.dispatcher.takeOnce()
                for await _ in model.calls { break }
            }
        }
        var execution = try await journal(id).execution
        #expect(execution.failures == 0)
        #expect(execution.crashes == 0)
        #expect(execution.attempt == 4)
        #expect(execution.state == .queued)
        let model = ScriptedModel([Self.failure(), .text("at last")])
        let engine = TestEngine(in: world, model: model, tools: [RecordingTool(effect: .none)]) { _ in Self.program }
        try await engine.working {
            try await engine.turn()
            world.clock.advance(by: 1)
            try await engine.turn()
        }
        execution = try await journal(id).execution
        #expect(execution.state == .completed)
    }

    @Test func `a person's retry goes on from the first step that failed`() async throws {
        let id = try await enqueue(RetryPolicy(maxAttempts: 1))
        let tool = RecordingTool(effect: .unsafe)
        let model = ScriptedModel([Self.failure(.authentication), .text("with a new key")])
        let engine = TestEngine(in: world, model: model, tools: [tool]) { _ in Self.program }
        try await engine.working {
            try await engine.turn()
            let execution = try await engine.workforce.control.retry(id, in: gym.scope)
            #expect(execution.state == .queued)
            #expect(execution.error == nil)
            #expect(execution.completedAt == nil)
            try await engine.turn()
        }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.map(\.state) == [.completed, .superseded, .completed])
        #expect(tool.calls.count == 1)
    }

    @Test func `a person's retry does not repeat a call in doubt`() async throws {
        let deadline = TestOrganization.start + 60
        let id = try await enqueue(.once, deadline: deadline)
        let tool = RecordingTool(effect: .unsafe)
        let store = FaultyExecutionStore(world.stores.executions, faults: [2: .deathBefore])
        let first = TestEngine(in: world, store: store, tools: [tool]) { _ in Self.program }
        try await first.working { _ = try await first.turn() }
        world.clock.advance(by: 25)
        // The next process cannot make a program of it, and ends it.
        let second = TestEngine(in: world, tools: [tool]) { _ in
            throw ExecutionError(code: "agent_missing", message: "The agent was deleted.")
        }
        try await second.working { _ = try await second.turn() }
        #expect(try await journal(id).execution.error?.code == "agent_missing")
        let third = TestEngine(in: world, tools: [tool]) { _ in Self.program }
        try await third.working {
            _ = try await third.workforce.control.retry(id, in: gym.scope)
            _ = try await third.turn()
        }
        let journal = try await journal(id)
        #expect(journal.execution.state == .waiting)
        #expect(journal.steps.map(\.state) == [.needsReview])
        #expect(tool.calls.count == 1)
    }
}
