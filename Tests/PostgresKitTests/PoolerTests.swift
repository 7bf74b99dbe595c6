import EventLoopKit
import Foundation
import Testing

@testable import PostgresKit

/// As it is behind a pooler that keeps nothing in a session: here on PostgreSQL itself, by `make pgbouncer` on PgBouncer.
@Suite(.timeLimit(.minutes(5))) struct PoolerTests {
    private static func with(
        configure: @escaping (inout PostgresConfiguration) -> Void = { _ in }, _ body: (Fixture) async throws -> Void
    ) async throws {
        try await Fixture.with(
            configure: {
                $0.preparesStatements = false
                configure(&$0)
            }, body)
    }

    @Test func `no statement is kept in a session, and none is told to`() async throws {
        try await Self.with { fixture in
            let organization = UUID()
            for _ in 0..<20 {
                let names = Statement("SELECT name FROM pg_prepared_statements")
                let kept = try await fixture.database.withOrganization(organization).query(names)
                #expect(kept.isEmpty)
            }
            let keywords = fixture.configuration.connectionParameters().map(\.keyword)
            #expect(!keywords.contains("options"))
        }
    }

    @Test func `the scope and the time limits hold for their transaction alone`() async throws {
        try await Self.with(configure: { $0.statementTimeout = .seconds(7) }) { fixture in
            let look = Statement(
                "SELECT current_setting('app.organization'), current_setting('statement_timeout')")
            let organization = UUID()
            let rows = try await fixture.database.withOrganization(organization).query(look)
            let found = try rows.exactlyOne()
            #expect(try found.get(0, as: String.self).lowercased() == organization.uuidString.lowercased())
            #expect(try found.get(1, as: String.self) == "7s")
            try await fixture.database.withOrganization(organization).transaction { transaction in
                let row = try await transaction.query(look).exactlyOne()
                #expect(try row.get(1, as: String.self) == "7s")
            }
            #expect(try await fixture.database.unscoped.query(look).exactlyOne().get(0, as: String.self).isEmpty)
        }
    }

    @Test func `a statement that takes too long is given up`() async throws {
        try await Self.with(configure: { $0.statementTimeout = .milliseconds(50) }) { fixture in
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.database.unscoped.query(Statement("SELECT pg_sleep(20)"))
            }
            #expect(error?.sqlState == "57014")
        }
    }

    @Test func `one transaction at a time is in flight on a connection, and all are answered`() async throws {
        try await Self.with { fixture in
            #expect(fixture.configuration.effectiveDepth == 1)
            let database = fixture.database
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await database.unscoped.query(Statement("SELECT $1::int", number)).exactlyOne().get(0)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 199 * 100)
        }
    }

    @Test func `nobody can listen`() async throws {
        try await Self.with { fixture in
            for await _ in fixture.database.listen("events") { Issue.record("there is nothing to be told") }
        }
    }
}
