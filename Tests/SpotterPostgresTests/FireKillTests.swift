import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// Fires whose sessions are killed at any moment, also between two statements of a transaction and in its commit.
@Suite(.timeLimit(.minutes(3))) struct FireKillTests {
    @Test func `transactions that are killed at random neither lose nor repeat a fire`() async throws {
        let fresh = try await TestStores.fresh()
        let administrator = TestStores.connect(fresh.administrator)
        let gym = try await TestOrganization.make(in: fresh.stores)
        let agent = try await gym.agent(named: "Coach")
        // One slot each, a moment ago: whoever fires it twice writes twice.
        let slot = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down) - 5)
        let rule = ScheduleRule(cron: "* * * * * *", timezone: "UTC", overlap: .allow, catchUp: .all)
        var items: [WorkItem] = []
        for _ in 0..<60 {
            var item = gym.draftTask(for: agent, schedule: rule.resolved(timezone: "UTC"))
            item.nextFireAt = slot
            _ = try await fresh.stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: gym.scope)
            items.append(item)
        }
        let ids = items.map(\.id)
        let planner = FirePlanner(ids: RandomIDGenerator())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    for _ in 0..<40 {
                        // A killed session fails the fire; whether it was committed shows in the end.
                        _ = try? await fresh.stores.fires.fire(ids.shuffled(), in: gym.scope) {
                            try planner.plan($0, agents: $1, at: $2)
                        }
                    }
                }
            }
            group.addTask {
                for _ in 0..<60 { _ = try await administrator.unscoped.query(Self.killOne) }
            }
            try await group.waitForAll()
        }
        // Whoever looks next finishes what was left.
        _ = try await retried {
            try await fresh.stores.fires.fire(ids, in: gym.scope) { try planner.plan($0, agents: $1, at: $2) }
        }
        for item in items { try await expectOnce(item, from: slot, in: gym) }
        administrator.close()
        try await fresh.close()
    }

    /// Ends one of the sessions that work for the application, whatever it is doing.
    private static let killOne = Statement(
        """
        SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'spotter_app' AND state <> 'idle'
        ORDER BY random() LIMIT 1
        """)

    /// Every second from `slot` to the last that was decided on has one fire and one run.
    private func expectOnce(_ item: WorkItem, from slot: Date, in gym: TestOrganization) async throws {
        let fires = try await retried {
            try await gym.stores.fires.fires(of: item.id, PageRequest(limit: 200), in: gym.scope)
        }.items.reversed()
        let slots = fires.map(\.fireAt)
        #expect(slots == (0..<slots.count).map { slot + Double($0) })
        #expect(fires.allSatisfy { $0.outcome == .fired })
        let runs = try await retried {
            try await gym.stores.executions.list(
                ExecutionFilter(task: item.id), PageRequest(limit: 200), in: gym.scope)
        }.items
        #expect(runs.count == fires.count)
        #expect(Set(runs.map(\.id)) == Set(fires.compactMap(\.executionId)))
        let status = try await gym.stores.tasks.status(of: item.id, in: gym.scope)
        #expect(status.executionsCount == fires.count)
        #expect(status.item.nextFireAt == slots.last.map { $0 + 1 })
    }

    /// A connection that was killed is found out about when it is used next.
    private func retried<Value>(_ work: () async throws -> Value) async throws -> Value {
        for _ in 0..<20 {
            if let value = try? await work() { return value }
        }
        return try await work()
    }
}
