import Foundation
import PostgresKit
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import SpotterTools
import Testing

/// A gym's invented past: the same for the same seed, and sound as records go.
@Suite(.timeLimit(.minutes(5))) struct DemoHistoryTests {
    private static let noon = Date(timeIntervalSince1970: 1_795_262_400)

    private func history(_ home: TestOrganization, seed: Int = 7, days: Double = 0, anchor: Date? = nil) throws
        -> DemoHistory
    {
        try DemoHistory(
            home.organization, members: 30, months: 6, seed: seed, classes: 4, now: Self.noon + days * 86_400,
            anchor: anchor)
    }

    private func load(_ history: DemoHistory, _ home: TestOrganization) async throws -> Int {
        let store = try await TestStores.shared.postgres.gymHistory
        var added = 0
        for number in history.needed { added += try await store.load(history.batch(number), in: home.scope) }
        return added
    }

    private func count(_ sql: StaticString, _ home: TestOrganization) async throws -> Int {
        let database = try await TestStores.shared.database.withOrganization(
            home.scope.organization.uuid, readOnly: true)
        return try await database.query(Statement(sql)).exactlyOne().get(0)
    }

    @Test func `the same seed makes the same, and another seed another`() async throws {
        let home = try await TestOrganization.make(in: .memory())
        let (one, again, other) = (try history(home), try history(home), try history(home, seed: 8))
        for number in [0, 1, one.batches - 3] {
            #expect(one.batch(number).rows == again.batch(number).rows)
            #expect(one.batch(number).rows != other.batch(number).rows)
        }
    }

    @Test func `loading twice adds nothing, and what is there is sound`() async throws {
        let home = try await TestOrganization.make(in: TestStores.shared.stores)
        #expect(try await load(try history(home), home) > 1_000)
        #expect(try await load(try history(home), home) == 0)
        #expect(try await count("SELECT count(*) FROM spotter.clients", home) == 30)
        // Every subscription has one state that is still open, and no gap or overlap before it.
        #expect(
            try await count(
                """
                SELECT count(*) FROM (
                    SELECT valid_until, lead(valid_from) OVER (PARTITION BY subscription_id ORDER BY valid_from, id)
                        AS next FROM spotter.subscription_changes) AS state
                WHERE valid_until IS DISTINCT FROM next
                """, home) == 0)
        // Nobody comes who is no member then, and no session holds more than its places.
        #expect(
            try await count(
                """
                SELECT count(*) FROM spotter.class_sessions s WHERE capacity < (
                    SELECT count(*) FROM spotter.bookings b WHERE b.session_id = s.id
                        AND b.status NOT IN ('cancelled', 'waitlisted'))
                """, home) == 0)
        #expect(
            try await count(
                """
                SELECT count(*) FROM spotter.check_ins v JOIN spotter.clients c ON c.id = v.client_id
                WHERE v.checked_in_at < c.joined_on OR v.checked_in_at > c.cancelled_on + 1
                """, home) == 0)
        #expect(
            try await count(
                """
                SELECT count(*) FROM spotter.refunds r JOIN spotter.payments p ON p.id = r.payment_id
                WHERE r.amount > p.amount OR r.refunded_at < p.paid_at OR p.status <> 'succeeded'
                """, home) == 0)
    }

    @Test func `a later day adds sessions and leaves the rest as it was`() async throws {
        let home = try await TestOrganization.make(in: TestStores.shared.stores)
        let first = try history(home)
        _ = try await load(first, home)
        let payments = try await count("SELECT count(*) FROM spotter.payments", home)
        let sessions = try await count("SELECT count(*) FROM spotter.class_sessions", home)
        let later = try history(home, days: 10, anchor: first.start)
        #expect(later.mark == first.mark)
        #expect(try await load(later, home) > 0)
        #expect(try await count("SELECT count(*) FROM spotter.payments", home) == payments)
        #expect(try await count("SELECT count(*) FROM spotter.class_sessions", home) > sessions)
        #expect(try await count("SELECT count(*) FROM spotter.clients", home) == 30)
    }

    @Test func `somebody who was forgotten stays so, and keeps nothing else from being written`() async throws {
        let home = try await TestOrganization.make(in: TestStores.shared.stores)
        let first = try history(home)
        _ = try await load(first, home)
        let organization = home.scope.organization.uuid.uuidString
        try await Administration.run(
            script: """
                DELETE FROM spotter.clients WHERE organization_id = '\(organization)' AND id IN (
                    SELECT b.client_id FROM spotter.bookings b WHERE b.organization_id = '\(organization)'
                    ORDER BY b.created_at DESC LIMIT 1);
                """, on: try await TestStores.shared.administrator)
        #expect(try await count("SELECT count(*) FROM spotter.clients", home) == 29)
        #expect(try await load(try history(home, days: 10, anchor: first.start), home) > 0)
        #expect(try await count("SELECT count(*) FROM spotter.clients", home) == 29)
        #expect(try await count("SELECT count(DISTINCT client_id) FROM spotter.bookings", home) <= 29)
    }
}
