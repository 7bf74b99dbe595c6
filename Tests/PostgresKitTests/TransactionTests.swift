import EventLoopKit
import Foundation
import PostgresKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TransactionTests {
    private struct Refusal: Error {}

    @Test func `a transaction commits what its statements did`() async throws {
        try await Fixture.with { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let count = try await scope.transaction { transaction in
                _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"))
                let rows = try await transaction.batch([
                    Statement("INSERT INTO notes (id, body) VALUES (2, 'b')"), Statement("SELECT count(*) FROM notes"),
                ])
                return try rows[1].exactlyOne().get("count", as: Int.self)
            }
            #expect(count == 2)
            #expect(try await scope.noteCount() == 2)
        }
    }

    @Test func `what statements tell of themselves is told once they are committed, and not when they are undone`()
        async throws
    {
        try await Fixture.with { fixture in
            let told = Mutex<[[String]]>([])
            fixture.database.statistics.observeCommits { topics in told.withLock { $0.append(topics) } }
            let scope = fixture.database.withOrganization(UUID())
            let first = Statement("INSERT INTO notes (id, body) VALUES (1, 'a')").telling(["one", "two"])
            let second = Statement("INSERT INTO notes (id, body) VALUES (2, 'b')").telling(["three"])
            _ = try await scope.query(first)
            await #expect(throws: PostgresError.self) { _ = try await scope.batch([second, first]) }
            await #expect(throws: Refusal.self) {
                try await scope.transaction { transaction in
                    _ = try await transaction.query(second)
                    throw Refusal()
                }
            }
            try await scope.transaction { transaction in
                _ = try await transaction.query(second)
                _ = try await transaction.query(Statement("SELECT 1"))
            }
            #expect(told.withLock(\.self) == [["one", "two"], ["three"]])
        }
    }

    @Test func `a transaction whose body throws is rolled back and its connection used again`() async throws {
        try await Fixture.with(configure: { $0.interactiveConnectionsPerLoop = 1 }) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            var backends: Set<Int> = []
            for _ in 0..<20 {
                await #expect(throws: Refusal.self) {
                    try await scope.transaction { transaction in
                        _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"))
                        let row = try await transaction.query(Statement("SELECT pg_backend_pid() AS pid")).exactlyOne()
                        backends.insert(try row.get("pid"))
                        throw Refusal()
                    }
                }
            }
            #expect(backends.count == 1)
            let found = try await scope.noteCount()
            #expect(found == 0)
        }
    }

    @Test func `a body that swallows a failure does not commit`() async throws {
        try await Fixture.with { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let error = await failure {
                try await scope.transaction { transaction in
                    _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"))
                    _ = try? await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (2, 'forbidden')"))
                }
            }
            #expect(error?.kind == .transactionAborted)
            let found = try await scope.noteCount()
            #expect(found == 0)
        }
    }

    @Test func `a transaction that has ended refuses statements`() async throws {
        try await Fixture.with { fixture in
            var escaped: Transaction?
            try await fixture.database.unscoped.transaction { transaction in
                _ = try await transaction.query(Statement("SELECT 1"))
                escaped = transaction
            }
            let transaction = try #require(escaped)
            let error = await failure { _ = try await transaction.query(Statement("SELECT 1")) }
            #expect(error?.kind == .transactionEnded)
        }
    }

    @Test func `a body without statements succeeds`() async throws {
        try await Fixture.with { fixture in
            let found = try await fixture.database.unscoped.transaction { _ in 7 }
            #expect(found == 7)
        }
    }

    @Test func `serializable transactions that conflict fail with an error that may be repeated`() async throws {
        try await Fixture.with { fixture in
            let scope = fixture.database.withOrganization(UUID())
            try await scope.addNote(1, "0")
            let error = await failure {
                try await scope.transaction(isolation: .serializable) { first in
                    _ = try await first.query(Statement("SELECT body FROM notes WHERE id = 1"))
                    try await scope.transaction(isolation: .serializable) { second in
                        _ = try await second.query(Statement("UPDATE notes SET body = '1' WHERE id = 1"))
                    }
                    _ = try await first.query(Statement("UPDATE notes SET body = '2' WHERE id = 1"))
                }
            }
            #expect(error?.sqlState == "40001")
            #expect(error?.isTransient == true)
        }
    }

    @Test func `more transactions than connections wait for their turn`() async throws {
        try await Fixture.with(configure: { $0.interactiveConnectionsPerLoop = 2 }) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            try await scope.addNote(1, "0")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await scope.transaction { transaction in
                            let select = Statement("SELECT body::int AS n FROM notes WHERE id = 1 FOR UPDATE")
                            let number = try await transaction.query(select).exactlyOne().get("n", as: Int.self)
                            let update = Statement("UPDATE notes SET body = $1 WHERE id = 1", String(number + 1))
                            _ = try await transaction.query(update)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let row = try await scope.query(Statement("SELECT body FROM notes")).exactlyOne()
            #expect(try row.get("body", as: String.self) == "40")
        }
    }
}
