import EventLoopKit
import Foundation
import ServiceKit
import Testing

@testable import PostgresKit

@Suite(.timeLimit(.minutes(3)))
struct RecoveryTests {
    @Test func `after the server ends every session, work goes on`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            try await scope.addNote(1, "before")
            for _ in 0..<5 {
                try await fixture.terminateSessions()
                let recovered = try await eventually { (try? await scope.noteCount()) == 1 }
                #expect(recovered)
            }
        }
    }

    @Test func `requests in flight behind a session that the server ends are repeated elsewhere`() async throws {
        try await Fixture.with(ownDatabase: true, configure: { $0.connectionsPerLoop = 1 }) { fixture in
            let scope = fixture.database.withOrganization(UUID(), readOnly: true)
            try await fixture.database.ping()
            async let suicide = failure {
                // The sleep is where the end is noticed: without it the answer may be out before, and the farewell answers
                // the request behind.
                _ = try await scope.query(Statement("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)"))
            }
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await scope.noteCount() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts == Array(repeating: 0, count: 20))
            #expect(await suicide?.kind == .unavailable)
        }
    }

    @Test func `a transaction whose session the server ends fails and is rolled back`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let error = await failure {
                try await scope.transaction { transaction in
                    _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (1, 'a')"))
                    try await fixture.terminateSessions()
                    _ = try await transaction.query(Statement("INSERT INTO notes (id, body) VALUES (2, 'b')"))
                }
            }
            #expect(error?.kind == .unavailable)
            let recovered = try await eventually { (try? await scope.noteCount()) == 0 }
            #expect(recovered)
        }
    }

    @Test func `a statement for a session that is gone already fails, and waits for nothing`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            let error = await Task(executorPreference: fixture.loops.loops[0]) {
                await failure {
                    try await scope.transaction { transaction in
                        let rows = try await transaction.query(Statement("SELECT pg_backend_pid()::bigint"))
                        let session: Int = try rows.exactlyOne().get(0)
                        // On the loop's thread, which so does not hear of the end before it sends.
                        try BlockingConnection(fixture.administrator).query(
                            Statement("SELECT pg_terminate_backend($1::bigint::integer, 10000)", session))
                        // One that the connection has yet to prepare: nothing of it can be sent.
                        _ = try await transaction.query(Statement("SELECT 'never prepared before'"))
                    }
                }
            }.value
            #expect(error?.kind == .unavailable)
        }
    }

    @Test func `after an immediate restart of the server, work goes on with what was committed`() async throws {
        let cluster = try PrivateCluster.temporary(settings: ["synchronous_commit": "on"])
        let server = try PostgresConfiguration(
            url: try await BlockingConnection.detached { try cluster.start() }.databaseURL)
        defer { cluster.stop(immediate: true) }
        try await Fixture.with(loops: 2, server: server) { fixture in
            let scope = fixture.database.withOrganization(UUID())
            try await scope.addNote(1, "kept")
            let writers = Task {
                var kinds: Set<PostgresError.Kind> = []
                for number in 2..<10_000 where !Task.isCancelled {
                    if let error = await failure(of: { try await scope.addNote(number, "x") }) {
                        kinds.insert(error.kind)
                    }
                }
                return kinds
            }
            cluster.stop(immediate: true)
            _ = try await BlockingConnection.detached { try cluster.start() }
            let recovered = try await eventually(within: 20) { (try? await scope.noteCount()) ?? 0 >= 1 }
            #expect(recovered)
            writers.cancel()
            #expect(await writers.value.isSubset(of: [.outcomeUnknown, .unavailable, .poolTimeout, .server]))
        }
    }

    @Test(.timeLimit(.minutes(3))) func `everybody is answered, wherever in an answer the server ends`() async throws {
        let cluster = try PrivateCluster.temporary(settings: ["synchronous_commit": "on"])
        let server = try PostgresConfiguration(
            url: try await BlockingConnection.detached { try cluster.start() }.databaseURL)
        defer { cluster.stop(immediate: true) }
        try await Fixture.with(loops: 2, server: server, configure: { $0.acquireTimeout = .milliseconds(300) }) {
            fixture in
            let scope = fixture.database.withOrganization(UUID())
            let several = (0..<6).map { Statement("SELECT repeat('x', 200 * $1::int)", $0) }
            for _ in 0..<10 {
                let begun = AsyncStream<Void>.makeStream()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<40 {
                        group.addTask {
                            _ = try? await scope.batch(several)
                            begun.continuation.yield()
                            while await failure(of: { _ = try await scope.batch(several) }) == nil {}
                        }
                    }
                    var count = 0
                    for await _ in begun.stream {
                        count += 1
                        if count == 40 { break }
                    }
                    try await BlockingConnection.detached { cluster.stop(immediate: true) }
                    try await group.waitForAll()
                }
                _ = try await BlockingConnection.detached { try cluster.start() }
                #expect(try await eventually(within: 20) { (try? await scope.noteCount()) == 0 })
            }
        }
    }

    @Test func `a write whose connection dies without a word has an unknown outcome`() async throws {
        let cluster = try PrivateCluster.temporary()
        let server = try PostgresConfiguration(
            url: try await BlockingConnection.detached { try cluster.start() }.databaseURL)
        defer { cluster.stop(immediate: true) }
        try await Fixture.with(server: server, configure: { $0.acquireTimeout = .milliseconds(300) }) { fixture in
            try await fixture.database.ping()
            let slow = Statement("SELECT pg_sleep(60)")
            async let write = failure { _ = try await fixture.database.withOrganization(UUID()).query(slow) }
            async let read = failure {
                _ = try await fixture.database.withOrganization(UUID(), readOnly: true).query(slow)
            }
            let active: StaticString =
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%60%' AND state = 'active' AND usename = 'kit_app'"
            let running = try await eventually { try await fixture.administer(active, as: Int.self) == 2 }
            #expect(running)
            cluster.stop(immediate: true)
            #expect(await write?.kind == .outcomeUnknown)
            #expect(await read?.kind == .unavailable)
        }
    }

    @Test func `while the server cannot be reached, queries and transactions fail soon`() async throws {
        let configuration = try PostgresConfiguration(url: "postgres://nobody@/nothing?host=/nonexistent")
        var quick = configuration
        quick.acquireTimeout = .milliseconds(200)
        let loops = EventLoopGroup(count: 1)
        let database = Database(configuration: quick, loops: loops, log: .silent)
        defer {
            database.close()
            loops.stop()
        }
        let started = ContinuousClock.now
        #expect(await failure { try await database.ping() }?.kind == .unavailable)
        #expect(await failure { try await database.unscoped.transaction { _ in } }?.kind == .unavailable)
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test func `when every connection stays busy, waiting ends at its deadline`() async throws {
        let limits: (inout PostgresConfiguration) -> Void = {
            $0.connectionsPerLoop = 1
            $0.pipelineDepth = 2
            $0.interactiveConnectionsPerLoop = 1
            $0.acquireTimeout = .milliseconds(200)
        }
        try await Fixture.with(ownDatabase: true, configure: limits) { fixture in
            let connected = try await eventually { await failure { try await fixture.database.ping() } == nil }
            #expect(connected)
            let opened = try await eventually {
                await failure { try await fixture.database.unscoped.transaction { _ in } } == nil
            }
            #expect(opened)
            let sleep = Statement("SELECT pg_sleep(0.6)")
            let outcomes = await withTaskGroup(of: PostgresError.Kind?.self) { group in
                for _ in 0..<4 {
                    group.addTask { await failure { _ = try await fixture.database.unscoped.query(sleep) }?.kind }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 2)
            #expect(outcomes.filter { $0 == .poolTimeout }.count == 2)
            let error = await failure {
                try await fixture.database.unscoped.transaction { transaction in
                    _ = try await transaction.query(Statement("SELECT 1"))
                    try await fixture.database.unscoped.transaction { _ in }
                }
            }
            #expect(error?.kind == .poolTimeout)
            try await fixture.database.ping()
            try await fixture.database.unscoped.transaction { _ in }
        }
    }

    @Test func `a queue that is full refuses at once`() async throws {
        let limits: (inout PostgresConfiguration) -> Void = {
            $0.connectionsPerLoop = 1
            $0.pipelineDepth = 1
            $0.maximumWaiting = 3
        }
        try await Fixture.with(ownDatabase: true, configure: limits) { fixture in
            try await fixture.database.ping()
            let outcomes = await withTaskGroup(of: PostgresError.Kind?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await failure {
                            _ = try await fixture.database.unscoped.query(Statement("SELECT pg_sleep(0.1)"))
                        }?.kind
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count >= 4)
            #expect(outcomes.contains(.poolTimeout))
        }
    }

    @Test func `a statement that takes too long is ended and the connection goes on`() async throws {
        try await Fixture.with(ownDatabase: true, configure: { $0.statementTimeout = .milliseconds(100) }) { fixture in
            let error = await failure {
                _ = try await fixture.database.unscoped.query(Statement("SELECT pg_sleep(30)"))
            }
            #expect(error?.sqlState == "57014")
            try await fixture.database.ping()
        }
    }

    @Test func `a transaction that is given up during a long statement frees its connection soon`() async throws {
        try await Fixture.with(ownDatabase: true, configure: { $0.interactiveConnectionsPerLoop = 1 }) { fixture in
            let task = Task {
                try await fixture.database.unscoped.transaction { transaction in
                    _ = try await transaction.query(Statement("SELECT pg_sleep(25)"))
                }
            }
            let active: StaticString = """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE '%pg_sleep(25)%' AND pid <> pg_backend_pid()
                """
            let running = try await eventually { try await fixture.administer(active, as: Int.self) == 1 }
            #expect(running)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await fixture.database.unscoped.transaction { _ = try await $0.query(Statement("SELECT 1")) }
            // The server notices that its client has gone.
            let ended = try await eventually { try await fixture.administer(active, as: Int.self) == 0 }
            #expect(ended)
        }
    }

    @Test func `after close, everything is refused and nothing hangs`() async throws {
        try await Fixture.with(ownDatabase: true) { fixture in
            try await fixture.database.ping()
            async let slow = failure {
                _ = try await fixture.database.unscoped.query(Statement("SELECT pg_sleep(20)"))
            }
            let active: StaticString =
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep(20)%' AND state = 'active' AND usename = 'kit_app'"
            let running = try await eventually { try await fixture.administer(active, as: Int.self) == 1 }
            #expect(running)
            fixture.database.close()
            #expect(await slow?.kind == .outcomeUnknown)
            #expect(await failure { try await fixture.database.ping() }?.kind == .closed)
            #expect(await failure { try await fixture.database.unscoped.transaction { _ in } }?.kind == .closed)
        }
    }
}
