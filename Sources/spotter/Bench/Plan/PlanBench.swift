import Foundation
import PostgresKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterWorkflows

/// Measures plans, workflows, routing and the event bus in the process and database made for it.
struct PlanBench: Sendable {
    let application: Application
    let yardstick: PgBench
    let options: PlanBenchOptions
    let progress: @Sendable (String) -> Void

    var stores: PostgresStores { application.stores }

    /// A new organisation whose queue is not held back by caps.
    func organization(_ slug: String) async throws -> OrganizationScope {
        let now = application.clock.now()
        let definition = TenantDefinition(
            slug: slug, name: slug, timezone: "Europe/London", currency: "GBP", plan: .enterprise)
        let organization = try await stores.organizations.apply(definition, id: application.ids.id(at: now), at: now)
        let scope = OrganizationScope(organization.id)
        try await stores.queue.setLimits(maxRunning: 100_000, startsPerMinute: nil, in: scope)
        return scope
    }

    // MARK: Plans

    /// Steps that do nothing, in levels that depend on each other.
    static func plan(wide: Int, deep: Int) -> PlanOrder {
        let steps = (0..<deep).flatMap { level in
            (0..<wide).map { place in
                PlanStep(
                    id: "s\(level)-\(place)", tool: DoNothing.toolName, input: [:],
                    dependencies: level == 0 ? nil : ["s\(level - 1)-\(place)"])
            }
        }
        return PlanOrder(steps: steps, parallel: true)
    }

    /// How many steps a second plans of a thousand go through, beside pgbench's writes of one step each.
    func plans() async throws -> [BenchFigure] {
        let seconds = max(2, options.seconds / 6)
        let scope = try await organization("bench-plans")
        progress("pgbench writes steps one by one on 64 connections for \(seconds) s")
        // Its steps are written by pgbench; nobody takes it up.
        let holder = Execution(
            id: application.ids.id(at: Date()), kind: .probe, state: .queued, attempt: 0, conversationId: nil,
            agentId: nil, agentVersion: nil, input: [:], wakeAt: Date().addingTimeInterval(86_400), createdAt: Date())
        _ = try await stores.executions.enqueue([holder], receipt: nil, in: scope)
        let script = PlanBenchScripts.oneStep(of: scope.organization, execution: holder.id)
        let writes = try await yardstick.rate(of: script, clients: 64, seconds: seconds)
        let rounds = max(2, options.seconds / 5)
        progress("plans of 1,000 steps, 100 wide and 10 deep, two at a time, \(rounds) times")
        _ = try await time(of: 2, in: scope)
        let start = ContinuousClock.now
        for _ in 0..<rounds { _ = try await time(of: 2, in: scope) }
        let rate = Double(rounds * 2 * 1_000) / (start.duration(to: .now) / .seconds(1))
        let alone = try await time(of: 1, in: scope)
        return [
            BenchFigure(
                PlanBenchPart.plans, "steps of plans, 100 wide and 10 deep", rate, "/s", beside: writes,
                "pgbench, a step each", target: .init("at least 0.40 of it") { $0 >= 0.4 }),
            BenchFigure(PlanBenchPart.plans, "one such plan alone", alone / .milliseconds(1), "ms"),
        ]
    }

    private func time(of count: Int, in scope: OrganizationScope) async throws -> Duration {
        let plan = Self.plan(wide: 100, deep: 10)
        let start = ContinuousClock.now
        var runs: [ExecutionID] = []
        for _ in 0..<count {
            runs.append(try await application.plans.start(plan, at: application.clock.now(), in: scope))
        }
        for run in runs { try await end(of: run, in: scope) }
        return start.duration(to: .now)
    }

    private func end(of run: ExecutionID, in scope: OrganizationScope) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while true {
            let execution = try await stores.executions.execution(run, in: scope)
            if execution.state == .completed { return }
            guard !execution.state.isTerminal, ContinuousClock.now < deadline else {
                throw SpotterError(
                    .unavailable, "The plan is \(execution.state.rawValue): \(execution.error?.message ?? "too slow")")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    // MARK: Workflows

    /// How soon a workflow of 50 nodes has been started, and how soon its first node has begun.
    func starts() async throws -> [BenchFigure] {
        let scope = try await organization("bench-starts")
        let nodes = (0..<50).map {
            WorkflowNode(id: "n\($0)", type: .task, config: ["tool": .string(DoNothing.toolName)])
        }
        let edges = (1..<50).map { WorkflowEdge(from: "n\(($0 - 1) / 2)", to: "n\($0)") }
        let workflow = try await application.workflows.create(
            WorkflowDefinition(name: "Fifty", nodes: nodes, edges: edges), at: application.clock.now(), in: scope)
        progress("workflows of 50 nodes, one after the other")
        var (asked, begun) = (Latencies(), Latencies())
        for round in 0..<(20 + options.seconds * 3) {
            let start = ContinuousClock.now
            let run = try await application.workflows.start(
                workflow.id, .init(), at: application.clock.now(), in: scope)
            let accepted = start.duration(to: .now)
            try await end(of: run, in: scope)
            let journal = try await stores.executions.journal(of: run, in: scope)
            guard round >= 20, let first = journal.steps.first else { continue }
            asked.add(accepted)
            begun.add(.seconds(max(0, first.startedAt.timeIntervalSince(journal.execution.createdAt))))
        }
        return [
            BenchFigure(
                PlanBenchPart.starts, "workflow of 50 nodes started, p50", asked.percentile(0.5), "ms",
                target: .init("below 10 ms") { $0 < 10 }),
            BenchFigure(
                PlanBenchPart.starts, "its first node begun, p50", begun.percentile(0.5), "ms",
                target: .init("below 10 ms") { $0 < 10 }),
        ]
    }

    // MARK: Events

    /// How many published events a second one organisation's log takes, in order.
    func events() async throws -> [BenchFigure] {
        let scope = try await organization("bench-events")
        let count = 2_000 * max(1, options.seconds)
        progress("\(count) events are published into one organisation by 64 publishers")
        let before = try await stores.events.lastPosition(in: scope)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for publisher in 0..<64 {
                group.addTask {
                    for number in stride(from: publisher, to: count, by: 64) {
                        let draft = try EventDraft(publishing: "custom.bench", data: ["number": .int(Int64(number))])
                        _ = try await application.feed.publish(draft, at: application.clock.now(), in: scope)
                    }
                }
            }
            try await group.waitForAll()
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        guard try await stores.events.lastPosition(in: scope) - before == Int64(count) else {
            throw SpotterError(.internal, "Some events were lost.")
        }
        return [
            BenchFigure(
                PlanBenchPart.events, "events published into one organisation", Double(count) / seconds, "/s",
                target: .init("at least 10,000") { $0 >= 10_000 })
        ]
    }
}

/// The tool of steps that do nothing.
struct DoNothing: Tool {
    struct Arguments: Decodable, Sendable {}
    static let toolName = "do_nothing"
    let name = DoNothing.toolName
    let summary = "Does nothing."
    let category = ToolCategory.core
    let access = ToolAccess.read
    let effect = ToolEffect.none

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue { .object(JSONObject()) }
}
