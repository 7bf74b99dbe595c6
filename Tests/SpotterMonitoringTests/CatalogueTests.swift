import Foundation
import MetricsKit
import ServiceKit
import SpotterTesting
import Testing

@testable import SpotterDomain
@testable import SpotterMonitoring

/// Whether the catalogue promises nothing that nobody counts.
@Suite struct CatalogueTests {
    private let clock = ManualClock(Date())
    private let meters = Meters(version: "1")

    @Test func `every entry of the catalogue is recorded by something`() async throws {
        let gym = try await TestOrganization.make(in: StoreSet.memory(clock: clock))
        let agent = try await gym.agent(named: "Desk")
        meters.startTime.set(1)
        noteProcess()
        try noteWork(of: agent, gym)
        try await noteModels(gym)
        try await noteQueue(gym)
        try await noteAlerts(gym)
        let missing = MetricsCatalog.all.map(\.name).filter { !meters.registry.recorded.contains($0) }
        #expect(missing.isEmpty)
    }

    /// What a process tells of itself, its requests, its database and its collector.
    private func noteProcess() {
        meters.note(DeploymentFigures(ready: 1, running: 1, waiting: 1, oldestReadySeconds: 1, workers: 1))
        meters.note(
            ProcessFigures(
                databaseInFlight: 1, databaseWaiting: 1, databaseConnections: 1, eventReaders: 1, runsInProgress: 1,
                residentMemory: 1, providers: [("scripted", true)]))
        meters.noteRoundTrip(.milliseconds(1), failure: "connection")
        meters.noteSpans(sent: 1, dropped: 1)
        let route = RouteMeter(meters, method: "GET", route: "/v1/agents")
        route.begin()
        route.end(status: 200, after: .milliseconds(1))
    }

    /// What is written of runs, events, schedules and deliveries.
    private func noteWork(of agent: Agent, _ gym: TestOrganization) throws {
        let meter = WorkMeter(meters)
        let item = gym.draftTask(for: agent)
        let line = gym.line(gym.charge(), of: try gym.draftRun(of: item, by: agent), step: gym.id())
        let runs = [Execution.Kind.task, .message, .workflow].map { ended($0, by: agent, gym) }
        meter.note(runs.map { ExecutionRecord(execution: $0, ledger: [line]) }, in: gym.scope)
        let started: ExecutionID = RandomIDGenerator().id(at: clock.now() - 1)
        meter.note(
            [
                Event(position: 1, type: "execution.started", execution: started, at: clock.now(), data: [:]),
                Event(
                    position: 2, type: "tool.completed", execution: started, at: clock.now(),
                    data: ["tool": "find_client", "duration_ms": 12]),
            ], of: gym.scope.organization)
        meter.note(committed: ["hook.received"])
        meters.noteHookMessage("accepted")
        var plan = FirePlan(item)
        plan.fires = [ScheduleFire(clock.now() - 1, skipped: .overlap, at: clock.now())]
        meter.note(FireReport(plans: [plan]), at: clock.now())
        meters.noteDelivery("delivered")
    }

    private func ended(_ kind: Execution.Kind, by agent: Agent, _ gym: TestOrganization) -> Execution {
        Execution(
            id: gym.id(), kind: kind, state: .failed, attempt: 1, conversationId: nil, agentId: agent.id,
            agentVersion: 1, input: [:], deadAt: clock.now(), createdAt: clock.now(), startedAt: clock.now(),
            completedAt: clock.now())
    }

    private func noteModels(_ gym: TestOrganization) async throws {
        let models = MeteredModels(ScriptedModel([.text("Yes.")]), meters)
        let found = try models.provider(forModel: "scripted", fallback: nil, in: gym.scope)
        let request = ModelRequest(model: found.model, system: "", messages: [], isStreaming: true)
        _ = try await found.provider.complete(request) { _ in }
    }

    private func noteQueue(_ gym: TestOrganization) async throws {
        _ = try await gym.stores.executions.enqueue([gym.work()], receipt: nil, in: gym.scope)
        let queue = MeteredQueue(gym.stores.queue, meters)
        #expect(try await queue.claim(5, for: gym.worker(), after: nil).count == 1)
    }

    /// An alert that fires.
    private func noteAlerts(_ gym: TestOrganization) async throws {
        let alerts = AlertService(store: gym.stores.alerts, ids: RandomIDGenerator())
        _ = try await alerts.create(
            AlertSettings(
                name: "Heat", metric: "custom:heat", operator: .gt, threshold: 30, durationSeconds: 0,
                aggregation: .max, severity: .critical, message: "It is hot.", emails: ["ops@gym.test"]),
            at: clock.now(), in: gym.scope, receipt: { _ in nil })
        _ = try await gym.stores.monitoring.record(
            CustomSample(name: "heat", kind: .gauge, value: 40), at: clock.now(), in: gym.scope)
        try await AlertEvaluator(
            store: gym.stores.alerts, monitoring: gym.stores.monitoring, budgets: gym.stores.budgets,
            organizations: gym.stores.organizations, directory: NoWaysOut(), alerts: alerts, clock: clock,
            ids: RandomIDGenerator(), meters: meters, log: .silent
        ).lookOnce()
    }
}

/// No organisation sends anything.
struct NoWaysOut: MessagingDirectory {
    func settings(in scope: OrganizationScope) -> MessagingSettings { .standard }
    func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)? { nil }
    var configured: [OrganizationID] { [] }
}
