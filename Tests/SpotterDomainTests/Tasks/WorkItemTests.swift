import Foundation
import SpotterDomain
import Testing

struct WorkItemTests {
    private static let start = Date(timeIntervalSince1970: 1_795_000_000)
    private let ids = RandomIDGenerator()
    private func id<Kind>() -> Identifier<Kind> { ids.id(at: Self.start) }

    private func item(_ edit: (inout WorkItemSettings) -> Void = { _ in }) -> WorkItem {
        var settings = WorkItemSettings(title: "Report", agentId: id())
        edit(&settings)
        return WorkItem(id: id(), version: 1, settings: settings, createdAt: Self.start, updatedAt: Self.start)
    }

    private func agent(_ capabilities: [String], priority: Priority = .medium, enabled: Bool = true) -> Agent {
        let settings = AgentSettings(
            name: "A", systemPrompt: "p", model: "offline", capabilities: capabilities, priority: priority,
            enabled: enabled)
        return Agent(id: id(), version: 3, settings: settings, createdAt: Self.start, updatedAt: Self.start)
    }

    // MARK: Settings

    @Test func `settings name every field that breaks a rule`() {
        let twice: WorkItemID = id()
        let settings = WorkItemSettings(
            title: " \n", agentId: id(), requiredCapabilities: ["a", " "], input: [1], runAt: Self.start,
            schedule: ScheduleRule(cron: "99 * * * *", timezone: "Nowhere"), dependsOn: [twice, twice])
        let expected = [
            "/depends_on/1", "/input", "/required_capabilities", "/required_capabilities/1", "/run_at",
            "/schedule/cron", "/schedule/timezone", "/title",
        ]
        #expect(settings.issues.map(\.pointer).sorted() == expected)
        #expect(WorkItemSettings(title: "x").issues.map(\.pointer) == ["/agent_id"])
        #expect(WorkItemSettings(title: "x", requiredCapabilities: ["a"]).issues == [])
    }

    @Test func `a run carries what the task said when it was asked for`() throws {
        let item = item {
            $0.description = "All of it"
            $0.input = ["week": 47]
            $0.priority = .low
            $0.maxAttempts = 5
            $0.backoffMs = 200
            $0.backoff = .linear
            $0.timeoutSeconds = 60
        }
        let agent = agent(["a"])
        let run = try item.execution(id(), by: agent, at: Self.start)
        #expect(run.kind == .task)
        #expect(run.state == .queued)
        #expect(run.taskId == item.id)
        #expect(run.agentId == agent.id)
        #expect(run.agentVersion == 3)
        #expect(run.priority == .low)
        #expect(run.retryPolicy == RetryPolicy(maxAttempts: 5, backoffMs: 200, backoff: .linear))
        #expect(
            run.input == [
                "title": "Report", "description": "All of it", "input": ["week": 47], "timeout_seconds": 60,
            ])
        let later = try item.execution(
            id(), by: agent, input: ["week": 48], runAt: Self.start + 60, priority: .critical, at: Self.start)
        #expect(later.wakeAt == Self.start + 60)
        #expect(later.priority == .critical)
        #expect(later.input["input"] == ["week": 48])
    }

    // MARK: State

    @Test func `a task without a run is pending, or scheduled`() {
        #expect(WorkItemStatus(item: item()).state == .pending)
        var item = item()
        item.nextFireAt = Self.start
        #expect(WorkItemStatus(item: item).state == .scheduled)
        item.settings.enabled = false
        #expect(WorkItemStatus(item: item).state == .pending)
        #expect(WorkItemStatus(item: item).nextRunAt == nil)
    }

    @Test(arguments: ExecutionState.allCases)
    func `a task is as its last run is, but what runs again is scheduled in between`(_ state: ExecutionState) {
        let run = WorkItemStatus.Run(id: id(), state: state, currentStep: "model", attempt: 1, wakeAt: nil)
        var status = WorkItemStatus(item: item(), lastRun: run, executionsCount: 1)
        #expect(status.state.rawValue == state.rawValue)
        status.plannedAt = Self.start
        #expect(status.state.rawValue == (state.isTerminal ? "scheduled" : state.rawValue))
    }

    @Test func `a run that has not begun tells what it waits for`() {
        func state(_ run: ExecutionState, _ step: String?, attempt: Int, wake: Date?) -> WorkItemState {
            let run = WorkItemStatus.Run(id: id(), state: run, currentStep: step, attempt: attempt, wakeAt: wake)
            return WorkItemStatus(item: item(), lastRun: run).state
        }
        #expect(state(.waiting, "dependencies", attempt: 0, wake: nil) == .blocked)
        #expect(state(.waiting, "approval", attempt: 1, wake: nil) == .waiting)
        #expect(state(.queued, nil, attempt: 0, wake: Self.start) == .scheduled)
        // Another try after a while is no plan.
        #expect(state(.queued, nil, attempt: 1, wake: Self.start) == .queued)
        #expect(state(.queued, nil, attempt: 0, wake: nil) == .queued)
    }

    @Test func `the next run is the first of those to come`() {
        var item = item()
        item.nextFireAt = Self.start + 30
        let run = WorkItemStatus.Run(id: id(), state: .queued, currentStep: nil, attempt: 0, wakeAt: Self.start + 20)
        var status = WorkItemStatus(item: item, lastRun: run, plannedAt: Self.start + 10)
        #expect(status.nextRunAt == Self.start + 10)
        status.plannedAt = nil
        #expect(status.nextRunAt == Self.start + 20)
        #expect(status.scheduledEvent(after: Self.start + 20) == nil)
        #expect(status.scheduledEvent(after: nil)?.type == "task.scheduled")
    }

    @Test func `statistics count every state`() {
        var statistics = WorkItemStatistics()
        for (count, state) in WorkItemState.allCases.enumerated() { statistics.add(count + 1, in: state) }
        #expect(statistics.total == 55)
        #expect(statistics.pending == 1)
        #expect(statistics.cancelled == 10)
    }

    // MARK: Agents

    @Test func `the most specific capable agent is chosen, then the most urgent, then the oldest`() {
        let broad = agent(["a", "b", "c"], priority: .critical)
        let first = agent(["a", "b"])
        let second = agent(["b", "a"])
        let urgent = agent(["a", "b"], priority: .high)
        let disabled = agent(["a"], enabled: false)
        let all = [second, disabled, broad, first]
        #expect(Agent.best(for: ["a"], among: all) == first)
        #expect(Agent.best(for: ["a"], among: all + [urgent]) == urgent)
        #expect(Agent.best(for: ["c", "a"], among: all) == broad)
        #expect(Agent.best(for: ["d"], among: all) == nil)
        #expect(Agent.best(for: ["A"], among: all) == nil)
        #expect(Agent.best(for: [], among: [disabled]) == nil)
    }
}
