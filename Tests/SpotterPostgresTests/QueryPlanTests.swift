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
            AND search_key LIKE ALL ('{%a%}'::text[])
        ORDER BY id DESC LIMIT 51
        """
    private static let messages: StaticString = """
        EXPLAIN SELECT id FROM spotter.messages WHERE conversation_id = '0191f000-0000-7000-8000-000000000001'
        ORDER BY position DESC LIMIT 20
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

    private struct Case: CustomStringConvertible, Sendable {
        let description: String
        let query: StaticString
        let index: String
    }

    private static let cases = [
        Case(description: "an agent by its id", query: byKey, index: "agents_pkey"),
        Case(description: "executions newest first", query: newestFirst, index: "executions_pkey"),
        Case(description: "an agent's conversations", query: ofAgent, index: "conversations_agent_id_idx"),
        Case(description: "the last messages", query: messages, index: "messages_position_key"),
        Case(description: "events from a place on", query: events, index: "events_pkey"),
        Case(description: "events of some types in a window", query: filteredEvents, index: "events_pkey"),
        Case(description: "sessions of a day", query: sessions, index: "class_sessions_starts_at_idx"),
    ]

    @Test func `lists and look-ups are read from an index in their order, without sorting`() async throws {
        let stores = try await TestStores.shared
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
    }
}
