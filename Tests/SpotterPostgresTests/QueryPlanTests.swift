import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// Under row-level security an index helps only where the policy and the operators let it: these do.
struct QueryPlanTests {
    private static let byKey: StaticString =
        "EXPLAIN SELECT name FROM spotter.agents WHERE id = '0191f000-0000-7000-8000-000000000001'"
    private static let newestFirst: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions WHERE id < '0191f000-0000-7000-8000-000000000001'
        ORDER BY id DESC LIMIT 51
        """
    private static let ofAgent: StaticString = """
        EXPLAIN SELECT id FROM spotter.conversations
        WHERE id < '0191f000-0000-7000-8000-000000000000' AND agent_id = '0191f000-0000-7000-8000-000000000001'
        ORDER BY id DESC LIMIT 51
        """
    private static let messages: StaticString = """
        EXPLAIN SELECT id FROM spotter.messages WHERE conversation_id = '0191f000-0000-7000-8000-000000000001'
        ORDER BY position DESC LIMIT 20
        """
    private static let line: StaticString = """
        EXPLAIN SELECT id FROM spotter.messages
        WHERE conversation_id = '0191f000-0000-7000-8000-000000000001' AND line IS NOT NULL ORDER BY line LIMIT 1
        """
    private static let events: StaticString =
        "EXPLAIN SELECT data FROM spotter.events WHERE position > 7 ORDER BY position LIMIT 100"
    private static let filteredEvents: StaticString = """
        EXPLAIN SELECT data FROM spotter.events WHERE position > 7 AND position <= 2007
            AND (type = ANY ('{agent.insight}'::text[])
                OR EXISTS (SELECT FROM unnest('{step.}'::text[]) AS beginning WHERE starts_with(type, beginning)))
        ORDER BY position LIMIT 100
        """
    private static let sessions: StaticString = """
        EXPLAIN SELECT id FROM spotter.class_sessions WHERE starts_at >= '2026-01-01' AND starts_at < '2026-01-02'
        ORDER BY starts_at, id LIMIT 20
        """

    /// The look of `app.claim_within`.
    private static let ready: StaticString = """
        EXPLAIN SELECT id, attempt, place_at FROM spotter.executions WHERE place_at IS NOT NULL
        ORDER BY place_at LIMIT 8 FOR NO KEY UPDATE SKIP LOCKED
        """
    /// The look of `app.wake_due`.
    private static let due: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions
        WHERE wake_at <= now() AND NOT app.is_to_be_judged(state, attempt, task_id)
        ORDER BY wake_at LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
        """
    private static let running: StaticString =
        "EXPLAIN SELECT FROM spotter.executions WHERE worker_id IS NOT NULL LIMIT 100"
    private static let dead: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions
        WHERE id < '0191f000-0000-7000-8000-000000000001' AND dead_at IS NOT NULL ORDER BY id DESC LIMIT 51
        """
    private static let ofTask: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions
        WHERE id < '0191f000-0000-7000-8000-000000000001' AND task_id = '0191f000-0000-7000-8000-000000000002'
        ORDER BY id DESC LIMIT 51
        """
    private static let ofParent: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions
        WHERE id < '0191f000-0000-7000-8000-000000000001' AND parent_id = '0191f000-0000-7000-8000-000000000002'
        ORDER BY id DESC LIMIT 51
        """
    private static let failed: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions
        WHERE id < '0191f000-0000-7000-8000-000000000001' AND state = 'failed' AND state <> 'completed'
        ORDER BY id DESC LIMIT 51
        """
    private static let keys: StaticString = """
        EXPLAIN SELECT unique_key, id FROM spotter.executions
        WHERE unique_key = ANY ('{a,b}'::text[]) AND state NOT IN ('completed', 'failed', 'cancelled')
        """

