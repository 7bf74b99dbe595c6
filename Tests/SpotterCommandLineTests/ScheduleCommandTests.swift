import Foundation
import SpotterDomain
import Synchronization
import Testing

@testable import SpotterCommandLine

/// `spotter schedule next`, which needs no server.
struct ScheduleCommandTests {
    private final class Output: Sendable {
        let text = Mutex("")
        var terminal: Terminal {
            Terminal(
                isInteractive: false, usesColor: false,
                output: { text in
                    self.text.withLock { $0 += text }
                    return .written
                },
                errors: { _ in }, input: { nil })
        }
    }

    private static func run(_ words: [String]) throws -> String {
        let command = ScheduleNextCommand()
        let output = Output()
        try command.run(Arguments(words, allowing: command.options), output.terminal)
        return output.text.withLock { $0 }
    }

    @Test func `it says what an expression means and when it fires`() throws {
        let text = try Self.run([
            "30 1 * * *", "--tz", "Europe/London", "--from", "2027-03-27T12:00:00Z", "--count", "2",
        ])
        #expect(
            text == """
                every day at 01:30, Europe/London
                  Sun 2027-03-28 02:00:00 +01:00
                  Mon 2027-03-29 01:30:00 +01:00
                note: Clocks in Europe/London change on 2027-03-28; times such as 01:30 do not come: it fires at 02:00.

                """)
    }

    @Test func `it says so when there is nothing to come`() throws {
        let text = try Self.run(["0 0 31 2 *"])
        #expect(
            text == """
                on the 31st of February at 00:00, UTC
                  never again
                note: It never fires: there is no such date.

                """)
    }

    @Test func `it prints JSON for programs`() throws {
        let text = try Self.run([
            "30 2 * * *", "--tz=America/New_York", "--from=2026-03-07T12:00:00Z", "--count=1", "--gap=skip", "--json",
        ])
        let json = try JSONParser.parse(text)
        #expect(json["next_fires"] == ["2026-03-09T06:30:00.000Z"])
        #expect(json["timezone"] == "America/New_York")
        #expect(json["notes"]?[0]?["code"] == "clock_change")
    }

    @Test func `a mistake is underlined`() {
        #expect { try Self.run(["0 9 * * FRY"]) } throws: { error in
            (error as? SpotterError)?.message == """
                day of week, column 9: FRY means nothing here; expected 0 to 7 or SUN to SAT; did you mean "FRI"?

                  0 9 * * FRY
                          ^^^
                """
        }
        #expect { try Self.run(["0 9 * * FRY", "--json"]) } throws: { error in
            (error as? SpotterError)?.message.contains("\n") == false
        }
        #expect { try Self.run(["@daily", "--tz", "Europe/Lundon"]) } throws: { error in
            (error as? SpotterError)?.message.contains("did you mean \"Europe/London\"?") == true
        }
    }

    @Test(arguments: [
        [], ["0", "9", "*", "*", "*"], ["@daily", "--count", "0"], ["@daily", "--gap", "x"],
        ["@daily", "--from", "now"],
        ["@daily", "--zone", "UTC"],
    ])
    func `a call that cannot be meant is refused`(_ words: [String]) {
        #expect(throws: UsageError.self) { try Self.run(words) }
    }

    @Test func `its help has an example`() {
        #expect(Help.text(for: ScheduleNextCommand()).contains("spotter schedule next '30 6 * * MON-FRI'"))
    }
}
