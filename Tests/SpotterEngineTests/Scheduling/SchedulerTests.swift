import Foundation
import ServiceKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterEngine

/// Schedules that fire, on stores in memory and a clock that goes on only when it is told to.
@Suite(.timeLimit(.minutes(2))) struct SchedulerTests {
    private let world: TestEngine.World
    private let engine: TestEngine
    private let store: FaultyFireStore
    private let scheduler: Scheduler
    private let firing: FiringService

    init() async throws {
        world = try await TestEngine.World()
        engine = TestEngine(in: world) { _ in ScriptedProgram(stages: []) }
        store = FaultyFireStore(world.stores.fires)
        let workforce = engine.workforce
        firing = FiringService(
            store: store, ids: RandomIDGenerator(), control: workforce.control,
            onFire: { workforce.heed($0, in: $1) })
        scheduler = Scheduler(firing: firing, worker: { nil }, signals: engine.signals, log: .silent)
    }

    private var gym: TestOrganization { world.gym }

    /// A task that fires every minute from the next one on, unless told otherwise.
    private func task(
        _ cron: String = "* * * * *", catchUp: ScheduleRule.CatchUp = .all, overlap: ScheduleRule.Overlap = .allow
    ) async throws -> WorkItem {
        let service = TaskService(
            store: world.stores.tasks, agents: world.stores.agents, organizations: world.stores.organizations,
            routing: world.stores.routing,
            ids: RandomIDGenerator())
        let agent = try await gym.agent(named: "Coach \(gym.word())")
        let settings = WorkItemSettings(
            title: "Report", agentId: agent.id,
            schedule: ScheduleRule(cron: cron, timezone: "UTC", overlap: overlap, catchUp: catchUp))
        return try await service.create(settings, at: world.clock.now(), in: gym.scope).item
    }

    private func fires(of item: WorkItem) async throws -> [Date] {
        try await store.fires(of: item.id, PageRequest(limit: 200), in: gym.scope).items
            .filter { $0.outcome == .fired }.map(\.fireAt).reversed()
    }

    @Test func `nothing fires before its time, and the wait is until just then`() async throws {
        let item = try await task()
        let slot = try #require(item.nextFireAt)
        world.clock.advance(by: slot.timeIntervalSince(world.clock.now()) - 0.25)
        #expect(await scheduler.lookOnce() == .seconds(0.25))
        #expect(try await fires(of: item) == [])
        world.clock.advance(by: 0.25)
        #expect(await scheduler.lookOnce() == Scheduler.interval)
        #expect(try await fires(of: item) == [slot])
        #expect(await scheduler.lookOnce() == Scheduler.interval)
        #expect(try await fires(of: item) == [slot])
    }

    @Test func `the run of a fire goes through the queue like any other`() async throws {
        let item = try await task()
        world.clock.advance(by: 60)
        await scheduler.lookOnce()
        let status = try await world.stores.tasks.status(of: item.id, in: gym.scope)
        #expect(status.state == .queued)
        let run = try await world.stores.executions.execution(try #require(status.lastRun?.id), in: gym.scope)
        #expect(run.kind == .task)
        #expect(run.input["title"] == "Report")
        #expect(run.uniqueKey?.hasPrefix("schedule:task_") == true)
    }

    @Test func `a clock that jumps on loses nothing, and one that is set back repeats nothing`() async throws {
        let item = try await task()
        let slot = try #require(item.nextFireAt)
        world.clock.advance(by: 600)
        await scheduler.lookOnce()
        let fired = try await fires(of: item)
        #expect(fired == (0..<10).map { slot + 60 * Double($0) })
        world.clock.advance(by: -480)
        await scheduler.lookOnce()
        #expect(try await fires(of: item) == fired)
        world.clock.advance(by: 540)
        await scheduler.lookOnce()
        #expect(try await fires(of: item) == fired + [slot + 600])
    }

    @Test func `without its database it waits longer and longer, and then loses and repeats nothing`() async throws {
        let item = try await task()
        world.clock.advance(by: 60)
        store.failing.withLock { $0 = .look }
        var waits: [Duration] = []
        for _ in 0..<8 { waits.append(await scheduler.lookOnce()) }
        #expect(waits.first == Scheduler.backoff.first)
        #expect(waits.last == Scheduler.backoff.longest)
        #expect(waits == waits.sorted())
        store.failing.withLock { $0 = nil }
        world.clock.advance(by: 120)
        await scheduler.lookOnce()
        await scheduler.lookOnce()
        #expect(try await fires(of: item).count == 3)
    }

    @Test func `fires that fail before or after the commit are neither lost nor repeated`() async throws {
        for point in [FaultyFireStore.Point.beforeFire, .afterFire] {
            let item = try await task()
            world.clock.advance(by: 60)
            store.failing.withLock { $0 = point }
            let failing = Scheduler(firing: firing, worker: { nil }, signals: engine.signals, log: .silent)
            #expect(await failing.lookOnce() == Scheduler.pause)
            store.failing.withLock { $0 = nil }
            // Another process, which has not failed.
            await scheduler.lookOnce()
            #expect(try await fires(of: item).count == 1, "\(point)")
        }
    }

    @Test func `however processes look, fail and stop, every slot of every task fires once`() async throws {
        var chance = SeededChance(seed: 20_261_121)
        var items: [WorkItem] = []
        for cron in ["* * * * *", "*/2 * * * *", "*/3 * * * *", "30 * * * * *"] { items.append(try await task(cron)) }
        let begin = world.clock.now()
        let points: [FaultyFireStore.Point?] = [nil, nil, .look, .beforeFire, .afterFire]
        for _ in 0..<120 {
            world.clock.advance(by: Double(Int.random(in: 1...90, using: &chance)))
            let point = points.randomElement(using: &chance) ?? nil
            store.failing.withLock { $0 = point }
            // Each time a process of its own: one that failed was killed.
            let process = Scheduler(firing: firing, worker: { nil }, signals: engine.signals, log: .silent)
            await process.lookOnce()
        }
        store.failing.withLock { $0 = nil }
        await scheduler.lookOnce()
        for item in items {
            let schedule = try #require(try item.readSchedule())
            var expected: [Date] = []
            var slot = schedule.nextSlot(after: begin)
            while let next = slot, next <= world.clock.now() {
                expected.append(next)
                slot = schedule.nextSlot(after: next)
            }
            var fired: [Date] = []
            var after: Cursor?
            repeat {
                let page = try await store.fires(of: item.id, PageRequest(limit: 200, after: after), in: gym.scope)
                #expect(page.items.allSatisfy { $0.outcome == .fired })
                fired += page.items.map(\.fireAt)
                after = page.next
            } while after != nil
            #expect(fired.reversed() == expected)
            let status = try await world.stores.tasks.status(of: item.id, in: gym.scope)
            #expect(status.executionsCount == expected.count)
        }
    }

    @Test func `an organisation whose fires fail does not hold up the others`() async throws {
        let other = try await TestOrganization.make(in: world.stores)
        let mine = try await task()
        store.failing.withLock { $0 = .beforeFire }
        store.onlyIn.withLock { $0 = other.scope.organization }
        let agent = try await other.agent(named: "Coach")
        var theirs = other.draftTask(
            for: agent, schedule: ScheduleRule(cron: "* * * * *").resolved(timezone: "UTC"))
        theirs.nextFireAt = mine.nextFireAt
        _ = try await world.stores.tasks.create(theirs, start: nil, receipt: { _ in nil }, in: other.scope)
        world.clock.advance(by: 60)
        await scheduler.lookOnce()
        #expect(try await fires(of: mine).count == 1)
        #expect(try await store.fires(of: theirs.id, PageRequest(), in: other.scope).items == [])
    }

    @Test func `a stopped organisation fires nothing, also not by hand, and goes on when it is started`() async throws {
        let item = try await task(catchUp: .latest)
        try await firing.setState(.stopped, at: world.clock.now(), in: gym.scope)
        world.clock.advance(by: 600)
        await scheduler.lookOnce()
        #expect(try await firing.check(in: gym.scope) == .init(state: .stopped))
        #expect(try await fires(of: item) == [])
        try await firing.setState(.running, at: world.clock.now(), in: gym.scope)
        #expect(try await firing.check(in: gym.scope) == .init(state: .running, fired: 1, skipped: 9))
    }

    @Test func `what a disabled task did not do is not made up for`() async throws {
        let service = TaskService(
            store: world.stores.tasks, agents: world.stores.agents, organizations: world.stores.organizations,
            routing: world.stores.routing,
            ids: RandomIDGenerator())
        let item = try await task()
        for isEnabled in [false, true] {
            var status = try await service.status(of: item.id, in: gym.scope)
            status.item.settings.enabled = !isEnabled
            var settings = status.item.settings
            settings.enabled = isEnabled
            _ = try await service.update(status, to: settings, at: world.clock.now(), in: gym.scope)
            world.clock.advance(by: isEnabled ? 0 : 600)
            await scheduler.lookOnce()
        }
        #expect(try await fires(of: item) == [])
        world.clock.advance(by: 60)
        await scheduler.lookOnce()
        #expect(try await fires(of: item).count == 1)
    }

    @Test func `it turns by itself, is woken by a signal, and stops when it is told to`() async throws {
        let item = try await task("* * * * * *")
        world.clock.advance(by: 1)
        let running = Task { try await scheduler.run() }
        // The first look comes by itself; a signal makes it look for what has come since.
        while try await fires(of: item).isEmpty { await Task.yield() }
        world.clock.advance(by: 1)
        engine.signals.send(.schedules)
        while try await fires(of: item).count < 2 { await Task.yield() }
        #expect(scheduler.isTurning)
        scheduler.shutDown()
        try await running.value
    }
}

/// The same numbers every time.
private struct SeededChance: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
