import Foundation
import SpotterDomain
@testable import SpotterEngine
import SpotterTesting
import Testing

/// Waits cost a row and nothing else, and end by a time, an answer or another execution.
@Suite(.timeLimit(.minutes(5))) struct WaitTests {
    private let world: TestEngine.World
    private var gym: TestOrganization { world.gym }
    private var executions: any ExecutionStore { world.stores.executions }

    init() async throws { world = try await TestEngine.World() }

    private func enqueue(input: JSONValue = [:], deadline: Date? = nil) async throws -> ExecutionID {
        let execution = Execution(
            id: gym.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: input, deadlineAt: deadline, createdAt: TestOrganization.start)
        _ = try await executions.enqueue([execution], receipt: nil, in: gym.scope)
        return execution.id
    }

    private func journal(_ id: ExecutionID) async throws -> Journal {
        try await executions.journal(of: id, in: gym.scope)
    }

    private func engine(_ stages: [[ScriptedProgram.Stage]]) -> TestEngine {
        TestEngine(in: world) { journal in
            journal.execution.parentId == nil ? ScriptedProgram(stages: stages) : Self.child
        }
    }

    /// A child does what its input says.
    private static let child = ScriptedProgram { journal in
        if journal.execution.input["fails"]?.bool == true {
            return [.fail(ExecutionError(code: "no_luck", message: "It went wrong."))]
        }
        if journal.execution.input["waits"]?.bool == true, journal.step(named: "q")?.state != .completed {
            return journal.step(named: "q") == nil ? [.wait(.input(question: "?", timeout: nil), name: "q")] : []
        }
        return [.finish(output: journal.execution.input, answer: nil)]
    }

    private func order(_ name: String, _ input: JSONValue = [:], timeout: Duration? = nil) -> ScriptedProgram.Stage {
        .child(
            ChildOrder(name: name, kind: .probe, agent: nil, agentVersion: nil, input: input, timeout: timeout))
    }

    /// Time goes on, and the process shows all the while that it lives.
    private func pass(_ seconds: Int, _ engine: TestEngine) {
        for _ in 0..<seconds {
            world.clock.advance(by: 1)
            engine.workforce.heart.beat()
        }
    }

    // MARK: Times

    @Test func `a timer ends at its time, and nothing is held until then`() async throws {
        let id = try await enqueue()
        let until = TestOrganization.start + 60
        let engine = engine([[.wait(.timer(until: until), name: "later")]])
        try await engine.working { () async throws in
            #expect(try await engine.turn().map(\.execution.state) == [.waiting])
            #expect(engine.workforce.pool.running == 0)
            #expect(try await journal(id).execution.wakeAt == until)
            pass(58, engine)
            #expect(try await engine.turn().isEmpty)
            world.clock.advance(by: 2)
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
            #expect(try await journal(id).steps.map(\.state) == [.completed])
        }
    }

    @Test func `a waiting execution fails at its deadline`() async throws {
        let id = try await enqueue(deadline: TestOrganization.start + 30)
        let engine = engine([[.wait(.input(question: "Sure?", timeout: nil), name: "ask")]])
        try await engine.working {
            try await engine.turn()
            pass(30, engine)
            #expect(try await engine.turn().map(\.execution.state) == [.failed])
        }
        let journal = try await journal(id)
        #expect(journal.execution.error?.code == "timed_out")
        #expect(journal.openWaits.isEmpty)
    }

    @Test func `a question nobody answers in time fails`() async throws {
        let id = try await enqueue()
        let engine = engine([[.wait(.input(question: "Sure?", timeout: .seconds(10)), name: "ask")]])
        try await engine.working {
            try await engine.turn()
            world.clock.advance(by: 10)
            #expect(try await engine.turn().map(\.execution.error?.code) == ["no_answer"])
            await #expect(throws: SpotterError.self) {
                try await engine.workforce.control.answer(id, step: nil, with: "yes", in: gym.scope)
            }
        }
    }

    @Test func `a run's figures are with those of what it began`() async throws {
        let id = try await enqueue()
        let call = ToolCall(id: "call-1", name: "act", arguments: [:])
        let engine = TestEngine(in: world, tools: [RecordingTool(effect: .none)]) { journal in
            ScriptedProgram(
                stages: journal.execution.parentId == nil
                    ? [[.child(Self.thinking("one")), .child(Self.thinking("two"))], [.tool(call)]]
                    : [[.model("think")]])
        }
        try await engine.working { for _ in 0..<4 { try await engine.turn() } }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.execution.usage.modelCalls == 2)
        let children = try await executions.list(
            ExecutionFilter(parent: id), PageRequest(), in: gym.scope
        ).items
        #expect(journal.execution.cost == children.map(\.cost).reduce(.zero, +))
        #expect(journal.steps.filter { $0.kind == .child }.allSatisfy { $0.usage?.modelCalls == 1 } == true)
    }

    private static func thinking(_ name: String) -> ChildOrder {
        ChildOrder(name: name, kind: .probe, agent: nil, agentVersion: nil, input: [:])
    }

    // MARK: Questions

    @Test func `an answer is what the program goes on with`() async throws {
        let id = try await enqueue()
        let engine = engine([[.wait(.input(question: "Sure?", timeout: nil), name: "ask")]])
        try await engine.working {
            try await engine.turn()
            let execution = try await engine.workforce.control.answer(id, step: nil, with: "yes", in: gym.scope)
            #expect(execution.state == .queued)
            #expect(try await engine.turn().map(\.execution.output) == [.array(["yes"])])
        }
    }

    @Test(arguments: ["", "   ", "\n\t"])
    func `an answer that says nothing is refused, and the question stays open`(_ text: String) async throws {
        let id = try await enqueue()
        let engine = engine([[.wait(.input(question: "Sure?", timeout: nil), name: "ask")]])
        try await engine.working {
            try await engine.turn()
            let control = engine.workforce.control
            let error = await #expect(throws: SpotterError.self) {
                try await control.answer(id, step: nil, with: .string(text), in: gym.scope)
            }
            #expect(error?.code == .invalid && error?.issues.map(\.pointer) == ["/answer"])
            #expect(try await control.answer(id, step: nil, with: "yes", in: gym.scope).state == .queued)
        }
    }

    @Test func `of two open questions the answer must say which`() async throws {
        let id = try await enqueue()
        let engine = engine([
            ["a", "b"].map { .wait(.input(question: "\($0)?", timeout: nil), name: $0) },
            [.wait(.timer(until: TestOrganization.start), name: "after")],
        ])
        try await engine.working {
            try await engine.turn()
            let control = engine.workforce.control
            let steps = try await self.journal(id).steps
            let error = await #expect(throws: SpotterError.self) {
                try await control.answer(id, step: nil, with: 1, in: gym.scope)
            }
            #expect(error?.issues.map(\.pointer) == ["/step_id"])
            _ = try await control.answer(id, step: steps[1].id, with: 2, in: gym.scope)
            #expect(try await engine.turn().map(\.execution.state) == [.waiting])
            let twice = await #expect(throws: SpotterError.self) {
                try await control.answer(id, step: steps[1].id, with: 3, in: gym.scope)
            }
            #expect(twice?.code == .conflict)
            let foreign = await #expect(throws: SpotterError.self) {
                try await control.answer(id, step: gym.id(), with: 3, in: gym.scope)
            }
            #expect(foreign?.code == .notFound)
            _ = try await control.answer(id, step: nil, with: 1, in: gym.scope)
            try await engine.turn()
            world.clock.advance(by: 1)
            try await engine.turn()
        }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.prefix(2).map(\.output) == [1, 2])
    }

    @Test func `an answer that comes while the run is about to park is not missed`() async throws {
        let id = try await enqueue()
        let gate = Gate()
        let tool = RecordingTool(
            effect: .none,
            work: { _ in
                await gate.pass()
                return "done"
            })
        let program = ScriptedProgram { journal in
            if journal.step(named: "ask") == nil { return [.wait(.input(question: "?", timeout: nil), name: "ask")] }
            if journal.step(named: "act")?.state != .completed {
                return [.callTools([ToolCall(id: "c", name: "act", arguments: [:])])]
            }
            guard let answer = journal.step(named: "ask")?.output else { return [] }
            return [.finish(output: answer, answer: nil)]
        }
        let engine = TestEngine(in: world, tools: [tool]) { _ in program }
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            while tool.calls.isEmpty { await Task.yield() }
            _ = try await engine.workforce.control.answer(id, step: nil, with: "early", in: gym.scope)
            gate.open()
            _ = try await handles[0].outcome()
            #expect(try await journal(id).execution.state == .queued)
            #expect(try await engine.turn().map(\.execution.output) == ["early"])
        }
    }

    // MARK: Children

    @Test func `ten children run, and the parent goes on with what they gave`() async throws {
        let id = try await enqueue()
        let engine = engine([(0..<10).map { order("child \($0)", ["n": .int(Int64($0))]) }])
        try await engine.working {
            try await engine.turn()
            #expect(engine.workforce.pool.running == 0)
        }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.map(\.output?["output"]) == (0..<10).map { ["n": .int(Int64($0))] })
        let children = try await executions.list(
            ExecutionFilter(parent: id), PageRequest(limit: 100), in: gym.scope)
        #expect(children.items.count == 10)
    }

    @Test func `a child that fails gives the parent its error, and the others are cancelled`() async throws {
        let id = try await enqueue()
        let engine = engine([[order("bad", ["fails": true]), order("slow", ["waits": true])]])
        try await engine.working { _ = try await engine.turn() }
        let journal = try await journal(id)
        #expect(journal.execution.error?.code == "no_luck")
        #expect(journal.steps.map(\.state) == [.failed, .failed])
        let slow = try #require(journal.step(named: "slow")?.child)
        #expect(try await executions.execution(slow, in: gym.scope).state == .cancelled)
    }

    @Test func `after a retry by a person also what was cancelled with the failure is begun anew`() async throws {
        let id = try await enqueue()
        let engine = engine([[order("bad", ["fails": true]), order("slow", ["waits": true])]])
        try await engine.working {
            _ = try await engine.turn()
            _ = try await engine.workforce.control.retry(id, in: gym.scope)
            _ = try await engine.turn()
        }
        let journal = try await journal(id)
        #expect(journal.steps.map(\.state) == [.superseded, .superseded, .failed, .failed])
        #expect(journal.execution.error?.code == "no_luck")
    }

    @Test func `a child has no more time than its parent`() async throws {
        let deadline = TestOrganization.start + 100
        let id = try await enqueue(deadline: deadline)
        let engine = engine([
            [
                order("short", ["waits": true], timeout: .seconds(10)),
                order("long", ["waits": true], timeout: .seconds(1_000)), order("free", ["waits": true]),
            ]
        ])
        try await engine.working { _ = try await engine.turn() }
        var deadlines: [Date?] = []
        for step in try await journal(id).steps {
            deadlines.append(try await executions.execution(#require(step.child), in: gym.scope).deadlineAt)
        }
        #expect(deadlines == [TestOrganization.start + 10, deadline, deadline])
    }

    @Test func `who cancels the parent cancels the children, and theirs`() async throws {
        let id = try await enqueue()
        let nested = ScriptedProgram { [order] journal in
            let depth = journal.execution.input["depth"]?.int ?? 0
            guard journal.steps.isEmpty else { return [] }
            if depth == 2 { return [.wait(.input(question: "?", timeout: nil), name: "q")] }
            guard case .child(let child) = order("c", ["depth": .int(Int64(depth + 1))], nil) else { return [] }
            return [.startChild(child)]
        }
        let engine = TestEngine(in: world) { _ in nested }
        try await engine.working {
            try await engine.turn()
            _ = try await engine.workforce.control.cancel(id, in: gym.scope)
        }
        let all = try await executions.list(ExecutionFilter(), PageRequest(limit: 100), in: gym.scope).items
        #expect(all.count == 3)
        #expect(all.allSatisfy { $0.state == .cancelled })
    }

    @Test func `a cancelled child is a failure for its parent`() async throws {
        let id = try await enqueue()
        let engine = engine([[order("slow", ["waits": true])]])
        try await engine.working {
            try await engine.turn()
            let child = try #require(try await journal(id).steps[0].child)
            _ = try await engine.workforce.control.cancel(child, in: gym.scope)
            #expect(try await engine.turn().map(\.execution.error?.code) == ["cancelled"])
        }
    }

    @Test func `what a lost process had begun is cancelled when it is given up`() async throws {
        let id = try await enqueue()
        let program = ScriptedProgram { journal in
            if journal.execution.parentId != nil {
                return journal.steps.isEmpty ? [.wait(.input(question: "?", timeout: nil), name: "q")] : []
            }
            guard journal.steps.isEmpty else {
                return [.callModel(ModelRequest(model: "m", system: "", messages: []), name: "think")]
            }
            let child = ChildOrder(name: "c", kind: .probe, agent: nil, agentVersion: nil, input: [:])
            return [.startChild(child)]
        }
        let model = ScriptedModel([.hang()])
        let store = FaultyExecutionStore(executions)
        let doomed = TestEngine(in: world, store: store, model: model) { _ in program }
        try await doomed.working {
            _ = await doomed.workforce.dispatcher.takeOnce()
            for await _ in model.calls { break }
            _ = try await doomed.workforce.control.cancel(id, in: gym.scope)
            store.die()
        }
        var all = try await executions.list(ExecutionFilter(), PageRequest(limit: 10), in: gym.scope).items
        #expect(Set(all.map(\.state)).isDisjoint(with: [.cancelled]))
        world.clock.advance(by: 25)
        let other = TestEngine(in: world) { _ in program }
        try await other.working { try await other.workforce.caretaker.rescueOnce() }
        all = try await executions.list(ExecutionFilter(), PageRequest(limit: 10), in: gym.scope).items
        #expect(all.map(\.state) == [.cancelled, .cancelled])
    }

    @Test func `what a run had begun is cancelled, with the reason, when whoever ended that run died just after`()
        async throws
    {
        let id = try await enqueue()
        let engine = engine([[order("asks", ["waits": true]), order("works")], []])
        try await engine.working {
            try await engine.workOff()
            let children = try await executions.list(ExecutionFilter(parent: id), PageRequest(limit: 9), in: gym.scope)
            let open = children.items.filter { !$0.state.isTerminal }
            #expect(open.map(\.state) == [.waiting])
            try await engine.workforce.caretaker.endOrphansOnce()
            for child in open { #expect(try await journal(child.id).execution.state == .waiting) }
            // What a cancellation writes first, and no more.
            _ = try await executions.change(id, at: world.clock.now(), receipt: nil, in: gym.scope) {
                $0.cancellation(at: world.clock.now())
            }
            try await engine.workforce.caretaker.endOrphansOnce()
            for child in open {
                let ended = try await journal(child.id)
                #expect(ended.execution.state == .cancelled)
                #expect(ended.openWaits.isEmpty)
                let told = try await world.stores.events.events(
                    after: 0, execution: child.id, limit: 99, in: gym.scope)
                #expect(told.last?.type == "execution.cancelled")
                #expect(told.last?.data == ["reason": "parent_ended"])
            }
        }
    }
}
