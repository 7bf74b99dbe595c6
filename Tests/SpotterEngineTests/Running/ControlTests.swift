import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// What people do to executions, in every state that one can be in.
@Suite(.timeLimit(.minutes(5))) struct ControlTests {
    enum Action: String, CaseIterable, Sendable { case pause, resume, cancel, retry, answer }

    /// Where an execution is, and whether somebody has asked something of it.
    struct Situation: Hashable, Sendable, CustomTestStringConvertible {
        var state: ExecutionState
        var requested: ControlRequest?
        var testDescription: String { state.rawValue + (requested.map { ", asked to \($0.rawValue)" } ?? "") }

        static let all =
            ExecutionState.allCases.map { Situation(state: $0) } + [
                Situation(state: .running, requested: .pause), Situation(state: .running, requested: .cancel),
            ]
    }

    private let world: TestEngine.World
    private var gym: TestOrganization { world.gym }

    init() async throws { world = try await TestEngine.World() }

    /// Nil stands for a conflict.
    static func expected(_ action: Action, _ before: Situation) -> Situation? {
        switch (action, before.state) {
        case (.pause, .queued), (.pause, .waiting), (.pause, .paused): Situation(state: .paused)
        case (.pause, .running): Situation(state: .running, requested: before.requested ?? .pause)
        case (.resume, .queued), (.resume, .waiting): before
        case (.resume, .paused): Situation(state: .queued)
        case (.resume, .running):
            Situation(state: .running, requested: before.requested == .pause ? nil : before.requested)
        case (.cancel, .queued), (.cancel, .waiting), (.cancel, .paused), (.cancel, .cancelled):
            Situation(state: .cancelled)
        case (.cancel, .running): Situation(state: .running, requested: .cancel)
        case (.retry, .failed): Situation(state: .queued)
        // Nobody was asked anything in these states but in the one that waits.
        case (.answer, .waiting): Situation(state: .queued)
        default: nil
        }
    }

    @Test(arguments: Action.allCases, Situation.all)
    func `every action has its outcome in every state`(action: Action, before: Situation) async throws {
        let engine = TestEngine(in: world) { _ in ScriptedProgram(stages: []) }
        let id = try await make(before)
        let control = engine.workforce.control
        let expected = Self.expected(action, before)
        do {
            let after =
                switch action {
                case .pause: try await control.pause(id, in: gym.scope)
                case .resume: try await control.resume(id, in: gym.scope)
                case .cancel: try await control.cancel(id, in: gym.scope)
                case .retry: try await control.retry(id, in: gym.scope)
                case .answer: try await control.answer(id, step: nil, with: "yes", in: gym.scope)
                }
            #expect(Situation(state: after.state, requested: after.requested) == expected)
        } catch let error as SpotterError {
            #expect(error.code == .conflict)
            #expect(expected == nil)
            let stored = try await world.stores.executions.execution(id, in: gym.scope)
            #expect(Situation(state: stored.state, requested: stored.requested) == before)
        }
    }

    /// Stores an execution in that situation; one that waits has an open question.
    private func make(_ situation: Situation) async throws -> ExecutionID {
        var run = try await gym.begunTurn(worker: gym.worker(lease: .seconds(3_600)))
        run.state = situation.state
        if run.state.isTerminal { run.completedAt = TestOrganization.start }
        let steps =
            situation.state == .waiting ? [gym.step(0, of: run, kind: .input, state: .waiting)] : []
        if let requested = situation.requested ?? (situation.state == .paused ? .pause : nil) {
            try await gym.ask(requested, of: run)
        }
        if situation.state != .running {
            run.signals = 1
            try await gym.record(ExecutionRecord(execution: run, steps: steps))
        }
        return run.id
    }

    // MARK: While it runs

    private func enqueue() async throws -> ExecutionID {
        let work = gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: gym.scope)
        return work.id
    }

    private static let twoThoughts = ScriptedProgram(stages: [[.model("one")], [.model("two")]])

    /// A model that answers when the gate opens.
    private static func gated(_ gate: Gate) -> ScriptedModel {
        ScriptedModel([
            .work { _ in
                await gate.pass()
                try Task.checkCancellation()
                return ScriptedModel.response([.text("one")])
            }, .text("two"),
        ])
    }

    @Test func `a pause takes effect after the step in progress, and loses nothing of it`() async throws {
        let id = try await enqueue()
        let gate = Gate()
        let model = Self.gated(gate)
        let engine = TestEngine(in: world, model: model) { _ in Self.twoThoughts }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            let asked = try await engine.workforce.control.pause(id, in: gym.scope)
            #expect(asked.state == .running)
            gate.open()
            #expect(try await handles[0].outcome().execution.state == .paused)
            #expect(model.requests.count == 1)
            #expect(try await engine.turn().isEmpty)
            _ = try await engine.workforce.control.resume(id, in: gym.scope)
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
        }
        let journal = try await world.stores.executions.journal(of: id, in: gym.scope)
        #expect(journal.steps.map(\.name) == ["one", "two"])
    }

    @Test func `a pause that is taken back before the step ends does not come about`() async throws {
        let id = try await enqueue()
        let gate = Gate()
        let model = Self.gated(gate)
        let engine = TestEngine(in: world, model: model) { _ in Self.twoThoughts }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            _ = try await engine.workforce.control.pause(id, in: gym.scope)
            _ = try await engine.workforce.control.resume(id, in: gym.scope)
            gate.open()
            #expect(try await handles[0].outcome().execution.state == .completed)
        }
    }

    @Test func `a pause taken back in another process does not come about either`() async throws {
        let id = try await enqueue()
        let gate = Gate()
        let model = Self.gated(gate)
        let engine = TestEngine(in: world, model: model) { _ in Self.twoThoughts }
        let other = TestEngine(in: world) { _ in Self.twoThoughts }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            _ = try await other.workforce.control.pause(id, in: gym.scope)
            try await engine.workforce.caretaker.passRequestsOnce()
            _ = try await other.workforce.control.resume(id, in: gym.scope)
            gate.open()
            #expect(try await handles[0].outcome().execution.state == .completed)
        }
    }

    @Test func `a cancellation breaks off the model's call at once`() async throws {
        let id = try await enqueue()
        let model = ScriptedModel([.hang()])
        let engine = TestEngine(in: world, model: model) { _ in Self.twoThoughts }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            _ = try await engine.workforce.control.cancel(id, in: gym.scope)
            #expect(try await handles[0].outcome().execution.state == .cancelled)
            #expect(model.cancelled == 1)
        }
        let events = try await world.stores.events.events(after: 0, execution: id, limit: 100, in: gym.scope)
        #expect(events.last?.type == EventType.executionCancelled.rawValue)
    }

    @Test(arguments: [ControlRequest.pause, .cancel])
    func `what another process asks is passed on by the caretaker`(request: ControlRequest) async throws {
        let id = try await enqueue()
        let gate = Gate()
        let model = request == .cancel ? ScriptedModel([.hang()]) : Self.gated(gate)
        let engine = TestEngine(in: world, model: model) { _ in Self.twoThoughts }
        let other = TestEngine(in: world) { _ in Self.twoThoughts }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            switch request {
            case .pause: _ = try await other.workforce.control.pause(id, in: gym.scope)
            case .cancel: _ = try await other.workforce.control.cancel(id, in: gym.scope)
            }
            try await engine.workforce.caretaker.passRequestsOnce()
            gate.open()
            let state = try await handles[0].outcome().execution.state
            #expect(state == (request == .pause ? .paused : .cancelled))
        }
    }

    @Test func `what another process asks is also heard with the next record`() async throws {
        let id = try await enqueue()
        let gate = Gate()
        let model = Self.gated(gate)
        let engine = TestEngine(in: world, model: model) { _ in Self.twoThoughts }
        let other = TestEngine(in: world) { _ in Self.twoThoughts }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            _ = try await other.workforce.control.cancel(id, in: gym.scope)
            gate.open()
            #expect(try await handles[0].outcome().execution.state == .cancelled)
            #expect(model.requests.count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `a cancellation that comes while it pauses or parks is not lost`(pauses: Bool) async throws {
        let id = try await enqueue()
        let other = TestEngine(in: world) { _ in Self.twoThoughts }
        let scope = gym.scope
        let gate = Gate()
        // The write that lets go waits until the cancellation is there.
        // The first call tells, the second hears of the pause when it tells of itself, and is written when it has ended.
        let letGo = pauses ? 4 : 1
        let store = FaultyExecutionStore(world.stores.executions, gate: { if $0 == letGo { await gate.pass() } })
        let modelGate = Gate()
        let model = Self.gated(modelGate)
        let stages: [[ScriptedProgram.Stage]] =
            pauses ? [[.model("one")], [.model("two")]] : [[.wait(.input(question: "?", timeout: nil), name: "q")]]
        let engine = TestEngine(in: world, store: store, model: model) { _ in ScriptedProgram(stages: stages) }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            if pauses {
                for await _ in model.calls { break }
                _ = try await other.workforce.control.pause(id, in: scope)
                modelGate.open()
            }
            while store.writes < letGo { await Task.yield() }
            _ = try await other.workforce.control.cancel(id, in: scope)
            gate.open()
            _ = try await handles[0].outcome()
            #expect(try await world.stores.executions.execution(id, in: scope).state == .queued)
            #expect(try await engine.turn().map(\.execution.state) == [.cancelled])
        }
    }

    @Test func `a review of nothing, or of what has ended, is a conflict`() async throws {
        let engine = TestEngine(in: world) { _ in ScriptedProgram(stages: []) }
        var run = try await gym.begunTurn()
        let step = gym.step(0, of: run, kind: .tool, state: .needsReview)
        run.state = .cancelled
        try await gym.record(ExecutionRecord(execution: run, steps: [step]))
        for finding in [ExecutionControl.Finding.notDone, .done("x")] {
            let error = await #expect(throws: SpotterError.self) {
                try await engine.workforce.control.review(run.id, step: step.id, finding, in: gym.scope)
            }
            #expect(error?.code == .conflict)
        }
    }

    @Test func `an execution of another organisation is not found`() async throws {
        let engine = TestEngine(in: world) { _ in ScriptedProgram(stages: []) }
        let id = try await enqueue()
        let foreign = try await TestOrganization.make(in: world.stores)
        let control = engine.workforce.control
        let actions: [@Sendable () async throws -> Execution] = [
            { try await control.pause(id, in: foreign.scope) }, { try await control.resume(id, in: foreign.scope) },
            { try await control.cancel(id, in: foreign.scope) }, { try await control.retry(id, in: foreign.scope) },
            { try await control.answer(id, step: nil, with: 1, in: foreign.scope) },
            { try await control.review(id, step: foreign.id(), .notDone, in: foreign.scope) },
        ]
        for action in actions {
            let error = await #expect(throws: SpotterError.self) { try await action() }
            #expect(error?.code == .notFound)
        }
    }
}
