import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// What the stores' conformance suite cannot see of the history: months, crashes, and many at once.
struct HistoryTests {
    private static let later = Date() + 30 * 86_400

    /// A run that completed when it was made, with one step.
    private static func completed(at moment: Date, in gym: TestOrganization) async throws -> Journal {
        let run = Execution(
            id: Identifier(RandomIDGenerator().uuid(at: moment)), kind: .probe, state: .running, attempt: 1,
            conversationId: nil, agentId: nil, agentVersion: nil, input: ["n": 1], createdAt: TestOrganization.start)
        let conversation = try await gym.conversation(with: gym.agent(named: "Agent \(gym.word())"))
        _ = try await gym.stores.executions.begin(
            run, message: gym.message("Hello", in: conversation.id), events: [], receipt: nil,
            worker: try await gym.worker(), in: gym.scope)
        var journal = Journal(execution: run, steps: [gym.step(0, of: run, kind: .tool, state: .completed)])
        journal.execution.state = .completed
        journal.execution.completedAt = TestOrganization.start
        try await gym.record(ExecutionRecord(execution: journal.execution, steps: journal.steps))
        journal.execution = try await gym.stores.executions.execution(run.id, in: gym.scope)
        return journal
    }

    private static func archive(_ gym: TestOrganization, limit: Int = 500) async throws -> Int {
        try await gym.stores.history.archive(.standard, after: nil, limit: limit, at: later, in: gym.scope).count
    }

    /// How many executions and steps are in the queue's tables and in the history.
    private static func counts(_ stores: TestStores, _ gym: TestOrganization) async throws -> [Int] {
        let row = try await stores.database.withOrganization(gym.scope.organization.uuid).query(
            Statement(
                """
                SELECT (SELECT count(*) FROM spotter.executions), (SELECT count(*) FROM spotter.steps),
                    (SELECT count(*) FROM spotter.executions_history), (SELECT count(*) FROM spotter.steps_history)
                """)
        ).exactlyOne()
        return try (0..<4).map { try row.get($0, as: Int.self) }
    }

    // MARK: Months

