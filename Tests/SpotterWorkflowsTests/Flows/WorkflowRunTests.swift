import Foundation
import SpotterDomain
@testable import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// What a run of a workflow does, node by node.
@Suite(.timeLimit(.minutes(5))) struct WorkflowRunTests {
    private let fixture: FlowFixture

    init() async throws { fixture = try await FlowFixture() }

    private typealias F = FlowFixture

    // MARK: Ways

    @Test func `one node is given what another came to`() async throws {
        let execution = try await fixture.run(
            F.definition(
                [F.task("look"), F.task("write", "Write: {{nodes.look.output.content}} for {{input.who}}")],
                ["look > write"]), input: ["who": "Ana"])
        #expect(execution.state == .completed)
        #expect(fixture.agents.asked == ["look", "Write: done: look for Ana"])
        #expect(execution.output?["outputs"]?["write"]?["content"] == "done: Write: done: look for Ana")
        #expect(execution.output?["path"] == ["look", "write"])
    }

    @Test(arguments: [(5, "small"), (50, "large"), (500, "huge")])
    func `a decision takes the first edge whose condition holds, or else the one without`(
        size: Int, way: String
    ) async throws {
        let execution = try await fixture.run(
            F.definition(
                [F.node("choose", .decision), F.task("small"), F.task("large"), F.task("huge"), F.task("last")],
                [
                    "choose > small if input.size < 10", "choose > large if input.size < 100", "choose > huge",
                    "small > last", "large > last", "huge > last",
                ]), input: ["size": .int(Int64(size))])
        #expect(execution.state == .completed)
        #expect(fixture.agents.asked == [way, "last"])
    }

    @Test func `a decision without a way out fails the run and says where`() async throws {
        let execution = try await fixture.run(
            F.definition([F.node("choose", .decision), F.task("a")], ["choose > a if input.go == true"]))
        #expect(execution.error?.code == "no_branch_taken")
        #expect(execution.error?.message.contains("choose") == true)
    }

    @Test func `branches run side by side and meet in a join`() async throws {
        let id = try await fixture.start(
            F.definition(
                [
                    F.node("fork", .parallel), F.task("a"), F.task("b"), F.task("c"), F.node("meet", .join),
                    F.task("end"),
                ],
                ["fork > a", "fork > b", "fork > c", "a > meet", "b > meet", "c > meet", "meet > end"]))
        let engine = fixture.engine()
        try await engine.working { () async throws in
            _ = try await engine.workforce.dispatcher.takeOnce().first?.outcome()
            #expect(try await fixture.children(of: id).count == 3)
        }
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.state == .completed)
        #expect(Set(fixture.agents.asked.prefix(3)) == ["a", "b", "c"])
        #expect(fixture.agents.asked.last == "end")
    }

    @Test func `only so many nodes are under way at once`() async throws {
        fixture.agents.answer { _, _, _ in .success(.null) }
        let names = (1...9).map { "n\($0)" }
        let id = try await fixture.start(
            F.definition(names.map { F.task($0) }, [], maxParallel: 4))
        try await fixture.work()
        #expect(try await fixture.children(of: id).count == 4)
        #expect(try await fixture.progress(id).currentNodes == ["n1", "n2", "n3", "n4"])
    }

    @Test func `a join of the first goes on without the others, which are cancelled at the end`() async throws {
        fixture.agents.answer { content, _, _ in content == "slow" ? .success(.null) : nil }
        let id = try await fixture.start(
            F.definition(
                [F.task("quick"), F.task("slow"), F.node("meet", .join, ["mode": "any"]), F.task("end")],
                ["quick > meet", "slow > meet", "meet > end"]))
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.state == .completed)
        #expect(fixture.agents.asked.count { $0 == "end" } == 1)
        let slow = try await fixture.children(of: id).first { $0.input["parameters"]?["content"] == "slow" }
        #expect(slow?.state == .cancelled)
    }

    @Test func `a quorum that cannot be reached fails with the reason`() async throws {
        let execution = try await fixture.run(
            F.definition(
                [F.task("a"), F.task("b"), F.task("c"), F.node("meet", .join, ["mode": ["quorum": 3]])],
                ["a > meet", "b > meet", "c > meet if input.more == true"]))
        #expect(execution.error?.code == "quorum_not_reached")
    }

    @Test func `what nothing leads to any more is passed over`() async throws {
        let id = try await fixture.start(
            F.definition(
                [F.task("a"), F.task("b"), F.task("c"), F.task("d")],
                ["a > b if input.go == true", "b > c", "a > d", "c > d"]))
        try await fixture.work()
        #expect(fixture.agents.asked == ["a", "d"])
        let states = try await fixture.progress(id).nodes.map(\.state)
        #expect(states == ["completed", "skipped", "skipped", "completed"])
    }

    // MARK: Variables

    @Test func `of branches that end at once each goes on from what the other has set`() async throws {
        let names = ["a", "b", "c", "d"]
        let add: JSONValue = ["set": ["sum": "{{vars.sum + 1}}", "said": "{{vars.said + output.content}}"]]
        let run = try await fixture.run(
            F.definition(
                [F.node("fork", .parallel)] + names.map { F.task($0, nil, add) } + [F.node("all", .join)],
                names.flatMap { ["fork > \($0)", "\($0) > all"] },
                variables: [
                    "sum": WorkflowVariable(type: .integer, default: 0),
                    "said": WorkflowVariable(type: .string, default: ""),
                ]))
        #expect(run.output?["variables"]?["sum"] == 4)
        let said = run.output?["variables"]?["said"]?.string ?? ""
        #expect(names.allSatisfy { said.contains("done: \($0)") })
    }

    @Test func `variables are set by nodes and read by those behind`() async throws {
        let execution = try await fixture.run(
            F.definition(
                [
                    F.task("a", nil, ["set": ["count": "{{vars.count + 1}}", "word": "{{output.content}}"]]),
                    F.task("b", "{{vars.word}} {{vars.count}}"),
                ], ["a > b if vars.count == 2"],
                variables: ["count": .init(type: .integer, default: 1), "word": .init(type: .string)]))
        #expect(execution.state == .completed)
        #expect(fixture.agents.asked.last == "done: a 2")
        #expect(execution.output?["variables"]?["count"] == 2)
    }

    @Test func `a variable of the wrong type fails the node`() async throws {
        fixture.agents.answer { _, _, _ in .success(["content": ["no": "text"]]) }
        let execution = try await fixture.run(
            F.definition(
                [F.task("a", nil, ["set": ["count": "{{output.content}}"]])], [],
                variables: ["count": .init(type: .integer)]))
        #expect(execution.error?.code == "variable_type")
    }

    @Test func `a run is not started with what does not fit its variables`() async throws {
        let definition = F.definition(
            [F.task("a")], [],
            variables: [
                "lead": .init(type: .string, required: true), "size": .init(type: .string, values: ["s", "m"]),
            ])
        let error = await #expect(throws: SpotterError.self) {
            try await fixture.start(definition, input: ["size": "xl"])
        }
        #expect(error?.issues.map(\.pointer) == ["/input/lead", "/input/size"])
    }

    @Test func `a value that cannot be worked out fails the run and says why`() async throws {
        let execution = try await fixture.run(
            F.definition(
                [F.task("a"), F.task("b")], ["a > b if 1 / input.zero > 2"]), input: ["zero": 0])
        #expect(execution.error?.code == "expression_failed")
        #expect(execution.error?.message.contains("edge to b") == true)
    }

    // MARK: Loops

    private static let loop = F.definition(
        [F.task("draft", "draft {{nodes.review.output.content}}"), F.task("review"), F.task("publish")],
        [
            "draft > review", "review > draft if nodes.review.output.content != \"good\" max 3",
            "review > publish if nodes.review.output.content == \"good\"",
        ])

    @Test func `a loop goes round until its condition says otherwise`() async throws {
        fixture.agents.answer { content, _, time in
            content == "review" ? .success(["content": time < 3 ? .string("bad \(time)") : "good"]) : nil
        }
        let id = try await fixture.start(Self.loop)
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.state == .completed)
        #expect(
            fixture.agents.asked == [
                "draft null", "review", "draft bad 1", "review", "draft bad 2", "review", "publish",
            ])
        #expect(try await fixture.progress(id).nodes.map(\.round) == [3, 3, 1])
    }

    @Test func `a loop that reaches its bound fails the run`() async throws {
        fixture.agents.answer { content, _, _ in content == "review" ? .success(["content": "bad"]) : nil }
        let execution = try await fixture.run(Self.loop)
        #expect(execution.error?.code == "loop_limit_reached")
        #expect(fixture.agents.asked.count { $0 == "review" } == 4)
    }

    // MARK: Errors

    @Test func `an error goes to the handler that its edge leads to, and the run goes on from there`() async throws {
        fixture.agents.answer { content, _, _ in
            content == "deploy" ? .failure(ExecutionError(code: "broken", message: "No power.")) : nil
        }
        let execution = try await fixture.run(
            F.definition(
                [
                    F.task("deploy"), F.task("report"), F.node("caught", .errorHandler),
                    F.task("rollback", "{{nodes.caught.output.node}}: {{nodes.caught.output.message}}"),
                ], ["deploy > report", "deploy > caught", "caught > rollback"]))
        #expect(execution.state == .completed)
        #expect(fixture.agents.asked == ["deploy", "deploy: No power."])
    }

    @Test func `a handler without edges takes any error, but not one of another code`() async throws {
        fixture.agents.answer { content, _, _ in
            content.hasPrefix("bad") ? .failure(ExecutionError(code: "odd", message: "Odd.")) : nil
        }
        func definition(_ codes: JSONValue) -> WorkflowDefinition {
            F.definition(
                [F.task("bad"), F.task("next"), F.node("caught", .errorHandler, ["codes": codes]), F.task("mend")],
                ["bad > next", "caught > mend"], name: "Flow \(codes)")
        }
        #expect(try await fixture.run(definition(["odd", "even"])).state == .completed)
        #expect(fixture.agents.asked == ["bad", "mend"])
        let other = try await fixture.run(definition(["even"]))
        #expect(other.error?.code == "odd")
        #expect(other.error?.message == "bad: Odd.")
    }

    @Test func `an error that nobody takes fails the run, and what is under way is cancelled`() async throws {
        fixture.agents.answer { content, _, _ in
            content == "bad" ? .failure(ExecutionError(code: "odd", message: "Odd.")) : .success(.null)
        }
        let id = try await fixture.start(F.definition([F.task("bad"), F.task("other")], []))
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.state == .failed)
        #expect(try await fixture.children(of: id).map(\.state).contains(.cancelled))
        #expect(try await fixture.progress(id).errors.first?.node == "bad")
    }

    @Test func `a node is tried again as often as it says, with longer and longer waits`() async throws {
        fixture.agents.answer { content, _, time in
            content == "a" && time < 3 ? .failure(ExecutionError(code: "odd", message: "Odd.")) : nil
        }
        let id = try await fixture.start(
            F.definition(
                [F.task("a", nil, ["retry_policy": ["max_retries": 2, "backoff_ms": 10_000]])], []))
        let engine = fixture.engine()
        try await engine.working { () async throws in
            try await engine.turn()
            #expect(fixture.agents.asked == ["a"])
            for _ in 0..<60 {
                fixture.world.clock.advance(by: 1)
                engine.workforce.heart.beat()
                while !(try await engine.turn().isEmpty) {}
            }
        }
        let journal = try await fixture.journal(id)
        #expect(journal.execution.state == .completed)
        #expect(fixture.agents.asked == ["a", "a", "a"])
        #expect(journal.steps.filter { $0.kind == .timer }.count == 2)
    }

    @Test func `a run that failed is tried again from the node that failed`() async throws {
        fixture.agents.answer { content, _, time in
            content == "b" && time == 1 ? .failure(ExecutionError(code: "odd", message: "Odd.")) : nil
        }
        let id = try await fixture.start(F.definition([F.task("a"), F.task("b"), F.task("c")], ["a > b", "b > c"]))
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.state == .failed)
        let engine = fixture.engine()
        _ = try await engine.workforce.control.retry(id, in: fixture.gym.scope)
        try await fixture.work()
        #expect(try await fixture.journal(id).execution.state == .completed)
        #expect(fixture.agents.asked == ["a", "b", "b", "c"])
    }

    // MARK: Tools

    @Test func `a tool that a node calls is under the organisation's policy, and others go on meanwhile`() async throws
    {
        let tool = RecordingTool(effect: .keyed)
        let policy = ToolPolicy(rules: [PolicyRule(tools: ["act"], then: .ask, reason: "Ask first.")])
        let id = try await fixture.start(
            F.definition(
                [
                    F.node("fork", .parallel),
                    F.node("act", .task, ["tool": "act", "arguments": ["note": "{{input.note}}"]]),
                    F.task("a"), F.task("b"),
                ],
                ["fork > act", "fork > a", "a > b"]), input: ["note": "x"])
        let engine = fixture.engine(tools: [tool], policy: policy)
        try await fixture.work(engine)
        #expect(tool.calls.isEmpty)
        #expect(fixture.agents.asked == ["a", "b"])
        let approval = try #require(
            try await fixture.world.stores.approvals.list(
                ApprovalFilter(execution: id), PageRequest(), in: fixture.gym.scope
            ).items.first)
        #expect(approval.arguments == ["note": "x"])
        _ = try await engine.workforce.control.decide(
            approval.id, of: id, fixture.gym.vote(), in: fixture.gym.scope)
        try await fixture.work(fixture.engine(tools: [tool], policy: policy))
        #expect(tool.calls.count == 1)
        #expect(try await fixture.journal(id).execution.output?["outputs"]?["act"] == "done")
    }

    @Test func `a tool that fails fails its node`() async throws {
        let tool = RecordingTool(effect: .keyed, work: { _ in throw ToolFailure("There is no such lead.") })
        let id = try await fixture.start(F.definition([F.node("act", .task, ["tool": "act"])], []))
        try await fixture.work(fixture.engine(tools: [tool]))
        let error = try await fixture.journal(id).execution.error
        #expect(error?.code == "tool_failed")
        #expect(error?.message.contains("There is no such lead.") == true)
    }
}
