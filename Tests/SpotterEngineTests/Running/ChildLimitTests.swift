import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// What begins other executions without end is stopped with a reason.
@Suite(.timeLimit(.minutes(1))) struct ChildLimitTests {
    private static func order(_ name: String) -> ChildOrder {
        ChildOrder(name: name, kind: .probe, agent: nil, agentVersion: nil, input: [:])
    }

    private func run(_ program: ScriptedProgram, whole: Bool = true) async throws -> [Execution] {
        let world = try await TestEngine.World()
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        let engine = TestEngine(in: world) { _ in program }
        try await engine.working { for _ in 0..<40 { _ = try await engine.turn() } }
        guard whole else { return [try await world.stores.executions.execution(work.id, in: world.gym.scope)] }
        return try await world.stores.executions.list(
            ExecutionFilter(), PageRequest(limit: 200), in: world.gym.scope
        ).items.reversed()
    }

    @Test func `executions begin each other only so deep`() async throws {
        let runs = try await run(ScriptedProgram(stages: [[.child(Self.order("again"))]]))
        #expect(runs.count == ExecutionRun.deepest)
        #expect(runs.allSatisfy { $0.state == .failed && $0.error?.code == "depth_limit_reached" })
    }

    @Test func `an execution has only so many others going at once`() async throws {
        let orders = (0...ExecutionRun.childrenAtOnce).map { ScriptedProgram.Stage.child(Self.order("child-\($0)")) }
        let runs = try await run(ScriptedProgram(stages: [orders]), whole: false)
        #expect(runs.first?.state == .failed)
        #expect(runs.first?.error?.code == "child_limit_reached")
    }
}
