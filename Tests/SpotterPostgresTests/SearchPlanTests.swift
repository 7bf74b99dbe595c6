import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// The search of words, which an operator that is not leakproof makes: only the owner of its table is served by the
/// index, and that looks at one organisation's words.
struct SearchPlanTests {
    /// The look of `app.find_conversations`.
    private static let look: StaticString = """
        EXPLAIN SELECT conversation_id FROM spotter.conversation_words
        WHERE words @@ (
                SELECT string_agg(
                    '''' || replace(replace((SELECT app.organization())::text || ' ' || word, '\\', '\\\\'), '''', '''''')
                        || ''':*', ' & ')::tsquery
                FROM unnest('{w77,spin}'::text[]) AS word)
            AND organization_id = (SELECT app.organization())
        """
    private static let fill: StaticString = """
        INSERT INTO spotter.conversation_words (organization_id, conversation_id, source_id, words)
        SELECT (SELECT app.organization()), $1, gen_random_uuid(),
            app.kept_words(ARRAY['spin', 'w' || number, 'x' || number])
        FROM generate_series(1, 4000) AS number
        """

    @Test func `words are found by their index, also among those of other organisations`() async throws {
        let stores = try await TestStores.fresh()
        var gyms: [TestOrganization] = []
        for _ in 0..<3 {
            let gym = try await TestOrganization.make(in: stores.stores)
            let conversation = try await gym.conversation(with: try await gym.agent(named: "Coach"))
            _ = try await stores.database.withOrganization(gym.scope.organization.uuid).query(
                Statement(Self.fill, conversation.id.uuid))
            gyms.append(gym)
        }
        let database = TestStores.connect(stores.administrator)
        _ = try await database.unscoped.query(Statement("ANALYZE spotter.conversation_words"))
        for gym in gyms {
            let rows = try await database.withOrganization(gym.scope.organization.uuid).batch([
                Statement("SELECT set_config('role', 'spotter_owner', true)"), Statement(Self.look),
            ])
            let text = try rows[1].map { try $0.get(0, as: String.self) }.joined(separator: "\n")
            #expect(text.contains("Bitmap Index Scan on conversation_words_idx"), "\(text)")
            let found = try await stores.stores.conversations.list(
                ConversationFilter(search: "spin w77"), PageRequest(), in: gym.scope)
            #expect(found.items.count == 1)
        }
        database.close()
        try await stores.close()
    }

    @Test func `the application itself reads no words of another organisation`() async throws {
        let stores = try await TestStores.shared
        let theirs = try await TestOrganization.make(in: stores.stores)
        let word = theirs.word()
        _ = try await theirs.conversation(with: try await theirs.agent(named: "Coach"), title: word)
        let mine = try await TestOrganization.make(in: stores.stores)
        let scoped = stores.database.withOrganization(mine.scope.organization.uuid)
        let rows = try await scoped.batch([
            Statement("SELECT conversation_id FROM spotter.conversation_words"),
            Statement("SELECT app.find_conversations(ARRAY[$1], $2, NULL)", word, Self.last),
            // Nor by a word that pretends to be behind another organisation.
            Statement(
                "SELECT app.find_conversations(ARRAY[$1], $2, NULL)",
                "' | '\(theirs.scope.organization.uuid.uuidString.lowercased()) \(word)", Self.last),
        ])
        #expect(rows.map(\.count) == [0, 0, 0])
        let nobody = stores.database.withOrganization(UUID())
        #expect(
            try await nobody.query(
                Statement("SELECT app.find_conversations(ARRAY[$1], $2, NULL)", word, Self.last)
            ).isEmpty)
    }

    private static let last = UUID(
        uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
}
