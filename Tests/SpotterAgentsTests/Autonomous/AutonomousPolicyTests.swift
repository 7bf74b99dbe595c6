import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// The organisation's policy stands between an agent on its own and its tools, too.
@Suite(.timeLimit(.minutes(2))) struct AutonomousPolicyTests {
    private typealias Fixture = AutonomousFixture

    private static func policy(_ verdict: ToolPolicy.Verdict) -> ToolPolicy {
        ToolPolicy(rules: [PolicyRule(tools: ["act"], then: verdict, reason: "Not by itself.")])
    }

    private func asked(_ run: Execution, _ fixture: Fixture) async throws -> Approval {
        let page = try await fixture.world.stores.approvals.list(
            ApprovalFilter(state: .pending, execution: run.id), PageRequest(), in: fixture.gym.scope)
        return try #require(page.items.first)
    }

    @Test func `a call that is denied is not made, and the agent is told why`() async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .keyed)
        let model = ScriptedModel([.calls([Fixture.call("act", id: "1")]), .text("It cannot be done.")])
        let run = try await fixture.start()
        let ended = try await fixture.run(
            try fixture.engine(model, tools: [tool], policy: Self.policy(.deny)), run)
        #expect(ended.state == .completed)
        #expect(tool.calls.isEmpty)
        let result = try #require(model.requests.last?.messages.flatMap(\.toolResults).first)
        #expect(result.isError && result.text.contains("Not by itself."))
    }

    @Test(arguments: [true, false])
    func `a call that is asked about rests as a row, and goes on in another process as people say`(
        isApproved: Bool
    ) async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .keyed)
        let call = Fixture.call("act", ["note": "x"], id: "1")
        let run = try await fixture.start()
        let first = try fixture.engine(ScriptedModel([.calls([call])]), tools: [tool], policy: Self.policy(.ask))
        #expect(try await fixture.run(first, run).state == .waiting)
        #expect(tool.calls.isEmpty)
        let approval = try await asked(run, fixture)
        #expect(approval.tool == "act" && approval.arguments == ["note": "x"])

        let model = ScriptedModel([.text("Ended.")])
        let second = try fixture.engine(model, tools: [tool], policy: Self.policy(.ask))
        _ = try await second.workforce.control.decide(
            approval.id, of: run.id, fixture.gym.vote(isApproved, comment: "As I say."), in: fixture.gym.scope)
        let ended = try await fixture.run(second, run)
        #expect(ended.state == .completed)
        #expect(tool.calls.count == (isApproved ? 1 : 0))
        let result = try #require(model.requests.first?.messages.flatMap(\.toolResults).first)
        #expect(result.isError == !isApproved)
        #expect(isApproved || result.text.contains("As I say."))
    }

    @Test func `what is allowed beside it is done while people are asked`() async throws {
        let fixture = try await Fixture(tools: ["act", "look"])
        let (tool, other) = (RecordingTool(effect: .keyed), RecordingTool("look", effect: .none))
        let model = ScriptedModel([.calls([Fixture.call("act", id: "1"), Fixture.call("look", id: "2")])])
        let run = try await fixture.start()
        let engine = try fixture.engine(model, tools: [tool, other], policy: Self.policy(.ask))
        #expect(try await fixture.run(engine, run).state == .waiting)
        #expect(tool.calls.isEmpty && other.calls.count == 1)
    }
}
