import Foundation
import SpotterDomain
@testable import SpotterEngine
import SpotterTesting
import Testing

/// Runs that wait for people's approval: they cost a row, and what is approved is done once, exactly as it was shown.
@Suite(.timeLimit(.minutes(5))) struct ApprovalRunTests {
    private let world: TestEngine.World
    private var gym: TestOrganization { world.gym }
    private var executions: any ExecutionStore { world.stores.executions }

    init() async throws { world = try await TestEngine.World() }

    private static let call = ToolCall(id: "call-1", name: "send_mail", arguments: ["to": "ana@gym.test"])
    private static let other = ToolCall(id: "call-2", name: "act", arguments: [:])
    private static let asking = ToolPolicy(rules: [PolicyRule(tools: ["send_mail"], then: .ask, reason: "Ask first.")])

    private func enqueue(input: JSONValue = [:]) async throws -> ExecutionID {
        let execution = Execution(
            id: gym.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: input, createdAt: TestOrganization.start)
        _ = try await executions.enqueue([execution], receipt: nil, in: gym.scope)
        return execution.id
    }

    private func engine(
        _ tools: [any Tool], _ stages: [[ScriptedProgram.Stage]] = [[.tool(call)]], policy: ToolPolicy = asking,
        store: FaultyExecutionStore? = nil
    ) -> TestEngine {
        TestEngine(in: world, store: store, tools: tools, policy: policy) { _ in ScriptedProgram(stages: stages) }
    }

    private func journal(_ id: ExecutionID) async throws -> Journal {
        try await executions.journal(of: id, in: gym.scope)
    }

    private func asked(_ id: ExecutionID) async throws -> Approval {
        try #require(
            try await world.stores.approvals.list(
                ApprovalFilter(execution: id), PageRequest(limit: 10), in: gym.scope
            ).items.first)
    }

    @discardableResult
    private func decide(_ approval: Approval, _ vote: ApprovalVote, _ engine: TestEngine) async throws -> Approval {
        try await engine.workforce.control.decide(approval.id, of: approval.execution, vote, in: gym.scope)
    }

    private func types(_ id: ExecutionID) async throws -> [String] {
        try await world.stores.events.events(after: 0, execution: id, limit: 1_000, in: gym.scope).map(\.type)
    }

    private func result(_ journal: Journal) throws -> ToolResult {
        try #require(journal.steps.last { $0.kind == .tool }?.output).decodedUnchecked(as: ToolResult.self)
    }

    private func lastResult(_ id: ExecutionID) async throws -> ToolResult { try result(try await journal(id)) }

    // MARK: Asking about a call

    @Test func `a call that is asked about is not made before it is approved, and then once`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let engine = engine([tool])
        try await engine.working {
            #expect(try await engine.turn().map(\.execution.state) == [.waiting])
            #expect(engine.workforce.pool.running == 0)
            #expect(tool.sent.isEmpty)
            let approval = try await asked(id)
            #expect(approval.tool == "send_mail")
            #expect(approval.arguments == Self.call.arguments)
            #expect(approval.argumentsHash.count == 64)
            #expect(approval.message.contains("Ask first."))
            #expect(approval.expiresAt == TestOrganization.start + 86_400)
            #expect(try await self.journal(id).execution.wakeAt == approval.expiresAt)
            #expect(try await engine.turn().isEmpty)
            try await decide(approval, gym.vote(hash: approval.argumentsHash), engine)
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
        }
        let journal = try await journal(id)
        let step = try #require(journal.steps.last)
        #expect(tool.sent == [MailTool.Sent(to: "ana@gym.test", effectKey: step.id.description)])
        #expect(journal.steps.map(\.kind) == [.approval, .tool])
        let types = try await types(id)
        #expect(types.count { $0 == "approval.requested" } == 1)
        #expect(types.count { $0 == "approval.decided" } == 1)
        #expect(types.count { $0 == "tool.completed" } == 1)
    }

    @Test func `a rejected call gives the model the comment, and has no effect`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let engine = engine([tool])
        try await engine.working {
            try await engine.turn()
            try await decide(asked(id), gym.vote(false, comment: "She has left."), engine)
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
        }
        #expect(tool.sent.isEmpty)
        let result = try await lastResult(id)
        #expect(result.isError)
        #expect(result.text.contains("She has left."))
    }

    @Test func `a denied call gives the model the reason, and nobody is asked`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let policy = ToolPolicy(rules: [PolicyRule(then: .deny, reason: "Never on Sundays.")])
        let engine = engine([tool], policy: policy)
        try await engine.working { _ = try await engine.turn() }
        #expect(tool.sent.isEmpty)
        let journal = try await journal(id)
        #expect(journal.steps.map(\.kind) == [.tool])
        #expect(try result(journal).text.contains("Never on Sundays."))
        #expect(try result(journal).isError)
    }

    @Test func `calls beside it are made meanwhile, and once`() async throws {
        let (id, tool, act) = (try await enqueue(), MailTool(), RecordingTool(effect: .keyed))
        let engine = engine([tool, act], [[.tool(Self.call), .tool(Self.other)]])
        try await engine.working {
            #expect(try await engine.turn().map(\.execution.state) == [.waiting])
            #expect(act.calls.count == 1)
            try await decide(asked(id), gym.vote(), engine)
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
        }
        #expect(act.calls.count == 1)
        #expect(tool.sent.count == 1)
    }

    @Test func `an approval that comes while another call is under way is not missed`() async throws {
        let (id, tool, gate) = (try await enqueue(), MailTool(), Gate())
        let act = RecordingTool(
            effect: .none,
            work: { _ in
                await gate.pass()
                return "done"
            })
        let engine = engine([tool, act], [[.tool(Self.call), .tool(Self.other)]])
        try await engine.working {
            let handles = await engine.workforce.dispatcher.takeOnce()
            while act.calls.isEmpty { await Task.yield() }
            try await decide(asked(id), gym.vote(), engine)
            gate.open()
            _ = try await handles[0].outcome()
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
        }
        #expect(tool.sent.count == 1)
    }

    @Test func `wrong arguments are the model's to mend, and nobody is asked about them`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let wrong = ToolCall(id: "c", name: "send_mail", arguments: ["too": "ana@gym.test"])
        let engine = engine([tool], [[.tool(wrong)]])
        try await engine.working { () async throws in
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
        }
        #expect(try await lastResult(id).text.contains("/to"))
    }

    @Test func `other arguments than those that were approved are not run`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let first = engine([tool])
        try await first.working {
            try await first.turn()
            try await decide(asked(id), gym.vote(), first)
        }
        // A program that changes its mind under the same id.
        let changed = ToolCall(id: "call-1", name: "send_mail", arguments: ["to": "eve@evil.test"])
        let second = engine([tool], [[.tool(changed)]])
        try await second.working { _ = try await second.turn() }
        #expect(tool.sent.isEmpty)
        #expect(try await lastResult(id).text.contains("not those that were approved"))
    }

    @Test func `a rule that denies by now holds also for what was approved`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let first = engine([tool])
        try await first.working {
            try await first.turn()
            try await decide(asked(id), gym.vote(), first)
        }
        let second = engine([tool], policy: ToolPolicy(rules: [PolicyRule(then: .deny)]))
        try await second.working { _ = try await second.turn() }
        #expect(tool.sent.isEmpty)
    }

    // MARK: Deciding

    @Test func `of two who decide at once one decides`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let engine = engine([tool])
        try await engine.working {
            try await engine.turn()
            let approval = try await asked(id)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask { (try? await decide(approval, gym.vote(number % 2 == 0), engine)) != nil }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 } == 1)
            try await engine.turn()
            let decided = try await asked(id)
            #expect(tool.sent.count == (decided.state == .approved ? 1 : 0))
            #expect(decided.decisions.count == 1)
        }
    }

    @Test func `a decision twice, by the wrong role, or of another organisation changes nothing`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let engine = engine([tool])
        let other = try await TestOrganization.make(in: world.stores)
        try await engine.working {
            try await engine.turn()
            let approval = try await asked(id)
            let staff = await #expect(throws: SpotterError.self) {
                try await decide(approval, gym.vote(as: .staff), engine)
            }
            #expect(staff?.code == .unprocessable)
            let stranger = await #expect(throws: SpotterError.self) {
                try await engine.workforce.control.decide(
                    approval.id, of: approval.execution, other.vote(), in: other.scope)
            }
            #expect(stranger?.code == .notFound)
            #expect(try await engine.turn().isEmpty)
            try await decide(approval, gym.vote(), engine)
            let twice = await #expect(throws: SpotterError.self) { try await decide(approval, gym.vote(), engine) }
            #expect(twice?.code == .conflict)
            try await engine.turn()
        }
        #expect(tool.sent.count == 1)
    }

    @Test func `nobody's answer is a no, and later ones are refused`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let brief = ToolPolicy(rules: Self.asking.rules, terms: ApprovalTerms(timeout: .seconds(10)))
        let engine = engine([tool], policy: brief)
        try await engine.working {
            try await engine.turn()
            let approval = try await asked(id)
            world.clock.advance(by: 10)
            let late = await #expect(throws: SpotterError.self) { try await decide(approval, gym.vote(), engine) }
            #expect(late?.code == .conflict)
            #expect(try await engine.turn().map(\.execution.state) == [.completed])
            #expect(try await asked(id).state == .rejected)
        }
        #expect(tool.sent.isEmpty)
        #expect(try await lastResult(id).text.contains("Nobody approved it in time"))
        #expect(try await self.types(id).count { $0 == "approval.expired" } == 1)
    }

    @Test func `a cancelled run asks nobody any more`() async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let engine = engine([tool])
        try await engine.working {
            try await engine.turn()
            let approval = try await asked(id)
            _ = try await engine.workforce.control.cancel(id, in: gym.scope)
            #expect(try await asked(id).state == .expired)
            await #expect(throws: SpotterError.self) { try await decide(approval, gym.vote(), engine) }
        }
        #expect(tool.sent.isEmpty)
    }

    // MARK: A program's own question

    private static func wait(_ terms: ApprovalTerms) -> [[ScriptedProgram.Stage]] {
        [[.wait(.approval(ApprovalOrder(message: "Deploy?", terms: terms)), name: "gate")]]
    }

    @Test func `a program that asks goes on with what was said`() async throws {
        let id = try await enqueue()
        let engine = engine([], Self.wait(ApprovalTerms(mode: .quorum(2))))
        try await engine.working {
            try await engine.turn()
            try await decide(asked(id), gym.vote(comment: "One."), engine)
            #expect(try await engine.turn().isEmpty)
            #expect(try await asked(id).decisions.count == 1)
            try await decide(asked(id), gym.vote(as: .admin), engine)
            let output = try await engine.turn().first?.execution.output
            #expect(output?[0]?["approved"] == true)
            #expect(output?[0]?["decisions"]?.array?.count == 2)
        }
    }

    @Test func `a program's question that expires fails its step`() async throws {
        let id = try await enqueue()
        let terms = ApprovalTerms(timeout: .seconds(10), onTimeout: .expire)
        let engine = engine([], Self.wait(terms))
        try await engine.working {
            try await engine.turn()
            world.clock.advance(by: 10)
            #expect(try await engine.turn().map(\.execution.error?.code) == ["approval_expired"])
        }
        #expect(try await asked(id).state == .expired)
    }

    @Test func `who may decide is told again, others are asked, and each of it is told once`() async throws {
        let id = try await enqueue()
        let terms = ApprovalTerms(
            timeout: .seconds(12), onTimeout: .approve, reminder: .seconds(4),
            escalation: .init(after: .seconds(8), to: [.role(.staff)]))
        let engine = engine([], Self.wait(terms))
        func told() async throws -> [String] {
            try await world.stores.events.events(after: 0, execution: id, limit: 1_000, in: gym.scope).map(\.type)
                .filter { $0.hasPrefix("approval.") }
        }
        try await engine.working {
            try await engine.turn()
            world.clock.advance(by: 4)
            #expect(try await engine.turn().map(\.execution.state) == [.waiting])
            #expect(try await told() == ["approval.requested", "approval.reminded"])
            #expect(try await executions.execution(id, in: gym.scope).state == .waiting)
            world.clock.advance(by: 4)
            #expect(try await engine.turn().map(\.execution.state) == [.waiting])
            #expect(try await told().last == "approval.escalated")
            #expect(try await asked(id).isEscalated)
            world.clock.advance(by: 4)
            let output = try await engine.turn().first?.execution.output
            #expect(output?[0]?["approved"] == true)
            #expect(try await told().count == 4)
        }
        #expect(try await asked(id).state == .approved)
    }

    // MARK: Crashes

    static let faults = (1...4).flatMap { write in
        [FaultyExecutionStore.Fault.deathBefore, .deathAfter].map { ($0, write) }
    }

    /// Four writes: asked and parked; then, when it was approved, the call's entry, its result, the end.
    @Test(arguments: faults)
    func `a crash at any write neither loses an approval nor asks or acts twice`(
        fault: FaultyExecutionStore.Fault, write: Int
    ) async throws {
        let (id, tool) = (try await enqueue(), MailTool())
        let store = FaultyExecutionStore(executions, faults: [write: fault])
        let first = engine([tool], store: store)
        // Decides as soon as somebody is asked, past the process that dies.
        let control = ExecutionControl(store: executions, clock: world.clock)
        func decideIfAsked() async throws {
            let pending = ApprovalFilter(state: .pending)
            for approval in try await world.stores.approvals.list(pending, PageRequest(limit: 9), in: gym.scope).items {
                _ = try await control.decide(approval.id, of: approval.execution, gym.vote(), in: gym.scope)
            }
        }
        try await first.working {
            _ = try await first.workOff()
            try await decideIfAsked()
            _ = try await first.workOff()
        }
        world.clock.advance(by: 25)
        let second = engine([tool])
        try await second.working {
            _ = try await second.turn()
            try await decideIfAsked()
            _ = try await second.turn()
        }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.map(\.kind) == [.approval, .tool])
        #expect(Set(tool.sent.map(\.effectKey)) == Set(journal.steps.suffix(1).map(\.id.description)))
        let types = try await types(id)
        #expect(types.count { $0 == "approval.requested" } == 1)
        #expect(types.count { $0 == "approval.decided" } == 1)
    }

    // MARK: Children

    @Test func `what a tainted run begins is tainted, and what it gives back taints`() async throws {
        let id = try await enqueue(input: try JSONValue.object(JSONObject()).with(ExecutionOrigin(isUntrusted: true)))
        let child = ChildOrder(
            name: "child", kind: .probe, agent: nil, agentVersion: nil, input: ["to": "eve@evil.test"])
        let tool = MailTool()
        let engine = TestEngine(in: world, tools: [tool]) { journal in
            if journal.execution.parentId == nil { return ScriptedProgram(stages: [[.child(child)]]) }
            return ScriptedProgram { _ in [.finish(output: ["answer": 1], answer: nil)] }
        }
        try await engine.working { _ = try await engine.turn() }
        let journal = try await journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.first?.output?["is_untrusted"] == true)
        let begun = try #require(journal.steps.first?.child)
        let execution = try await executions.execution(begun, in: gym.scope)
        #expect(ExecutionOrigin(of: execution).isUntrusted == true)
    }
}
