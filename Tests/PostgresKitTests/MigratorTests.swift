import Foundation
import PostgresKit
import SpotterTesting
import Testing

@testable import PostgresKit

@Suite(.timeLimit(.minutes(2)))
struct MigratorTests {
    private static let first = Migration(
        version: 1, name: "first", sql: "CREATE TABLE a (x int); CREATE TABLE b (y int);")
    private static let second = Migration(version: 2, name: "second", sql: "INSERT INTO a VALUES (1);")

    private func database() async throws -> PostgresConfiguration {
        try await TestCluster.shared.createDatabase(named: "migrations")
    }

    private func message(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? MigrationError)?.description
        }
    }

    private func count(_ sql: StaticString, _ configuration: PostgresConfiguration) async throws -> Int {
        try await BlockingConnection.detached {
            try BlockingConnection(configuration).query(Statement(sql)).exactlyOne().get(0, as: Int.self)
        }
    }

    @Test func `pending migrations are applied in order, once`() async throws {
        let configuration = try await database()
        let before = try await Migrator([Self.first, Self.second], configuration: configuration).status()
        #expect(before.applied.isEmpty)
        #expect(before.pending == [Self.first, Self.second])
        let applied = try await Migrator([Self.first], configuration: configuration).migrate()
        #expect(applied == [Self.first])
        let later = try await Migrator([Self.first, Self.second], configuration: configuration).migrate()
        #expect(later == [Self.second])
        let again = try await Migrator([Self.first, Self.second], configuration: configuration).migrate()
        #expect(again.isEmpty)
        let status = try await Migrator([Self.first, Self.second], configuration: configuration).status()
        #expect(status.applied.map(\.version) == [1, 2])
        #expect(status.applied.allSatisfy { $0.checksum.count == 64 })
        let rows = try await count("SELECT count(*) FROM a", configuration)
        #expect(rows == 1)
    }

    @Test func `a migration that fails leaves nothing of itself and the next run goes on from it`() async throws {
        let configuration = try await database()
        let broken = Migration(version: 2, name: "broken", sql: "INSERT INTO a VALUES (1);\nSELECT oops;")
        let text = await message { try await Migrator([Self.first, broken], configuration: configuration).migrate() }
        #expect(text?.contains("0002_broken") == true)
        #expect(text?.contains("oops") == true)
        let rows = try await count("SELECT count(*) FROM a", configuration)
        #expect(rows == 0)
        let rest = try await Migrator([Self.first, Self.second], configuration: configuration).migrate()
        #expect(rest == [Self.second])
    }

    @Test func `a migration may not end its transaction`() async throws {
        let configuration = try await database()
        let sneaky = Migration(version: 1, name: "sneaky", sql: "CREATE TABLE c (x int); COMMIT;")
        let text = await message { try await Migrator([sneaky], configuration: configuration).migrate() }
        #expect(text?.contains("0001_sneaky") == true)
        let status = try await Migrator([sneaky], configuration: configuration).status()
        #expect(status.applied.isEmpty)
    }

    @Test func `a migration that was changed after it was applied is refused`() async throws {
        let configuration = try await database()
        try await Migrator([Self.first], configuration: configuration).migrate()
        let changed = Migration(version: 1, name: "first", sql: Self.first.sql + " ")
        for refusing in [
            await message { try await Migrator([changed], configuration: configuration).migrate() },
            await message { _ = try await Migrator([changed], configuration: configuration).status() },
        ] {
            #expect(refusing?.contains("changed") == true)
        }
    }

    @Test func `a database that is newer than the program is refused`() async throws {
        let configuration = try await database()
        try await Migrator([Self.first, Self.second], configuration: configuration).migrate()
        let text = await message { try await Migrator([Self.first], configuration: configuration).migrate() }
        #expect(text?.contains("older than the database") == true)
    }

    @Test(arguments: [[1, 3], [2], [1, 1], [0, 1]])
    func `numbers that do not go 1, 2, 3 are refused`(versions: [Int]) async throws {
        let configuration = try await database()
        let migrations = versions.map { Migration(version: $0, name: "n", sql: "SELECT 1") }
        let text = await message { try await Migrator(migrations, configuration: configuration).migrate() }
        #expect(text?.contains("1, 2, 3") == true)
    }

    @Test func `processes that migrate at once apply each migration once`() async throws {
        let configuration = try await database()
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await Migrator([Self.first, Self.second], configuration: configuration).migrate().count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 2)
    }

    @Test func `the record can be owned by another role, in another schema, and read by a third`() async throws {
        let configuration = try await database()
        let roles = """
            DO $$ BEGIN CREATE ROLE kit_owner; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE "kit Reader" LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$;
            CREATE SCHEMA "Odd schema" AUTHORIZATION kit_owner;
            GRANT USAGE ON SCHEMA "Odd schema" TO "kit Reader";
            """
        try await Administration.run(script: roles, on: configuration)
        let ledger = Migrator.Ledger(schema: "Odd schema", owner: "kit_owner", readers: ["kit Reader"])
        try await Migrator([Self.first], configuration: configuration, ledger: ledger).migrate()
        let reader = configuration.replacing(user: "kit Reader")
        let status = try await Migrator([Self.first], configuration: reader, ledger: ledger).status()
        #expect(status.applied.count == 1)
        let owner = try await count(
            "SELECT count(*) FROM pg_tables WHERE tablename = 'schema_migrations' AND tableowner = 'kit_owner'",
            configuration)
        #expect(owner == 1)
        let nowhere = Migrator.Ledger(schema: "nowhere")
        let text = await message {
            try await Migrator([Self.first], configuration: configuration, ledger: nowhere).migrate()
        }
        #expect(text?.contains("no schema nowhere") == true)
    }

    @Test func `a folder is read in order, and a file with another name refused`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder.appending(path: "bootstrap"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "SELECT 2".write(to: folder.appending(path: "0002_two_b.sql"), atomically: true, encoding: .utf8)
        try "SELECT 1".write(to: folder.appending(path: "0001_one.sql"), atomically: true, encoding: .utf8)
        try "text".write(to: folder.appending(path: "README.md"), atomically: true, encoding: .utf8)
        let path = folder.path(percentEncoded: false)
        let found = try Migration.read(folder: path)
        #expect(found.map(\.name) == ["one", "two_b"])
        #expect(found.map(\.sql) == ["SELECT 1", "SELECT 2"])
        try "SELECT 3".write(to: folder.appending(path: "3_three.sql"), atomically: true, encoding: .utf8)
        #expect(throws: MigrationError.self) { try Migration.read(folder: path) }
    }

    @Test func `a script of administration reads settings that are not part of its text`() async throws {
        let configuration = try await database()
        let script = "CREATE TABLE told AS SELECT current_setting('kit.secret') AS secret"
        try await Administration.run(script: script, settings: ["kit.secret": "it's"], on: configuration)
        let rows = try await count("SELECT count(*) FROM told WHERE secret = 'it''s'", configuration)
        #expect(rows == 1)
    }
}
