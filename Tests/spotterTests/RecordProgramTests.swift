import Foundation
import ServiceKit
import SpotterDomain
import SpotterTesting
import Testing

/// Records brought in from files and given out as files, with the real program on a real database.
@Suite(.timeLimit(.minutes(10))) struct RecordProgramTests {
    private struct Gym {
        let database: DeployedDatabase

        func run(_ words: [String]) async throws -> (code: Int32, output: String) {
            try await RunningSpotter.command(
                words + ["--organization", "iron-temple"], data: database.folder, environment: database.environment)
        }

        func file(_ name: String) -> String { database.folder + "-" + name }

        func write(_ lines: String..., to name: String) throws -> String {
            let path = file(name)
            try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        func bring(_ kind: String, _ path: String, _ options: String...) async throws -> (
            code: Int32, report: JSONValue
        ) {
            let done = try await run(["import", kind, path, "--json"] + options)
            let line = done.output.split(separator: "\n").first { $0.hasPrefix("{") } ?? ""
            return (done.code, try JSONParser.parse(Array(line.utf8)))
        }

        func give(_ kind: String) async throws -> String {
            let path = file("\(kind).csv")
            let done = try await run(["export", kind, "--output", path])
            #expect(done.code == 0, "\(done.output)")
            return path
        }
    }

    private static func figures(_ report: JSONValue) -> [Int] {
        ["rows", "created", "updated", "unchanged", "failed"].map { Int(report[$0]?.int ?? -1) }
    }

    @Test func `what is given out can be brought in again and changes nothing, whether or not it has external ids`()
        async throws
    {
        let gym = Gym(database: try await DeployedDatabase.make())
        defer { gym.database.remove() }
        let filled = try await gym.run(["demo", "--members", "30", "--months", "3", "--seed", "7"])
        #expect(filled.code == 0, "\(filled.output)")
        for kind in RecordKinds.all.map({ $0.plural }) {
            let path = try await gym.give(kind)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.hasPrefix("id,external_id,"), "\(text.prefix(80))")
            let again = try await gym.bring(kind, path)
            let figures = Self.figures(again.report)
            #expect(again.code == 0 && figures[0] == figures[3], "\(kind): \(again.report)")
            if ["clients", "bookings", "payments"].contains(kind) { #expect(figures[0] > 0) }
        }
        try await changeByID(gym)
        try await endEarly(gym)
    }

    /// A column of ids tells records that nobody else has a name for, and joins files with each other.
    private func changeByID(_ gym: Gym) async throws {
        let clients = try String(contentsOfFile: gym.file("clients.csv"), encoding: .utf8)
        let id = try #require(clients.split(separator: "\r\n").dropFirst().first?.split(separator: ",").first)
        let lost = Identifier<ClientKind>(UUID()).description
        let notes = try gym.write("id,notes", "\(id),Likes mornings", "\(lost),Nobody", to: "notes.csv")
        let changed = try await gym.bring("clients", notes)
        #expect(changed.code == 1)
        #expect(Self.figures(changed.report) == [2, 0, 1, 0, 1])
        let problem = try #require(changed.report["problems"]?[0])
        #expect(problem["line"] == 3 && problem["column"] == "id" && problem["external_id"]?.string == lost)
        #expect(Self.figures(try await gym.bring("clients", notes).report) == [2, 0, 0, 1, 1])
        let visits = try gym.write(
            "external_id,client_id,checked_in_at", "v-1,\(id),2026-07-01 18:30", to: "visits.csv")
        #expect(Self.figures(try await gym.bring("check-ins", visits).report) == [1, 1, 0, 0, 0])
        #expect(Self.figures(try await gym.bring("check-ins", visits).report) == [1, 0, 0, 1, 0])
    }

    /// Whoever reads may stop reading.
    private func endEarly(_ gym: Gym) async throws {
        let words = "export bookings --organization iron-temple 2>&1 >&3 | cat >&2) 3>&1 | head -1"
        let command = try await FinishedCommand.run(
            ["/bin/bash", "-c", "('\(RunningSpotter.binary)' \(words)"],
            environment: gym.database.environment.merging(["PATH": "/usr/bin:/bin"]) { first, _ in first },
            keepsErrorsApart: true)
        #expect(command.output.hasPrefix("id,external_id,"))
        #expect(command.errors == "")
    }

    @Test func `files of other systems are brought in, and what is wrong with a row is told with its line`()
        async throws
    {
        let gym = Gym(database: try await DeployedDatabase.make())
        defer { gym.database.remove() }
        let members = try gym.write(
            "ID;First Name;Last Name;E-Mail;Join Date;Status;Cancelled On",
            "7;Anna;Lindqvist;anna@example.com;03/04/2026;Active;", "8;Ben;Park;no address;04/04/2026;Active;",
            "9;Cem;Oz;;05/04/2026;Active;06/04/2026", "10;Dan;Roe;;11/21/2026;Active;", to: "members.csv")
        let problems = gym.file("problems.csv")
        let rehearsed = try await gym.bring("clients", members, "--dates", "dmy", "--dry-run", "--report", problems)
        #expect(Self.figures(rehearsed.report) == [4, 1, 0, 0, 3])
        let told = try String(contentsOfFile: problems, encoding: .utf8).split(separator: "\r\n").dropFirst()
        let places = told.map { $0.split(separator: ",", omittingEmptySubsequences: false).prefix(3).map(String.init) }
        #expect(places == [["3", "8", "email"], ["4", "9", "cancelled_on"], ["5", "", "joined_on"]])
        // Nothing was written yet.
        #expect(Self.figures(try await gym.bring("clients", members, "--dates", "dmy").report) == [4, 1, 0, 0, 3])
        #expect(Self.figures(try await gym.bring("clients", members, "--dates", "dmy").report) == [4, 0, 0, 1, 3])
        let exported = try String(contentsOfFile: try await gym.give("clients"), encoding: .utf8)
        #expect(exported.contains("2026-04-03") && exported.contains("anna@example.com"))
        let wrong = try await gym.run(["import", "clients", members, "--dates", "ymd"])
        #expect(wrong.code == 2 && wrong.output.contains("--dates must be dmy or mdy"), "\(wrong.output)")
        let none = try await gym.run(["export", "client"])
        #expect(none.code == 2 && none.output.contains("did you mean"), "\(none.output)")
    }
}
