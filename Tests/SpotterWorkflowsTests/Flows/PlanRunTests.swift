import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// What plans do: steps in the order of their dependencies, side by side where they may, with something to fall back on.
@Suite(.timeLimit(.minutes(5))) struct PlanRunTests {
    private let fixture: FlowFixture

    init() async throws { fixture = try await FlowFixture() }

    private func plan(_ json: JSONValue) throws -> PlanOrder { try json.decoded(as: PlanOrder.self) }

    private static func step(
        _ id: String, after dependencies: [String] = [], _ content: String? = nil, _ more: JSONValue = [:]
    ) -> JSONValue {
        let step: JSONValue = [
            "id": .string(id), "agent": "Coach", "action": "message",
            "input": ["content": .string(content ?? id)],
            "dependencies": .array(dependencies.map(JSONValue.string)),
        ]
        return step.merging(patch: more)
    }

    @Test func `steps run when what they depend on is done, and read its results`() async throws {
        let id = try await fixture.start(
            try plan([
                "steps": [
                    Self.step("combine", after: ["a", "b"], "{{steps.a.data.content}} + {{steps.b.data.content}}"),
                    Self.step("a"), Self.step("b"),
                ], "parallel": true,
            ]))
        try await fixture.work()
        let report = try await fixture.report(id)
        #expect(report.success)
        #expect(report.results.count == 3)
        #expect(report.results["combine"]?.data?["content"] == "done: done: a + done: b")
        #expect(report.errors == nil)
        #expect(report.durationMs != nil)
        let events = try await fixture.world.stores.events.events(
            after: 0, execution: id, limit: 1_000, in: fixture.gym.scope
        ).map(\.type)
        #expect(events.contains("plan.started") && events.contains("plan.completed"))
    }

    @Test func `steps that may not run side by side run one after the other`() async throws {
        fixture.agents.answer { content, _, _ in content == "b" ? .success(.null) : nil }
        let id = try await fixture.start(
            try plan(["steps": [Self.step("a"), Self.step("b"), Self.step("c")], "parallel": false]))
        try await fixture.work()
        #expect(fixture.agents.asked == ["a", "b"])
        #expect(try await fixture.progress(id).currentNodes == ["b"])
    }

    @Test func `a plan fails with the step that failed, and keeps what came before`() async throws {
        fixture.agents.answer { content, _, _ in
            content == "b" ? .failure(ExecutionError(code: "odd", message: "Odd.")) : nil
        }
        let id = try await fixture.start(
            try plan(["steps": [Self.step("a"), Self.step("b", after: ["a"]), Self.step("c", after: ["b"])]]))
        try await fixture.work()
        let report = try await fixture.report(id)
        #expect(!report.success && report.state == .failed)
        #expect(report.results["a"]?.success == true)
        #expect(report.results["b"]?.error == "Odd.")
        #expect(report.results["c"] == nil)
        #expect(report.errors == ["b: Odd."])
    }

    private func fallback(_ more: JSONValue = [:]) throws -> PlanOrder {
        let json: JSONValue = [
            "steps": [Self.step("ml"), Self.step("other")],
            "fallback_plan": ["steps": [Self.step("simple")]],
        ]
        return try plan(json.merging(patch: more))
    }

    @Test func `a plan that fails takes its fallback, and what it had begun is cancelled`() async throws {
        fixture.agents.answer { content, _, _ in
            switch content {
            case "ml": .failure(ExecutionError(code: "odd", message: "Odd."))
            case "other": .success(.null)
            default: nil
            }
        }
        let id = try await fixture.start(try fallback())
        try await fixture.work()
        let report = try await fixture.report(id)
        #expect(report.success && report.fallback == true)
        #expect(report.results["simple"]?.success == true)
        #expect(report.results["ml"]?.error == "Odd.")
        let other = try await fixture.children(of: id).first { $0.input["parameters"]?["content"] == "other" }
        #expect(other?.state == .cancelled)
        let events = try await fixture.world.stores.events.events(
            after: 0, execution: id, limit: 1_000, in: fixture.gym.scope)
        #expect(events.count { $0.type == "plan.fallback" } == 1)
    }

    @Test func `a plan that takes too long takes its fallback too`() async throws {
        fixture.agents.answer { content, _, _ in content == "simple" ? nil : .success(.null) }
        let id = try await fixture.start(try fallback(["timeout_ms": 30_000]))
        try await fixture.work()
        try await fixture.pass(31)
        let report = try await fixture.report(id)
        #expect(report.success && report.fallback == true)
        #expect(fixture.agents.asked.last == "simple")
    }

    @Test func `the time of a plan is up also where its steps leave it no rest`() async throws {
        let clock = fixture.world.clock
        let tool = RecordingTool(
            effect: .none,
            work: { _ in
                clock.advance(by: 2)
                return "done"
            })
        let steps = (0..<5).map { number -> JSONValue in ["id": .string("s\(number)"), "tool": "act", "input": [:]] }
        let id = try await fixture.start(try plan(["steps": .array(steps), "parallel": false, "timeout_ms": 5_000]))
        try await fixture.work(fixture.engine(tools: [tool]))
        #expect(try await fixture.journal(id).execution.error?.code == "timed_out")
        #expect(tool.calls.count == 3)
    }

    @Test func `a step that cannot be given what it should be is told of, also beside a fallback`() async throws {
        let broken = Self.step("b", after: ["a"], "{{ string(1 / input.zero) }}")
        for fallback in [JSONValue.null, .object(["steps": [Self.step("simple")]])] {
            let json: JSONValue = ["steps": [Self.step("a"), broken], "input": ["zero": 0]]
            let id = try await fixture.start(try plan(json.merging(patch: ["fallback_plan": fallback])))
            try await fixture.work()
            let report = try await fixture.report(id)
            #expect(report.success == !fallback.isNull)
            #expect(report.results["b"]?.success == false)
            #expect(report.errors?.contains { $0.hasPrefix("b: ") } == true)
            #expect(try await fixture.progress(id).errors.map(\.node) == ["b"])
        }
    }

    @Test func `a fallback that fails as well fails the plan with both reasons`() async throws {
        fixture.agents.answer { content, _, _ in .failure(ExecutionError(code: "odd", message: "No \(content).")) }
        let id = try await fixture.start(try fallback())
        try await fixture.work()
        let execution = try await fixture.journal(id).execution
        #expect(execution.state == .failed)
        #expect(execution.error?.message.contains("No simple.") == true)
        let errors = try await fixture.report(id).errors ?? []
        #expect(errors.contains { $0.contains("No ml.") })
    }

    @Test func `a failed plan is done again from the step that failed`() async throws {
        fixture.agents.answer { content, _, time in
            content == "b" && time == 1 ? .failure(ExecutionError(code: "odd", message: "Odd.")) : nil
        }
        let id = try await fixture.start(
            try plan(["steps": [Self.step("a"), Self.step("b", after: ["a"])], "timeout_ms": 60_000]))
        try await fixture.work()
        _ = try await fixture.engine().workforce.control.retry(id, in: fixture.gym.scope)
        try await fixture.work()
        #expect(try await fixture.report(id).success)
        #expect(fixture.agents.asked == ["a", "b", "b"])
    }

    @Test func `a plan of a thousand steps runs through`() async throws {
        let steps = (0..<10).flatMap { level in
            (0..<100).map { place in
                let json: JSONValue = [
                    "id": .string("s\(level)-\(place)"), "tool": "act", "input": ["note": "x"],
                    "dependencies": level == 0
                        ? [] : [.string("s\(level - 1)-\(place)"), .string("s\(level - 1)-\((place + 7) % 100)")],
                ]
                return json
            }
        }
        let tool = RecordingTool(effect: .none)
        let id = try await fixture.start(try plan(["steps": .array(steps), "parallel": true]))
        try await fixture.work(fixture.engine(tools: [tool]))
        let journal = try await fixture.journal(id)
        #expect(journal.execution.state == .completed)
        #expect(tool.calls.count == 1_000)
        #expect(try await fixture.report(id).results.count == 1_000)
    }
}
