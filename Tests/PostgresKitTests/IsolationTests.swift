import EventLoopKit
import Foundation
import PostgresKit
import Testing

/// No request ever sees what another organisation's request left on a connection.
@Suite(.timeLimit(.minutes(10)))
struct IsolationTests {
    private struct Refusal: Error {}

    /// What is set on whichever connections answer; always nobody's.
    private func leftovers(_ fixture: Fixture) async throws -> Set<String> {
        var found: Set<String> = []
        for _ in 0..<8 {
            let statement = Statement("SELECT coalesce(current_setting('app.organization', true), '') AS scope")
            let rows = try await fixture.database.unscoped.query(statement)
            found.insert(try rows.exactlyOne().get("scope"))
            let inside = try await fixture.database.unscoped.transaction { try await $0.query(statement) }
            found.insert(try inside.exactlyOne().get("scope"))
        }
        return found
    }

    @Test func `the scope does not outlive a query, a failure, or a transaction`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            try await scope.addNote(1, "a")
            _ = await failure { try await scope.addNote(1, "again") }
            try await scope.transaction { _ = try await $0.query(Statement("SELECT count(*) FROM notes")) }
            _ = try? await scope.transaction { transaction in
                _ = try await transaction.query(Statement("SELECT 1"))
                throw Refusal()
            }
            #expect(try await leftovers(fixture) == [""])
            #expect(try await fixture.database.unscoped.noteCount() == 0)
        }
    }

    @Test func `a scope that a statement sets for the session is overwritten by the next request`() async throws {
        try await Fixture.with(ownDatabase: true, configure: { $0.connectionsPerLoop = 1 }) { fixture in
            let victim = UUID()
            try await fixture.database.withOrganization(victim).addNote(1, "private")
            let attack = Statement("SELECT set_config('app.organization', $1, false)", victim.uuidString)
            _ = try await fixture.database.unscoped.query(attack)
            #expect(try await fixture.database.unscoped.noteCount() == 0)
            #expect(try await fixture.database.withOrganization(UUID()).noteCount() == 0)
        }
    }

    @Test func `rows cannot be written for another organisation`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let statement = Statement(
                "INSERT INTO notes (organization_id, id, body) VALUES ($1, 1, 'smuggled')", UUID())
            let error = await failure { _ = try await fixture.database.withOrganization(UUID()).query(statement) }
            #expect(error?.sqlState == "42501")
        }
    }

    @Test func `transactions given up half-way, many times, leak nothing and lose no connection`() async throws {
        let limits: (inout PostgresConfiguration) -> Void = { $0.interactiveConnectionsPerLoop = 2 }
        try await Fixture.with(ownDatabase: true, configure: limits) { fixture in
            for round in 0..<300 {
                let scope = fixture.database.withOrganization(UUID())
                let task = Task(executorPreference: round.isMultiple(of: 2) ? fixture.loops.loops[0] : nil) {
                    try await scope.transaction { transaction in
                        _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"))
                        for _ in 0..<5 { _ = try await transaction.query(Statement("SELECT pg_sleep(0.0005)")) }
                    }
                }
                // At a different moment each time.
                if !round.isMultiple(of: 5) { try await Task.sleep(for: .microseconds(Int.random(in: 0..<3_000))) }
                task.cancel()
                _ = await task.result
            }
            #expect(try await leftovers(fixture) == [""])
            #expect(try await fixture.database.unscoped.noteCount() == 0)
            let busy: StaticString = """
                SELECT count(*) FROM pg_stat_activity
                WHERE usename = 'kit_app' AND datname = current_database() AND state <> 'idle'
                """
            #expect(try await eventually { try await fixture.administer(busy, as: Int.self) == 0 })
        }
    }

    @Test func `queries given up half-way leave the pipeline in step`() async throws {
        try await Fixture.with(ownDatabase: true, configure: { $0.connectionsPerLoop = 1 }) { fixture in
            for round in 0..<200 {
                let own = UUID()
                let task = Task(executorPreference: fixture.loops.loops[0]) {
                    _ = try await fixture.database.withOrganization(UUID()).query(Statement("SELECT pg_sleep(0.0005)"))
                }
                async let answer = fixture.database.withOrganization(own).query(
                    Statement("SELECT current_setting('app.organization') AS scope, $1::bigint AS n", round))
                if round.isMultiple(of: 3) { await Task.yield() }
                task.cancel()
                let row = try await answer.exactlyOne()
                #expect(try row.get("scope", as: String.self) == own.uuidString.lowercased())
                #expect(try row.get("n", as: Int.self) == round)
                _ = await task.result
            }
        }
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await scope.addNote(1, "late")
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let found = try await scope.noteCount()
            #expect(found == 0)
        }
    }

    @Test func `a body that ignores its cancellation does not commit`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let task = Task {
                try await scope.transaction { transaction in
                    _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"))
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try? await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (2, 'b')"))
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let found = try await scope.noteCount()
            #expect(found == 0)
        }
    }

    @Test func `a cancellation at any moment ends the call, and leaves none hanging`() async throws {
        try await Fixture.with(ownDatabase: true, loops: 2) { fixture in
            try await fixture.database.ping()
            await withTaskGroup(of: Void.self) { group in
                for round in 0..<1_000 {
                    group.addTask {
                        let task = Task {
                            let scope = fixture.database.withOrganization(UUID(), readOnly: true)
                            if round.isMultiple(of: 4) {
                                try await scope.transaction { _ = try await $0.query(Statement("SELECT 1")) }
                            } else {
                                _ = try await scope.query(Statement("SELECT 1"))
                            }
                        }
                        // From another thread, at about the moment at which the call begins to wait.
                        for _ in 0..<(round % 7) { await Task.yield() }
                        task.cancel()
                        _ = await task.result
                    }
                }
            }
            try await fixture.database.ping()
        }
    }
}
