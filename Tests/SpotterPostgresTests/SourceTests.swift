import Foundation
import SpotterTesting
import Testing

/// SQL is part of the program: `Statement` takes a `StaticString`, and this holds the doors beside it shut.
struct SourceTests {
    private struct Source {
        let path: String
        let lines: [Substring]
    }

    private static func sources() throws -> [Source] {
        let root = URL(filePath: TestStores.migrationsFolder).deletingLastPathComponent().appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(atPath: root.path))
        return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { path in
            let text = try String(contentsOfFile: root.appending(path: path).path, encoding: .utf8)
            return Source(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// Every line in `sources`, outside comments, that holds one of `words`, as `path: line`.
    private static func lines(with words: [String], outside allowed: [String]) throws -> [String] {
        try sources().filter { source in !allowed.contains { source.path.hasPrefix($0) } }.flatMap { source in
            source.lines.filter { line in
                let code = line.drop { $0 == " " }
                return !code.hasPrefix("//") && words.contains { code.contains($0) }
            }.map { "\(source.path): \($0)" }
        }
    }

    @Test func `only PostgresKit speaks to libpq`() throws {
        #expect(try Self.lines(with: ["CLibpq", "PQexec", "PQsend"], outside: ["Kits/PostgresKit/"]) == [])
        #expect(!(try Self.lines(with: ["CLibpq"], outside: []).isEmpty))
    }

    @Test func `only the bootstrap and the benchmark's own database run a script`() throws {
        let allowed = [
            "Kits/PostgresKit/", "Adapters/SpotterPostgres/Setup/DatabaseBootstrap.swift",
            "Adapters/SpotterPostgres/QueueBenchScripts.swift", "Adapters/SpotterPostgres/GymBenchScripts.swift",
        ]
        #expect(try Self.lines(with: ["Administration.run("], outside: allowed) == [])
    }

    @Test func `only the stores hold SQL`() throws {
        let allowed = ["Kits/PostgresKit/", "Adapters/SpotterPostgres/"]
        let verbs = ["SELECT ", "INSERT INTO ", "UPDATE spotter", "DELETE FROM ", "TRUNCATE ", "Statement("]
        #expect(try Self.lines(with: verbs, outside: allowed) == [])
        #expect(!(try Self.lines(with: ["Statement("], outside: ["Kits/"]).isEmpty))
    }

    @Test func `no static string is made at run time`() throws {
        // Each would be a way round the type: the memory of another string passed off as a literal's.
        let tricks = ["StaticString(", "unsafeBitCast", "as! StaticString", "_builtinStringLiteral"]
        #expect(try Self.lines(with: tricks, outside: []) == [])
    }
}
