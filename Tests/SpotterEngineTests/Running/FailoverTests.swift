import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

/// Another model goes on in the middle of a run.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
    private let world: TestEngine.World
    private var gym: TestOrganization { world.gym }

    init() async throws { world = try await TestEngine.World() }

    @Test func `the next model goes on after the tools, which are not called again, and the journal says so`()
        async throws
    {
        let execution = Execution(
            id: gym.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: [:], createdAt: TestOrganization.start)
        _ = try await world.stores.executions.enqueue([execution], receipt: nil, in: gym.scope)
        let tool = RecordingTool(effect: .unsafe)
        let error = ModelError(.overloaded, provider: "scripted", message: "Too busy.")
        let model = ScriptedModel([.text("one"), .failure(error), .text("two")], fallbacks: ["spare"])
        let program = ScriptedProgram(stages: [
            [.model("before")], [.tool(ToolCall(id: "c", name: "act", arguments: [:]))], [.model("after")],
        ])
        let engine = TestEngine(in: world, model: model, tools: [tool]) { _ in program }
        try await engine.working { _ = try await engine.turn() }
        let journal = try await world.stores.executions.journal(of: execution.id, in: gym.scope)
        #expect(journal.execution.state == .completed)
        #expect(tool.calls.count == 1)
        #expect(model.requests.map(\.model) == ["scripted", "scripted", "spare"])
        let answer = try #require(
            try journal.step(named: "after")?.output?.decodedUnchecked(as: ModelResponse.self))
        #expect(answer.insteadOf == [ModelFailover(model: "scripted", error)])
        #expect(journal.execution.usage.modelCalls == 3)
        let events = try await world.stores.events.events(
            after: 0, execution: execution.id, limit: 100, in: gym.scope)
        let failover = try #require(events.first { $0.type == EventType.modelFailedOver.rawValue })
        #expect(failover.data["step"] == "after")
        #expect(failover.data["model"] == "scripted")
        #expect(failover.data["reason"] == "overloaded")
    }
}
