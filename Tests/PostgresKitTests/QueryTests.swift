import EventLoopKit
import Foundation
import PostgresKit
import Testing

@Suite(.timeLimit(.minutes(2)))
struct QueryTests {
    @Test func `a query sees the rows of its organisation and no others`() async throws {
        try await Fixture.with { fixture in
            let (first, second) = (UUID(), UUID())
            try await fixture.database.withOrganization(first).addNote(1, "mine")
            try await fixture.database.withOrganization(second).addNote(1, "theirs")
            let rows = try await fixture.database.withOrganization(first).query(Statement("SELECT body FROM notes"))
            #expect(try rows.map { try $0.get("body", as: String.self) } == ["mine"])
            #expect(try await fixture.database.unscoped.noteCount() == 0)
        }
    }

    @Test func `a read-only query cannot write`() async throws {
        try await Fixture.with { fixture in
            let reader = fixture.database.withOrganization(UUID(), readOnly: true)
            let error = await failure { try await reader.addNote(1, "no") }
            #expect(error?.sqlState == "25006")
            let found = try await reader.noteCount()
            #expect(found == 0)
        }
    }

    @Test func `many tasks share few connections and each gets its own answer`() async throws {
        try await Fixture.with(ownDatabase: true, loops: 2) { fixture in
            let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<500 {
                    group.addTask(executorPreference: fixture.loops.loops[number % 2]) {
                        let scope = fixture.database.withOrganization(UUID())
                        let row = try await scope.query(Statement("SELECT $1::bigint * 2 AS twice", number))
                            .exactlyOne()
                        return try row.get("twice", as: Int.self) == number * 2
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 500 && answers.allSatisfy { $0 })
            let sessions = try await fixture.administer(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'kit_app' AND datname = current_database()",
                as: Int.self)
            #expect(sessions == 4)
        }
    }

    @Test func `a task on a loop goes on on that loop`() async throws {
        try await Fixture.with(loops: 2) { fixture in
            let loop = fixture.loops.loops[1]
            let stayed = try await Task(executorPreference: loop) {
                try await fixture.database.ping()
                return loop.isCurrent
            }.value
            #expect(stayed)
        }
    }

    @Test func `a batch is one transaction`() async throws {
        try await Fixture.with { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let results = try await scope.batch([
                Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"),
                Statement("INSERT INTO notes (id, body) VALUES (2, 'b')"),
                Statement("SELECT pg_current_xact_id_if_assigned()::text AS transaction, count(*) FROM notes"),
            ])
            #expect(results.map(\.affected) == [1, 1, 1])
            #expect(try results[2].exactlyOne().get("count", as: Int.self) == 2)
        }
    }

    @Test func `when one statement of a batch fails none has happened`() async throws {
        try await Fixture.with { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let error = await failure {
                _ = try await scope.batch([
                    Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"),
                    Statement("INSERT INTO notes (id, body) VALUES (2, 'forbidden')"),
                    Statement("INSERT INTO notes (id, body) VALUES (3, 'c')"),
                ])
            }
            #expect(error?.kind == .server)
            #expect(error?.sqlState == "23514")
            #expect(error?.constraint == "notes_body_check")
            #expect(error?.table == "notes")
            let found = try await scope.noteCount()
            #expect(found == 0)
        }
    }

    @Test func `a failing statement leaves the others in the pipeline alone`() async throws {
        try await Fixture.with(configure: { $0.connectionsPerLoop = 1 }) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
                for number in 0..<300 {
                    group.addTask(executorPreference: fixture.loops.loops[0]) {
                        let body = number.isMultiple(of: 7) ? "forbidden" : "fine"
                        let error = await failure { try await scope.addNote(number, body) }
                        return (number, error?.sqlState == (number.isMultiple(of: 7) ? "23514" : nil))
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { !$0.1 }.isEmpty)
            let found = try await scope.noteCount()
            #expect(found == (0..<300).filter { !$0.isMultiple(of: 7) }.count)
        }
    }

    @Test func `a statement that cannot be prepared fails for all who use it and works once it can be`() async throws {
        try await Fixture.with(configure: { $0.connectionsPerLoop = 1 }) { fixture in
            let statement = Statement("SELECT number FROM latecomers")
            let states = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<20 {
                    group.addTask(executorPreference: fixture.loops.loops[0]) {
                        await failure { _ = try await fixture.database.unscoped.query(statement) }?.sqlState
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states.allSatisfy { $0 == "42P01" })
            try await fixture.administer(
                "CREATE TABLE latecomers AS SELECT 7::bigint AS number; GRANT SELECT ON latecomers TO kit_app")
            let rows = try await fixture.database.unscoped.query(statement)
            #expect(try rows.exactlyOne().get("number", as: Int.self) == 7)
        }
    }

    @Test func `a statement whose table has changed is prepared anew`() async throws {
        try await Fixture.with(configure: { $0.connectionsPerLoop = 1 }) { fixture in
            try await fixture.administer("CREATE TABLE shapes (a bigint); GRANT SELECT ON shapes TO kit_app")
            let statement = Statement("SELECT * FROM shapes")
            #expect(try await fixture.database.unscoped.query(statement).columns == ["a"])
            try await fixture.administer("ALTER TABLE shapes ADD COLUMN b text")
            _ = await failure { _ = try await fixture.database.unscoped.query(statement) }
            #expect(try await fixture.database.unscoped.query(statement).columns == ["a", "b"])
        }
    }

    @Test(
        arguments: [
            "BEGIN", "COMMIT", " rollback", "/* a /* b */ c */ SET x.y = 1", "-- note\nRESET ALL",
            "(;COPY notes TO STDOUT",
            "SAVEPOINT a", "LISTEN a", "DISCARD ALL",
        ] as [StaticString])
    func `statements that change the session are refused`(sql: StaticString) async throws {
        try await Fixture.with { fixture in
            let error = await failure { _ = try await fixture.database.unscoped.query(Statement(sql)) }
            #expect(error?.kind == .invalidStatement)
            let inside = await failure {
                try await fixture.database.unscoped.transaction { _ = try await $0.query(Statement(sql)) }
            }
            #expect(inside?.kind == .invalidStatement)
        }
    }

    @Test func `statements work without being prepared`() async throws {
        try await Fixture.with(configure: { $0.preparesStatements = false }) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            try await scope.addNote(1, "a")
            #expect(try await scope.noteCount() == 1)
            try await scope.transaction { _ = try await $0.query(Statement("DELETE FROM notes WHERE id = $1", 1)) }
            #expect(try await scope.noteCount() == 0)
        }
    }

    @Test func `the server's version can be asked for`() async throws {
        try await Fixture.with { fixture in
            let found = try await fixture.database.serverVersion()
            #expect(found >= 140_000)
        }
    }

    @Test func `large parameters and results pass in both directions`() async throws {
        try await Fixture.with(configure: { $0.connectionsPerLoop = 1 }) { fixture in
            let large = String(repeating: "0123456789abcdef", count: 300_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask(executorPreference: fixture.loops.loops[0]) {
                        let rows = try await fixture.database.unscoped.query(
                            Statement("SELECT $1::text AS echo", large))
                        #expect(try rows.exactlyOne().get("echo", as: String.self) == large)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
