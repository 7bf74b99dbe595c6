import Foundation
import SpotterDomain

/// `spotter schedule next`
struct ScheduleNextCommand: Command {
    let path = ["schedule", "next"]
    let summary = "Say what a cron expression means and when it fires next"
    let operands = "'CRON'"
    let example = "spotter schedule next '30 6 * * MON-FRI' --tz Europe/London --count 3"
    let options: [OptionSpec] = [
        .option("tz", "ZONE", "Whose clock, such as Europe/London. Default UTC."),
        .option("count", "N", "How many fires, 1 to 100. Default 5."),
        .option("from", "TIME", "After this RFC 3339 time. Default now."),
        .option("gap", "POLICY", "Times that the clocks pass over: shift or skip. Default shift."),
        .flag("json", "Print JSON."),
    ]
    var clock: any WallClock = SystemClock()

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try run(arguments, terminal)
    }

    /// Asks nothing of the product: no server and no database.
    func run(_ arguments: Arguments, _ terminal: Terminal) throws {
        guard arguments.words.count < 2 else {
            throw UsageError("unexpected \"\(arguments.words[1])\": put the whole expression in quotes")
        }
        guard let cron = arguments.words.first else { throw UsageError("a cron expression is needed") }
        let (gap, count, start) = try (gap(arguments), count(arguments), start(arguments))
        let preview: SchedulePreview
        do throws(SchedulePreview.Problem) {
            preview = try SchedulePreview(
                cron: cron, timezone: arguments["tz"] ?? "UTC", gap: gap, count: count, after: start)
        } catch {
            throw Self.report(error, cron, withCaret: !arguments.has("json"))
        }
        arguments.has("json") ? terminal.print(try Self.json(preview).description) : Self.print(preview, terminal)
    }

    // MARK: Options

    private func count(_ arguments: Arguments) throws -> Int { try arguments.integer("count", in: 1...100) ?? 5 }

    private func gap(_ arguments: Arguments) throws -> DaylightSavingGap {
        guard let text = arguments["gap"] else { return .shift }
        guard let gap = DaylightSavingGap(rawValue: text) else { throw UsageError("--gap must be shift or skip") }
        return gap
    }

    private func start(_ arguments: Arguments) throws -> Date {
        guard let text = arguments["from"] else { return clock.now() }
        guard let date = Timestamp.date(from: text) else {
            throw UsageError("--from must be an RFC 3339 time such as 2026-11-21T06:30:00Z")
        }
        return date
    }

    // MARK: Output

    private static func print(_ preview: SchedulePreview, _ terminal: Terminal) {
        terminal.print(terminal.bold(preview.description))
        for fire in preview.nextFires { terminal.print("  " + local(fire, preview.zone)) }
        if preview.nextFires.isEmpty { terminal.print("  never again") }
        for note in preview.notes { terminal.print(terminal.dim("note: \(note.message)")) }
    }

    /// `Mon 2026-11-23 06:30:00 +00:00`.
    private static func local(_ date: Date, _ zone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let name = names[(calendar.component(.weekday, from: date) + 6) % 7]
        let offset = zone.secondsFromGMT(for: date)
        let wall = Timestamp.string(from: date.addingTimeInterval(TimeInterval(offset)))
        let (hours, minutes) = (offset.magnitude / 3_600, offset.magnitude / 60 % 60)
        let digits = [hours, minutes].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "\(name) \(wall.prefix(10)) \(wall.dropFirst(11).prefix(8)) \(offset < 0 ? "-" : "+")\(digits)"
    }

    private static func json(_ preview: SchedulePreview) throws -> JSONValue {
        [
            "description": .string(preview.description), "timezone": .string(preview.zone.identifier),
            "next_fires": .array(preview.nextFires.map { .string(Timestamp.string(from: $0)) }),
            "notes": .array(try preview.notes.map { try JSONValue(encoding: $0) }),
        ]
    }

    /// The mistake, under the place where it was made.
    private static func report(
        _ problem: SchedulePreview.Problem, _ cron: String, withCaret: Bool
    ) -> SpotterError {
        let field = problem.field.split(separator: "_").joined(separator: " ")
        guard let column = problem.column, let length = problem.length else {
            return SpotterError(.invalid, "the \(field) \(problem.message)")
        }
        let message = "\(field), column \(column): \(problem.message)"
        guard withCaret, cron.utf8.count <= 256 else { return SpotterError(.invalid, message) }
        let shown = String(cron.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        let caret = String(repeating: " ", count: column - 1) + String(repeating: "^", count: length)
        return SpotterError(.invalid, "\(message)\n\n  \(shown)\n  \(caret)")
    }
}
