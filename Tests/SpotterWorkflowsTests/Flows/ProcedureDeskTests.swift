import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// Workflows and tasks, as tools start them.
@Suite struct ProcedureDeskTests {
    private typealias F = FlowFixture

    private func desk(_ fixture: FlowFixture) -> ProcedureDesk {
        let stores = fixture.world.stores
        let tasks = TaskService(
            store: stores.tasks, agents: stores.agents, organizations: stores.organizations, routing: stores.routing,
            ids: RandomIDGenerator())
        return ProcedureDesk(
            workflows: fixture.workflows, tasks: TaskDesk(tasks: tasks, receipts: stores.receipts),
            receipts: stores.receipts)
    }

    @Test func `a workflow is started once for each key, also when its run is over, and one hop further`() async throws
    {
        let fixture = try await FlowFixture()
        let (desk, scope, now) = (desk(fixture), fixture.gym.scope, fixture.world.clock.now())
        _ = try await fixture.workflows.create(F.definition([F.task("a")], []), at: now, in: scope)
        let wanted = try #require(try await desk.startable(in: scope).first)
        #expect(wanted.kind == "workflow" && wanted.name == "Flow")
        func start(_ key: String, isDryRun: Bool = false, hops: Int? = 2) async throws -> ExecutionID? {
            try await desk.start(
                wanted, input: ["x": 1], origin: ExecutionOrigin(isUntrusted: true, hops: hops), key: key,
                isDryRun: isDryRun, at: now, in: scope)
        }
        #expect(try await start("k", isDryRun: true) == nil)
        let first = try #require(try await start("k"))
        let origin = ExecutionOrigin(of: try await fixture.journal(first).execution)
        #expect(origin.hops == 3 && origin.isUntrusted == true)
        try await fixture.work()
        #expect(try await fixture.journal(first).execution.state == .completed)
        #expect(try await start("k") == first)
        #expect(try await start("other") != first)
        await #expect(throws: SpotterError.self) { try await start("circle", hops: TriggerLimits.mostHops) }
        #expect(fixture.agents.asked == ["a"])
    }
}
