import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterPostgres

/// What is older than an organisation wants it kept is forgotten, of that organisation alone.
@Suite(.timeLimit(.minutes(2)))
struct RetentionTests {
    /// Wants everything kept for the shortest times there are.
    private static func strict(_ gym: TestOrganization) async throws {
        let wanted = TenantRetention(
            conversationsDays: 1, executionsDays: 7, eventsDays: 7, messagesDays: 8, hookDeliveriesDays: 4,
            sentDeliveriesDays: 1)
        let definition = TenantDefinition(
            slug: gym.organization.slug, name: gym.organization.name, timezone: "Europe/London", currency: "GBP",
            retention: wanted)
        _ = try await gym.stores.organizations.apply(definition, id: gym.organization.id, at: TestOrganization.start)
    }

    /// How many rows of the organisation each table has.
    private static func counts(_ gym: TestOrganization, _ stores: TestStores) async throws -> [String: Int] {
        let statement = Statement(
            """
            SELECT 'conversations', count(*) FROM spotter.conversations UNION ALL
            SELECT 'messages', count(*) FROM spotter.messages UNION ALL
            SELECT 'events', count(*) FROM spotter.events UNION ALL
            SELECT 'history', count(*) FROM spotter.executions_history UNION ALL
            SELECT 'steps', count(*) FROM spotter.steps_history UNION ALL
            SELECT 'outbox', count(*) FROM spotter.outbox_messages
            """)
        let rows = try await stores.database.withOrganization(gym.scope.organization.uuid).query(statement)
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.get(0), Int(try $0.get(1, as: Int64.self))) })
    }

    /// Puts everything that the organisation has into the past, ids too where they carry a time.
    private static func age(_ gym: TestOrganization, _ stores: TestStores) async throws {
        let script = """
            SELECT set_config('app.organization', '\(gym.scope.organization.uuid.uuidString)', true);
            UPDATE spotter.conversations SET updated_at = now() - interval '40 days',
                last_message_at = now() - interval '40 days', floor_id = NULL
                WHERE organization_id = app.organization();
            UPDATE spotter.events SET at = now() - interval '40 days' WHERE organization_id = app.organization();
            UPDATE spotter.outbox_messages SET created_at = now() - interval '40 days'
                WHERE organization_id = app.organization();
            UPDATE spotter.executions_history SET completed_at = now() - interval '40 days'
                WHERE organization_id = app.organization();
            """
        try await Administration.run(script: script, on: stores.administrator)
    }

    @Test func `what a file says is kept and read again, and nothing said is nothing forgotten`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TenancyTests.furnished(stores.stores)
        try await Self.age(gym, stores)
        #expect(try await stores.postgres.retention.retention(in: gym.scope) == TenantRetention())
        let before = try await Self.counts(gym, stores)
        #expect(try await stores.postgres.retention.forgetPast(limit: 100, in: gym.scope) == ForgottenPast())
        #expect(try await Self.counts(gym, stores) == before)
        try await Self.strict(gym)
        let kept = try await stores.postgres.retention.retention(in: gym.scope)
        #expect(kept.eventsDays == 7)
        #expect(kept.hookDeliveries == 4 * 86_400)
        #expect(kept.sentDeliveries == 86_400)
    }

    @Test func `the past goes, what is young or still needed stays, and so does everything of others`() async throws {
        let stores = try await TestStores.shared
        let (gym, other) = (
            try await TenancyTests.furnished(stores.stores), try await TenancyTests.furnished(stores.stores)
        )
        for one in [gym, other] { try await Self.age(one, stores) }
        try await Self.strict(gym)
        // Ids of this moment are not old, whatever their rows say.
        let fresh = try await gym.begunTurn()
        let others = try await Self.counts(other, stores)
        let before = try await Self.counts(gym, stores)
        var gone = ForgottenPast()
        repeat {
            let batch = try await stores.postgres.retention.forgetPast(limit: 2, in: gym.scope)
            gone = ForgottenPast(
                conversations: gone.conversations + batch.conversations,
                executions: gone.executions + batch.executions, events: gone.events + batch.events,
                messages: gone.messages + batch.messages)
            if batch.total == 0 { break }
        } while true
        let after = try await Self.counts(gym, stores)
        #expect(after["events"] == (before["events"] ?? 0) - gone.events)
        #expect(after["conversations"] == (before["conversations"] ?? 0) - gone.conversations)
        #expect(after["history"] == (before["history"] ?? 0) - gone.executions)
        #expect(after["outbox"] == (before["outbox"] ?? 0) - gone.messages)
        #expect(try await stores.stores.executions.execution(fresh.id, in: gym.scope).state == .running)
        #expect(try await Self.counts(other, stores) == others)
    }

    @Test func `events that a hook has not looked at stay, and go when it has`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let hook = try await gym.sender("Out")
        let told = try await gym.tell("custom.a", "custom.b", "custom.c")
        try await Self.age(gym, stores)
        try await Self.strict(gym)
        #expect(try await stores.postgres.retention.forgetPast(limit: 100, in: gym.scope).events == 0)
        let last = try #require(told.last)
        try await Administration.run(
            script: "UPDATE spotter.hook_endpoints SET position = \(last.position - 1) "
                + "WHERE hook_id = '\(hook.id.uuid.uuidString)';", on: stores.administrator)
        let gone = try await stores.postgres.retention.forgetPast(limit: 100, in: gym.scope).events
        let left = try await stores.stores.events.events(after: 0, execution: nil, limit: 10, in: gym.scope)
        #expect(gone >= 2)
        #expect(left.map(\.position) == [last.position])
        // The log knows where it begins, and never goes back.
        let log = stores.stores.events
        #expect(try await log.forgottenPosition(in: gym.scope) == last.position - 1)
        _ = try await stores.postgres.retention.forgetPast(limit: 100, in: gym.scope)
        #expect(try await log.forgottenPosition(in: gym.scope) == last.position - 1)
    }
}
