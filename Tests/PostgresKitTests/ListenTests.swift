import Foundation
import PostgresKit
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ListenTests {
    @Test func `notifications arrive, also under odd names, and go to their channel's readers only`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            var events = fixture.database.listen("Odd \"name\"; --").makeAsyncIterator()
            var others = fixture.database.listen("others").makeAsyncIterator()
            #expect(await events.next() == "")
            #expect(await others.next() == "")
            let notify = Statement("SELECT pg_notify($1, $2)", "Odd \"name\"; --", "first")
            _ = try await fixture.database.unscoped.query(notify)
            #expect(await events.next() == "first")
            _ = try await fixture.database.unscoped.query(Statement("SELECT pg_notify('others', 'second')"))
            #expect(await others.next() == "second")
        }
    }

    @Test func `after a reconnection the stream goes on and hints that something may have been missed`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            var events = fixture.database.listen("events").makeAsyncIterator()
            #expect(await events.next() == "")
            try await fixture.terminateSessions()
            #expect(await events.next() == "")
            let recovered = try await eventually { await failure { try await fixture.database.ping() } == nil }
            #expect(recovered)
            _ = try await fixture.database.unscoped.query(Statement("SELECT pg_notify('events', 'after')"))
            #expect(await events.next() == "after")
        }
    }

    @Test func `when nobody reads any more the connection is closed`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let listening: StaticString = """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = 'kit_app' AND query LIKE 'DO %'
                """
            let task = Task {
                for await _ in fixture.database.listen("short") {}
            }
            let began = try await eventually { try await fixture.administer(listening, as: Int.self) == 1 }
            #expect(began)
            task.cancel()
            let ended = try await eventually { try await fixture.administer(listening, as: Int.self) == 0 }
            #expect(ended)
        }
    }

    @Test func `closing the database ends the streams`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            var events = fixture.database.listen("events").makeAsyncIterator()
            #expect(await events.next() == "")
            fixture.database.close()
            #expect(await events.next() == nil)
        }
    }

    @Test(arguments: ["", "a\0b", String(repeating: "x", count: 64)])
    func `a channel that cannot exist ends its stream at once`(channel: String) async throws {
        try await Fixture.with { fixture in
            var events = fixture.database.listen(channel).makeAsyncIterator()
            #expect(await events.next() == nil)
        }
    }
}