    @Test func `executions made around a month's end go to the month in which each was made, with their steps`()
        async throws
    {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let newYear = Date(timeIntervalSince1970: 1_767_225_600)
        let before = try await Self.completed(at: newYear - 0.001, in: gym)
        let after = try await Self.completed(at: newYear, in: gym)
        let leapDay = try await Self.completed(at: Date(timeIntervalSince1970: 1_709_251_199), in: gym)
        #expect(try await Self.archive(gym) == 3)
        let rows = try await stores.database.withOrganization(gym.scope.organization.uuid).query(
            Statement(
                """
                SELECT e.id, e.tableoid::regclass::text, s.tableoid::regclass::text
                FROM spotter.executions_history e JOIN spotter.steps_history s ON s.execution_id = e.id
                """))
        let places = try rows.map { (try $0.get(0, as: UUID.self), [try $0.get(1, as: String.self), try $0.get(2)]) }
        func tables(_ month: String) -> [String] {
            ["spotter.executions_history_\(month)", "spotter.steps_history_\(month)"]
        }
        #expect(
            Dictionary(uniqueKeysWithValues: places) == [
                before.execution.id.uuid: tables("2025_12"), after.execution.id.uuid: tables("2026_01"),
                leapDay.execution.id.uuid: tables("2024_02"),
            ])
        for journal in [before, after, leapDay] {
            #expect(try await stores.stores.executions.journal(of: journal.execution.id, in: gym.scope) == journal)
        }
    }

    @Test func `this month and the next are made before they are needed`() async throws {
        let stores = try await TestStores.shared
        try await stores.stores.history.prepare()
        let rows = try await stores.database.unscoped.query(
            Statement(
                """
                SELECT count(*) FROM generate_series(0, 1) AS months,
                    LATERAL (SELECT to_char(
                        date_trunc('month', now() AT TIME ZONE 'UTC') + months * interval '1 month', 'YYYY_MM')) AS m (name)
                WHERE to_regclass('spotter.executions_history_' || name) IS NOT NULL
                    AND to_regclass('spotter.steps_history_' || name) IS NOT NULL
                """))
        #expect(try rows.exactlyOne().get(0, as: Int.self) == 2)
        #expect(
            try await stores.database.unscoped.query(Statement("SELECT app.prepare_history('{}')")).exactlyOne().get(0)
                == 0)
    }

    @Test func `of many who need the same new month one makes it, and nobody fails`() async throws {
        let fresh = try await TestStores.fresh()
        let moment = Date(timeIntervalSince1970: 1_000_000_000)
        var gyms: [TestOrganization] = []
        for _ in 0..<8 {
            gyms.append(try await TestOrganization.make(in: fresh.stores))
            for _ in 0..<3 { _ = try await Self.completed(at: moment, in: gyms[gyms.count - 1]) }
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for gym in gyms { group.addTask { try await Self.archive(gym) } }
            for try await count in group { #expect(count == 3) }
        }
        try await fresh.close()
    }

    @Test func `a month that the operator has dropped is gone, the others are not, and it is made again`() async throws
    {
        let fresh = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: fresh.stores)
        let old = try await Self.completed(at: Date(timeIntervalSince1970: 1_000_000_000), in: gym)
        let kept = try await Self.completed(at: Date(timeIntervalSince1970: 1_003_000_000), in: gym)
        #expect(try await Self.archive(gym) == 2)
        try await Administration.run(
            script: "DROP TABLE spotter.steps_history_2001_09, spotter.executions_history_2001_09",
            on: fresh.administrator)
        #expect(
            try await fresh.stores.executions.journals(of: [old, kept].map(\.execution.id), in: gym.scope) == [kept])
        let late = try await Self.completed(at: Date(timeIntervalSince1970: 1_000_000_000), in: gym)
        #expect(try await Self.archive(gym) == 1)
        #expect(try await fresh.stores.executions.journal(of: late.execution.id, in: gym.scope) == late)
        try await fresh.close()
    }

    @Test func `a look-up by id reads its month alone, and a list reads the months in their order`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        for moment in [1_767_225_599.0, 1_767_225_600.0] {
            _ = try await Self.completed(at: Date(timeIntervalSince1970: moment), in: gym)
        }
        #expect(try await Self.archive(gym) == 2)
        func plan(_ query: StaticString) async throws -> String {
            let rows = try await stores.database.withOrganization(gym.scope.organization.uuid).batch([
                Statement(
                    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"),
                Statement(query),
            ])
            return try rows[1].map { try $0.get(0, as: String.self) }.joined(separator: "\n")
        }
        let one = try await plan(
            """
            EXPLAIN SELECT output FROM spotter.executions_history
            WHERE id = ANY ('{019b76da-a800-7000-8000-000000000000}'::uuid[])
                AND id >= '019b76da-a800-7000-8000-000000000000' AND id <= '019b76da-a800-7000-8000-000000000000'
            """)
        #expect(one.contains("executions_history_2026_01_pkey"), "\(one)")
        #expect(!one.contains("2025_12"), "\(one)")
        let list = try await plan(
            """
            EXPLAIN SELECT id FROM spotter.executions_history WHERE id < '019c0000-0000-7000-8000-000000000000'
            ORDER BY id DESC LIMIT 51
            """)
        #expect(list.contains("Append") && !list.contains("Sort"), "\(list)")
        #expect(!list.contains("2026_11"), "\(list)")
    }

    // MARK: The tables

    @Test func `every column of an execution and of a step is kept, but for what nothing has that has ended`()
        async throws
    {
        let rows = try await TestStores.shared.database.unscoped.query(
            Statement(
                """
                SELECT hot.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class hot ON hot.oid = a.attrelid
                WHERE hot.oid IN ('spotter.executions'::regclass, 'spotter.steps'::regclass)
                    AND a.attnum > 0 AND NOT a.attisdropped
                    AND NOT EXISTS (
                        SELECT FROM pg_attribute kept
                        WHERE kept.attrelid = ('spotter.' || hot.relname || '_history')::regclass
                            AND kept.attname = a.attname AND kept.atttypid = a.atttypid)
                ORDER BY 1
                """))
        #expect(
            try rows.map { try $0.get(0, as: String.self) } == [
                "executions.place_at", "executions.requested", "executions.wake_at", "executions.worker_id",
            ])
    }

    @Test func `nobody gets at a month but by way of its table`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        _ = try await Self.completed(at: Date(timeIntervalSince1970: 1_767_225_600), in: gym)
        _ = try await Self.archive(gym)
        for statement in [
            Statement("SELECT FROM spotter.executions_history_2026_01"),
            Statement("DELETE FROM spotter.steps_history_2026_01"),
            Statement("UPDATE spotter.executions_history SET output = NULL"),
        ] {
            let error = await #expect(throws: PostgresError.self) {
                _ = try await stores.database.withOrganization(gym.scope.organization.uuid).query(statement)
            }
            #expect(error?.sqlState == "42501")
        }
    }

    // MARK: At once

    @Test func `a crash in the middle of a move loses nothing, and nothing is there twice`() async throws {
        let fresh = try await TestStores.fresh()
        let administrator = TestStores.connect(fresh.administrator)
        let gym = try await TestOrganization.make(in: fresh.stores)
        let agent = try await gym.agent(named: "Planner")
        let task = try await gym.task(for: agent)
        try await gym.end(try await gym.start(task, by: agent).id)
        var journals: [Journal] = []
        for _ in 0..<5 { journals.append(try await Self.completed(at: Date(), in: gym)) }
        let scoped = fresh.database.withOrganization(gym.scope.organization.uuid)
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await scoped.transaction { other in
                // The move notes how the task's run ended, and must wait for it here: half done.
                _ = try await other.query(Statement("SELECT FROM spotter.tasks FOR UPDATE"))
                group.addTask {
                    await #expect(throws: SpotterError.self) { try await Self.archive(gym) }
                }
                try await waitForLock(administrator)
                _ = try await administrator.unscoped.query(
                    Statement(
                        """
                        SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """))
                try await group.waitForAll()
            }
        }
        #expect(try await Self.counts(fresh, gym) == [6, 5, 0, 0])
        #expect(try await Self.archive(gym) == 6)
        #expect(try await Self.counts(fresh, gym) == [0, 0, 6, 5])
        let ids = journals.map(\.execution.id)
        #expect(try await Set(fresh.stores.executions.journals(of: ids, in: gym.scope)) == Set(journals))
        administrator.close()
        try await fresh.close()
    }

    @Test func `what somebody is changing is passed over and not waited for`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let busy = try await Self.completed(at: Date(), in: gym).execution.id
        _ = try await Self.completed(at: Date(), in: gym)
        try await stores.database.withOrganization(gym.scope.organization.uuid).transaction { change in
            _ = try await change.query(
                Statement("SELECT FROM spotter.executions WHERE id = $1 FOR NO KEY UPDATE", busy.uuid))
            #expect(try await Self.archive(gym) == 1)
        }
        #expect(try await Self.archive(gym) == 1)
    }

    @Test(.timeLimit(.minutes(2)))
    func `moving, doing again, reading and deleting conversations at once never deadlock and lose nothing`()
        async throws
    {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        var all: Set<ExecutionID> = []
        for _ in 0..<8 {
            var runs: [Execution] = []
            for _ in 0..<6 {
                var run = try await gym.begunTurn()
                run.state = .completed
                run.completedAt = TestOrganization.start
                try await gym.record(
                    ExecutionRecord(execution: run, steps: [gym.step(0, of: run, kind: .tool, state: .completed)]))
                runs.append(run)
            }
            all.formUnion(runs.map(\.id))
            let (expected, some) = (all, runs)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { _ = try await Self.archive(gym, limit: 4) } }
                for run in some {
                    group.addTask { _ = try await gym.end(run.id) }
                    group.addTask {
                        let journal = try await stores.stores.executions.journal(of: run.id, in: gym.scope)
                        #expect(journal.steps.count == 1)
                    }
                }
                for run in some.prefix(3) {
                    guard let conversation = run.conversationId else { continue }
                    group.addTask {
                        try await stores.stores.conversations.delete(conversation, version: nil, in: gym.scope)
                    }
                }
                group.addTask {
                    let page = try await stores.stores.executions.list(
                        ExecutionFilter(), PageRequest(limit: 200), in: gym.scope)
                    #expect(page.items.map(\.id) == expected.sorted(by: >))
                }
                try await group.waitForAll()
            }
            for run in some.prefix(3) {
                #expect(try await stores.stores.executions.execution(run.id, in: gym.scope).conversationId == nil)
            }
        }
        let counts = try await Self.counts(stores, gym)
        #expect(counts[0] + counts[2] == all.count && counts[1] + counts[3] == all.count)
    }
}
