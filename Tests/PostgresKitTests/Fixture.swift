import EventLoopKit
import Foundation
import ServiceKit
import SpotterTesting

@testable import PostgresKit

/// A database of its own with a table under row-level security, and a role that is held by it.
struct Fixture {
    let database: Database
    let loops: EventLoopGroup
    /// The role that row-level security holds.
    let configuration: PostgresConfiguration
    let administrator: PostgresConfiguration

    /// The database of all tests that do not count or end sessions.
    private static let common = Task { try await prepare(TestCluster.shared.createDatabase(named: "common")) }

    private static func prepare(_ database: PostgresConfiguration) async throws -> PostgresConfiguration {
        try await BlockingConnection.detached { try BlockingConnection(database).run(script: schema) }
        return database
    }

    /// - Parameters:
    ///   - ownDatabase: a database that no other test uses.
    ///   - server: the database of another server to use.
    static func with(
        ownDatabase: Bool = false, loops count: Int = 1, server: PostgresConfiguration? = nil,
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (Fixture) async throws -> Void
    ) async throws {
        let administrator =
            if let server {
                try await prepare(server)
            } else if ownDatabase {
                try await prepare(TestCluster.shared.createDatabase(named: "kit"))
            } else {
                try await common.value
            }
        var configuration = administrator.replacing(user: "kit_app")
        // How long a busy machine lets them wait is not what most tests are about.
        configuration.acquireTimeout = .seconds(60)
        configure(&configuration)
        let loops = EventLoopGroup(count: count)
        let database = Database(configuration: configuration, loops: loops, log: .silent)
        defer {
            database.close()
            loops.stop()
        }
        try await body(
            Fixture(
                database: database, loops: loops, configuration: configuration, administrator: administrator))
    }

    /// Runs `script` as the superuser.
    func administer(_ script: String) async throws {
        try await BlockingConnection.detached { [administrator] in
            try BlockingConnection(administrator).run(script: script)
        }
    }

    /// Runs one statement as the superuser and returns its first field.
    func administer<Value: PostgresDecodable & Sendable>(
        _ sql: StaticString, _ parameters: [PostgresValue] = [], as type: Value.Type
    ) async throws -> Value {
        try await BlockingConnection.detached { [administrator] in
            try BlockingConnection(administrator).query(Statement(sql, parameters: parameters)).exactlyOne().get(0)
        }
    }

    /// Ends every session of the role, as an administrator would.
    func terminateSessions() async throws {
        let sql: StaticString = """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE usename = 'kit_app' AND datname = current_database()
            """
        _ = try await administer(sql, as: Int.self)
    }

    private static let schema = """
        DO $$ BEGIN CREATE ROLE kit_app LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        CREATE SCHEMA app;
        CREATE FUNCTION app.organization() RETURNS uuid STABLE LANGUAGE sql
            AS $$ SELECT nullif(current_setting('app.organization', true), '')::uuid $$;
        CREATE TABLE notes (
            organization_id uuid NOT NULL DEFAULT app.organization(), id bigint NOT NULL, body text NOT NULL,
            PRIMARY KEY (organization_id, id), CONSTRAINT notes_body_check CHECK (body <> 'forbidden'));
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        ALTER TABLE notes FORCE ROW LEVEL SECURITY;
        CREATE POLICY notes_organization ON notes USING (organization_id = (SELECT app.organization()))
            WITH CHECK (organization_id = (SELECT app.organization()));
        GRANT USAGE ON SCHEMA app TO kit_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO kit_app;
        """
}

extension ScopedDatabase {
    func addNote(_ id: Int, _ body: String) async throws {
        _ = try await query(Statement("INSERT INTO notes (id, body) VALUES ($1, $2)", id, body))
    }

    func noteCount() async throws -> Int {
        try await query(Statement("SELECT count(*) FROM notes")).exactlyOne().get(0)
    }
}

/// Waits until `condition` holds, at most `seconds`.
func eventually(within seconds: Double = 60, _ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// The `PostgresError` that `body` throws, if it does.
func failure(of body: () async throws -> Void) async -> PostgresError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}
