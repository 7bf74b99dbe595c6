import Foundation
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func benchSchedule(
        _ options: ScheduleBenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> ScheduleBenchResult {
        guard settings.databaseURL == nil else {
            throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
        }
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, progress: progress) { application, _, _ in
            let run = ScheduleBenchRun(application, options, progress)
            return try await run.measure()
        }
    }
}

/// Many schedules that are due over a short time, and those who fire them: the product's own, but for the observer.
private struct ScheduleBenchRun: Sendable {
    private static let organizations = 20
    let application: Application
    let options: ScheduleBenchOptions
    let progress: @Sendable (String) -> Void
    private let observed = Observed()

    /// What was fired, as those who fire see it after the commit.
    private final class Observed: Sendable {
        let late = Mutex<[Double]>([])

        func note(_ report: FireReport, at now: Date) {
            let late = report.plans.flatMap(\.fires).map { now.timeIntervalSince($0.fireAt) }
            self.late.withLock { $0 += late }
        }
    }

    init(_ application: Application, _ options: ScheduleBenchOptions, _ progress: @escaping @Sendable (String) -> Void)
    {
        self.application = application
        self.options = options
        self.progress = progress
    }

    func measure() async throws -> ScheduleBenchResult {
        let scopes = try await makeOrganizations()
        // Nobody knows how long making them takes: they are due when it is done.
        let estimate = 10 + Double(options.schedules) / 10_000
        let start = Date(
            timeIntervalSince1970: (application.clock.now().timeIntervalSince1970 + estimate).rounded(.up))
        progress("making \(options.schedules) schedules, due from \(Timestamp.string(from: start)) on")
        try await makeSchedules(scopes, from: start)
        guard application.clock.now() < start else {
            throw SpotterError(.unavailable, "Making the schedules took too long on this machine; take fewer.")
        }
        progress("\(options.schedulers) schedulers look")
        let end = try await fireAll(until: start + Double(options.window) + 120)
        var proof = ScheduleBench.Proof()
        for scope in scopes { try await ScheduleBench(application.database).add(to: &proof, in: scope) }
        let late = observed.late.withLock { $0 }
        return ScheduleBenchResult(
            fired: late.count, once: proof.once, runs: proof.runs,
            rate: Double(late.count) / max(0.001, end.timeIntervalSince(start)), late: .init(late))
    }

    private func makeOrganizations() async throws -> [OrganizationScope] {
        var scopes: [OrganizationScope] = []
        for number in 0..<min(Self.organizations, options.schedules) {
            let now = application.clock.now()
            let definition = TenantDefinition(
                slug: "bench-\(number)", name: "Bench \(number)", timezone: "UTC", currency: "GBP", plan: .enterprise)
            let id: OrganizationID = application.ids.id(at: now)
            _ = try await application.stores.organizations.apply(definition, id: id, at: now)
            scopes.append(OrganizationScope(id))
        }
        return scopes
    }

    /// In each second of the window as many, dealt out over the organisations.
    private func makeSchedules(_ scopes: [OrganizationScope], from start: Date) async throws {
        let bench = ScheduleBench(application.database)
        for (index, scope) in scopes.enumerated() {
            let agent = try await agent(in: scope)
            let share = options.schedules / scopes.count + (index < options.schedules % scopes.count ? 1 : 0)
            for second in 0..<options.window {
                let count = share / options.window + (second < share % options.window ? 1 : 0)
                guard count > 0 else { continue }
                let item = try item(for: agent, at: start + Double(second))
                try await bench.make(count, like: item, in: scope)
            }
        }
    }

    private func agent(in scope: OrganizationScope) async throws -> Agent {
        let now = application.clock.now()
        let agent = Agent(
            id: application.ids.id(at: now), version: 1,
            settings: AgentSettings(name: "Bench", systemPrompt: "You help.", model: "offline").resolved,
            createdAt: now, updatedAt: now)
        try await application.stores.agents.create(agent, receipt: nil, in: scope)
        return agent
    }

    /// A task that fires once a year.
    private func item(for agent: Agent, at slot: Date) throws -> WorkItem {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.month, .day, .hour, .minute, .second], from: slot)
        let fields = [parts.second, parts.minute, parts.hour, parts.day, parts.month].map { "\($0 ?? 0)" }
        let rule = ScheduleRule(cron: fields.joined(separator: " ") + " *").resolved(timezone: "UTC")
        let now = application.clock.now()
        return WorkItem(
            id: application.ids.id(at: now), version: 1,
            settings: WorkItemSettings(title: "Bench", agentId: agent.id, schedule: rule).resolved, nextFireAt: slot,
            createdAt: now, updatedAt: now)
    }

    /// Lets schedulers look until everything has fired, or for so long. Returns when the last fire was committed.
    private func fireAll(until deadline: Date) async throws -> Date {
        let (application, observed) = (application, observed)
        let schedulers = (0..<options.schedulers).map { _ in
            let firing = FiringService(
                store: application.stores.fires, ids: application.ids, control: application.workforce.control,
                onFire: { report, _ in observed.note(report, at: application.clock.now()) })
            return Scheduler(firing: firing, worker: { nil }, signals: application.signals, log: application.log)
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for scheduler in schedulers { group.addTask { try await scheduler.run() } }
            while application.clock.now() < deadline, observed.late.withLock(\.count) < options.schedules {
                try await Task.sleep(for: .milliseconds(20))
            }
            let end = application.clock.now()
            for scheduler in schedulers { scheduler.shutDown() }
            try await group.waitForAll()
            return end
        }
    }
}
