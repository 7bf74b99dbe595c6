import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// Runs of workflows that wait: for times, for people, for other workflows; and what is done to them meanwhile.
@Suite(.timeLimit(.minutes(5))) struct WorkflowWaitTests {
    private let fixture: FlowFixture

    init() async throws { fixture = try await FlowFixture() }

    private typealias F = FlowFixture

    private func approval(of id: ExecutionID) async throws -> Approval {
        try #require(
            try await fixture.world.stores.approvals.list(
                ApprovalFilter(execution: id), PageRequest(), in: fixture.gym.scope
            ).items.first)
    }

    private func decide(_ id: ExecutionID, _ approved: Bool) async throws {
        _ = try await fixture.engine().workforce.control.decide(
            try await approval(of: id).id, of: id, fixture.gym.vote(approved), in: fixture.gym.scope)
        try await fixture.work()
    }

    private func state(of id: ExecutionID) async throws -> ExecutionState {
        try await fixture.journal(id).execution.state
    }

    // MARK: Times

    @Test func `a wait ends at its time, and costs nothing until then`() async throws {
        let id = try await fixture.start(
            F.definition([F.node("pause", .wait, ["duration_ms": 60_000]), F.task("a")], ["pause > a"]))
        try await fixture.work()
        #expect(try await state(of: id) == .waiting)
        try await fixture.pass(30)
        #expect(fixture.agents.asked.isEmpty)
        try await fixture.pass(31)
        #expect(try await state(of: id) == .completed)
        #expect(fixture.agents.asked == ["a"])
    }

    @Test func `how long a wait is may be worked out, and need not be any time at all`() async throws {
        let definition = F.definition(
            [F.node("pause", .wait, ["duration_ms": "{{vars.minutes * 60000}}"]), F.task("a")], ["pause > a"],
            variables: ["minutes": WorkflowVariable(type: .number, default: 2)])
        let id = try await fixture.start(definition)
        try await fixture.work()
        try await fixture.pass(119)
        #expect(try await state(of: id) == .waiting)
        try await fixture.pass(2)
        #expect(try await state(of: id) == .completed)
        var others = definition
        others.name = "Other"
        let at = fixture.world.clock.now()
        let workflow = try await fixture.workflows.create(others, at: at, in: fixture.gym.scope)
        func run(_ minutes: JSONValue) async throws -> Execution {
            let run = try await fixture.workflows.start(
                workflow.id, .init(input: ["minutes": minutes]), at: at, in: fixture.gym.scope)
            try await fixture.work()
            return try await fixture.journal(run).execution
        }
        #expect(try await run(0).state == .completed)
        #expect(try await run(-1).error?.code == "wait_unreadable")
        #expect(try await run(1e30).error?.code == "wait_unreadable")
    }

    @Test func `a wait for a time can be ended before it, and nothing else that is awaited`() async throws {
        let id = try await fixture.start(
            F.definition(
                [
                    F.node("pause", .wait, ["duration_ms": 60_000]), F.node("ask", .humanApproval, ["message": "?"]),
                    F.task("a"),
                ], ["pause > ask", "ask > a"], timeoutMs: 600_000))
        try await fixture.work()
        let control = fixture.engine().workforce.control
        _ = try await control.force(id, step: nil, in: fixture.gym.scope)
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.currentStep?.contains("ask") == true)
        await #expect(throws: SpotterError.self) { try await control.force(id, step: nil, in: fixture.gym.scope) }
        try await decide(id, true)
        #expect(try await state(of: id) == .completed)
        await #expect(throws: SpotterError.self) { try await control.force(id, step: nil, in: fixture.gym.scope) }
    }

    @Test func `a paused run that is forced goes on, whether it waits for a time or not`() async throws {
        let control = fixture.engine().workforce.control
        let waiting = try await fixture.start(F.definition([F.node("pause", .wait, ["duration_ms": 60_000])], []))
        try await fixture.work()
        #expect(try await control.pause(waiting, in: fixture.gym.scope).state == .paused)
        #expect(try await control.force(waiting, step: nil, in: fixture.gym.scope).state == .queued)
        try await fixture.work()
        #expect(try await state(of: waiting) == .completed)

        let asking = try await fixture.start(
            F.definition([F.node("ask", .humanApproval, ["message": "?"])], [], name: "Asking"))
        try await fixture.work()
        await #expect(throws: SpotterError.self) { try await control.force(asking, step: nil, in: fixture.gym.scope) }
        _ = try await control.pause(asking, in: fixture.gym.scope)
        #expect(try await control.force(asking, step: nil, in: fixture.gym.scope).state == .queued)
        try await fixture.work()
        // It goes on awaiting what people say.
        #expect(try await state(of: asking) == .waiting)
        try await decide(asking, true)
        #expect(try await state(of: asking) == .completed)
    }

    @Test func `a wait may end at a time that the run is given`() async throws {
        let until = Timestamp.string(from: fixture.world.clock.now() + 120)
        let id = try await fixture.start(
            F.definition([F.node("pause", .wait, ["until": "{{input.at}}"])], []), input: ["at": .string(until)])
        try await fixture.pass(60)
        #expect(try await state(of: id) == .waiting)
        try await fixture.pass(61)
        #expect(try await state(of: id) == .completed)
        let other = try await fixture.run(
            F.definition([F.node("pause", .wait, ["until": "{{input.at}}"])], [], name: "Other"),
            input: ["at": "tomorrow"])
        #expect(other.error?.code == "time_unreadable")
    }

    @Test func `a question waits for its answer, which the nodes behind are given`() async throws {
        let id = try await fixture.start(
            F.definition(
                [
                    F.node("ask", .wait, ["question": "How much for {{input.who}}?"]),
                    F.task("a", "{{nodes.ask.output.answer}}"),
                ], ["ask > a"]), input: ["who": "Ana"])
        try await fixture.work()
        let step = try #require(try await fixture.journal(id).steps.first { $0.kind == .input })
        #expect(step.input["question"] == "How much for Ana?")
        _ = try await fixture.engine().workforce.control.answer(
            id, step: nil, with: "Forty", in: fixture.gym.scope)
        try await fixture.work()
        #expect(fixture.agents.asked == ["Forty"])
    }

    @Test func `a run that takes longer than its limit fails, and what is under way is cancelled`() async throws {
        fixture.agents.answer { _, _, _ in .success(.null) }
        let id = try await fixture.start(F.definition([F.task("a")], [], timeoutMs: 30_000))
        try await fixture.work()
        try await fixture.pass(31)
        #expect(try await fixture.journal(id).execution.error?.code == "timed_out")
        #expect(try await fixture.children(of: id).map(\.state) == [.cancelled])
    }

    @Test func `a time that has not come is not over because something else came just before`() async throws {
        let quick = try await fixture.start(F.definition([F.task("a")], [], timeoutMs: 700))
        try await fixture.work()
        #expect(try await fixture.journal(quick).execution.state == .completed)
        let beside = try await fixture.start(
            F.definition(
                [F.node("both", .parallel), F.task("a"), F.node("pause", .wait, ["duration_ms": 900])],
                ["both > a", "both > pause"], name: "Beside"))
        try await fixture.work()
        #expect(try await fixture.journal(beside).execution.currentStep == "pause")
        #expect(try await state(of: beside) == .waiting)
        try await fixture.pass(1)
        #expect(try await state(of: beside) == .completed)
    }

    @Test func `a run that is done in time leaves no timer behind`() async throws {
        let id = try await fixture.start(F.definition([F.task("a")], [], timeoutMs: 30_000))
        try await fixture.work()
        let journal = try await fixture.journal(id)
        #expect(journal.execution.state == .completed)
        #expect(journal.openWaits.isEmpty)
    }

    // MARK: People

    private static let gate = F.definition(
        [
            F.node("ask", .humanApproval, ["message": "Deploy {{input.version}}?", "timeout_ms": 60_000]),
            F.task("deploy"), F.task("drop"),
        ], ["ask > deploy", "ask > drop if nodes.ask.approved == false"])

    @Test func `what people approve goes on, and what they refuse goes the other way`() async throws {
        let id = try await fixture.start(Self.gate, input: ["version": "2.1"])
        try await fixture.work()
        #expect(try await approval(of: id).message == "Deploy 2.1?")
        try await decide(id, true)
        #expect(fixture.agents.asked == ["deploy"])
        #expect(try await state(of: id) == .completed)

        let workflow = try await fixture.workflows.list(search: nil, PageRequest(), in: fixture.gym.scope).items[0]
        let other = try await fixture.workflows.start(
            workflow.id, .init(input: ["version": "2.2"]), at: fixture.world.clock.now(), in: fixture.gym.scope)
        try await fixture.work()
        try await decide(other, false)
        #expect(fixture.agents.asked == ["deploy", "drop"])
    }

    @Test func `a refusal that no edge has a use for fails the run`() async throws {
        let id = try await fixture.start(
            F.definition([F.node("ask", .humanApproval, ["message": "May it?"]), F.task("a")], ["ask > a"]))
        try await fixture.work()
        try await decide(id, false)
        #expect(try await fixture.journal(id).execution.error?.code == "approval_rejected")
        #expect(fixture.agents.asked.isEmpty)
    }

    @Test func `who is asked is told again, and then others may decide, too`() async throws {
        let id = try await fixture.start(
            F.definition(
                [
                    F.node(
                        "ask", .humanApproval,
                        [
                            "message": "May it?", "approvers": ["role:owner"], "timeout_ms": 60_000,
                            "remind_after_ms": 10_000, "escalate_after_ms": 20_000, "escalate_to": ["role:staff"],
                        ])
                ], []))
        try await fixture.work()
        try await fixture.pass(12)
        #expect(try await approval(of: id).isReminded)
        #expect(try await !approval(of: id).isEscalated)
        try await fixture.pass(10)
        let asked = try await approval(of: id)
        #expect(asked.isEscalated)
        #expect(asked.deciders(at: fixture.world.clock.now()) == [.role(.owner), .role(.staff)])
    }

    @Test func `nobody's answer in time counts as the node says`() async throws {
        let id = try await fixture.start(Self.gate, input: ["version": "2.1"])
        try await fixture.work()
        try await fixture.pass(62)
        #expect(fixture.agents.asked == ["drop"])
        #expect(try await state(of: id) == .completed)
        let other = try await fixture.start(
            F.definition(
                [
                    F.node(
                        "ask", .humanApproval, ["message": "May it?", "timeout_ms": 60_000, "on_timeout": "expire"])
                ], [], name: "Other"))
        try await fixture.work()
        try await fixture.pass(62)
        #expect(try await fixture.journal(other).execution.error?.code == "approval_expired")
    }

    // MARK: Other workflows

    @Test func `a workflow runs another and is given what it came to`() async throws {
        _ = try await fixture.workflows.create(
            F.definition([F.task("inner", "inner {{input.word}}")], [], name: "Inner"),
            at: fixture.world.clock.now(), in: fixture.gym.scope)
        let execution = try await fixture.run(
            F.definition(
                [
                    F.node("sub", .subWorkflow, ["workflow": "Inner", "input": ["word": "{{input.word}}"]]),
                    F.task("after", "{{nodes.sub.output.outputs.inner.content}}"),
                ], ["sub > after"]), input: ["word": "hello"])
        #expect(execution.state == .completed)
        #expect(fixture.agents.asked == ["inner hello", "done: inner hello"])
    }

    @Test func `a workflow that runs itself ends with a reason`() async throws {
        let now = fixture.world.clock.now()
        let made = try await fixture.workflows.create(
            F.definition([F.task("a")], [], name: "Again"), at: now, in: fixture.gym.scope)
        let again = F.definition([F.node("sub", .subWorkflow, ["workflow": "Again"])], [], name: "Again")
        let error = await #expect(throws: SpotterError.self) {
            try await fixture.workflows.update(made, to: again, at: now, in: fixture.gym.scope)
        }
        #expect(error?.code == .unprocessable)
        #expect(error?.issues.map(\.pointer) == ["/nodes/0/config/workflow"])
        // One that came to be so all the same, by a change of name, say, is stopped where it runs.
        try await fixture.world.stores.workflows.update(
            Workflow(id: made.id, version: 2, definition: again, createdAt: now, updatedAt: now), in: fixture.gym.scope)
        let id = try await fixture.workflows.start(made.id, .init(), at: now, in: fixture.gym.scope)
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.error?.code == "depth_limit_reached")
    }

    @Test func `workflows that run each other are refused, and a tree of them is not`() async throws {
        let (scope, now) = (fixture.gym.scope, fixture.world.clock.now())
        func definition(_ name: String, _ runs: String?) -> WorkflowDefinition {
            F.definition(
                [runs.map { F.node("sub", .subWorkflow, ["workflow": .string($0)]) } ?? F.task("a")], [], name: name)
        }
        let last = try await fixture.workflows.create(definition("Last", nil), at: now, in: scope)
        _ = try await fixture.workflows.create(definition("Middle", "Last"), at: now, in: scope)
        _ = try await fixture.workflows.create(definition("First", "Middle"), at: now, in: scope)
        await #expect(throws: SpotterError.self) {
            try await fixture.workflows.update(last, to: definition("Last", "First"), at: now, in: scope)
        }
    }

    // MARK: Versions and control

    @Test func `a run keeps the version that it began with, also when the workflow is deleted`() async throws {
        let definition = F.definition(
            [F.node("pause", .wait, ["duration_ms": 60_000]), F.task("old")], ["pause > old"])
        let id = try await fixture.start(definition)
        try await fixture.work()
        let scope = fixture.gym.scope
        let workflow = try await fixture.workflows.list(search: nil, PageRequest(), in: scope).items[0]
        let changed = try await fixture.workflows.update(
            workflow, to: F.definition([F.task("new")], []), at: fixture.world.clock.now(), in: scope)
        #expect(changed.version == 2)
        try await fixture.workflows.delete(workflow.id, version: nil, in: scope)
        try await fixture.pass(61)
        #expect(try await state(of: id) == .completed)
        #expect(fixture.agents.asked == ["old"])
    }

    @Test func `a rollback makes the old graph the newest version`() async throws {
        let (scope, now) = (fixture.gym.scope, fixture.world.clock.now())
        let first = try await fixture.workflows.create(F.definition([F.task("one")], []), at: now, in: scope)
        _ = try await fixture.workflows.update(first, to: F.definition([F.task("two")], []), at: now, in: scope)
        let back = try await fixture.workflows.rollback(first.id, to: 1, at: now, in: scope)
        #expect(back.version == 3)
        #expect(back.definition == first.definition)
    }

    @Test func `a paused run begins nothing until it is resumed`() async throws {
        let id = try await fixture.start(
            F.definition([F.node("pause", .wait, ["duration_ms": 10_000]), F.task("a")], ["pause > a"]))
        try await fixture.work()
        let control = fixture.engine().workforce.control
        _ = try await control.pause(id, in: fixture.gym.scope)
        try await fixture.pass(20)
        #expect(try await state(of: id) == .paused)
        _ = try await control.resume(id, in: fixture.gym.scope)
        try await fixture.work()
        #expect(try await state(of: id) == .completed)
    }

    @Test func `a cancelled run takes everything along that it began`() async throws {
        fixture.agents.answer { _, _, _ in .success(.null) }
        let id = try await fixture.start(F.definition([F.task("a"), F.task("b")], []))
        try await fixture.work()
        _ = try await fixture.engine().workforce.control.cancel(id, in: fixture.gym.scope)
        #expect(try await state(of: id) == .cancelled)
        #expect(try await fixture.children(of: id).map(\.state) == [.cancelled, .cancelled])
    }
}