    /// The look of `app.due_tasks` at one organisation.
    private static let dueTasks: StaticString =
        "EXPLAIN SELECT id FROM spotter.tasks WHERE release_at <= now() ORDER BY release_at LIMIT 500"
    private static let openRuns: StaticString = """
        EXPLAIN SELECT id FROM spotter.executions
        WHERE task_id = '0191f000-0000-7000-8000-000000000002'
            AND state NOT IN ('completed', 'failed', 'cancelled')
        """
    private static let fires: StaticString = """
        EXPLAIN SELECT fire_at FROM spotter.schedule_fires
        WHERE task_id = '0191f000-0000-7000-8000-000000000002' AND fire_at < 'infinity'
        ORDER BY fire_at DESC LIMIT 51
        """

    private static let block: StaticString = """
        EXPLAIN SELECT summary FROM spotter.memory_blocks
        WHERE conversation_id = '0191f000-0000-7000-8000-000000000001'
        ORDER BY through_position DESC, id DESC LIMIT 1
        """
    private static let noted: StaticString = """
        EXPLAIN SELECT value FROM spotter.memory_entries
        WHERE owner_id = '0191f000-0000-7000-8000-000000000001' AND key = 'vat'
        """
    private static let recalled: StaticString = """
        EXPLAIN SELECT value FROM spotter.memory_entries WHERE owner_id = '0191f000-0000-7000-8000-000000000001'
        ORDER BY updated_at DESC, id DESC LIMIT 20
        """

    private struct Case: CustomStringConvertible, Sendable {
        let description: String
        let query: StaticString
        let index: String
    }

    private static let cases = [
        Case(description: "an agent by its id", query: byKey, index: "agents_pkey"),
        Case(description: "executions newest first", query: newestFirst, index: "executions_pkey"),
        Case(description: "executions ready to be claimed", query: ready, index: "executions_place_at_idx"),
        Case(description: "executions whose time has come", query: due, index: "executions_wake_at_idx"),
        Case(description: "tasks that are due", query: dueTasks, index: "tasks_release_at_idx"),
        Case(description: "a task's open runs", query: openRuns, index: "executions_open_of_task_idx"),
        Case(description: "a task's fires", query: fires, index: "schedule_fires_pkey"),
        Case(description: "running executions", query: running, index: "executions_worker_id_idx"),
        Case(description: "executions that were given up", query: dead, index: "executions_dead_at_idx"),
        Case(description: "a task's executions", query: ofTask, index: "executions_task_id_idx"),
        Case(description: "an execution's children", query: ofParent, index: "executions_parent_id_idx"),
        Case(description: "executions in a state", query: failed, index: "executions_state_idx"),
        Case(description: "holders of unique keys", query: keys, index: "executions_unique_key"),
        Case(description: "an agent's conversations", query: ofAgent, index: "conversations_agent_id_idx"),
        Case(description: "the last messages", query: messages, index: "messages_position_key"),
        Case(description: "the next in line", query: line, index: "messages_line_idx"),
        Case(description: "a conversation's newest block", query: block, index: "memory_blocks_newest_idx"),
        Case(description: "what is kept under a key", query: noted, index: "memory_entries_"),
        Case(description: "what was kept last", query: recalled, index: "memory_entries_newest_idx"),
        Case(description: "events from a place on", query: events, index: "events_pkey"),
        Case(description: "events of some types in a window", query: filteredEvents, index: "events_pkey"),
        Case(description: "sessions of a day", query: sessions, index: "class_sessions_starts_at_idx"),
    ]

    @Test func `lists and look-ups are read from an index in their order, without sorting`() async throws {
        // Its own, so that what other tests have stored does not decide.
        let stores = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: stores.stores)
        for plan in Self.cases {
            // Small tables would be read whole: the question is whether the index can serve at all.
            let rows = try await stores.database.withOrganization(gym.scope.organization.uuid).batch([
                Statement(
                    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"),
                Statement(plan.query),
            ])
            let text = try rows[1].map { try $0.get(0, as: String.self) }.joined(separator: "\n")
            #expect(text.contains(plan.index), "\(plan): \(text)")
            #expect(text.contains("organization_id = $"), "\(plan): \(text)")
            #expect(!text.contains("Sort"), "\(plan): \(text)")
        }
        try await stores.close()
    }
}
