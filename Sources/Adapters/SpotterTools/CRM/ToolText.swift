import Foundation
import SpotterDomain

/// How tools write what they found: what is not known is left out, money is exact, times are the gym's.
struct ToolRow {
    private var object = JSONObject()

    init() {}

    var json: JSONValue { .object(object) }

    mutating func set(_ name: String, _ value: JSONValue?) { object[name] = value }
    mutating func set(_ name: String, _ text: String?) {
        if let text, !text.isEmpty { object[name] = .string(text) }
    }
    mutating func set(_ name: String, _ number: Int?) { object[name] = number.map { .int(Int64($0)) } }
    mutating func set(_ name: String, _ flag: Bool?) { object[name] = flag.map { .bool($0) } }
    mutating func set<Kind>(_ name: String, _ id: Identifier<Kind>?) {
        object[name] = id.map { .string($0.description) }
    }
    mutating func set(_ name: String, _ texts: [String]) {
        if !texts.isEmpty { object[name] = .array(texts.map { .string($0) }) }
    }
}

extension GymCalendar {
    /// `2026-11-23 18:30`.
    func moment(_ date: Date) -> String { "\(day(of: date)) \(time(of: date))" }

    /// `Monday 2026-11-23 at 18:30`.
    func words(_ date: Date) -> String { "\(name(of: day(of: date))) at \(time(of: date))" }

    /// The range of the days from one to another, both included; nil where neither is given.
    ///
    /// - Throws: `ToolFailure` for a day that is none, or an end before the beginning.
    func range(from first: String?, to last: String?) throws -> Range<Date>? {
        guard first != nil || last != nil else { return nil }
        let first = try first.map(day(from:))
        let last = try last.map(day(from:))
        if let first, let last, last < first { throw ToolFailure("to (\(last)) is before from (\(first)).") }
        let start = first.map { self.start(of: $0) } ?? Self.earliest
        let end = last.map { self.start(of: self.day($0, plus: 1)) } ?? Self.latest
        return start..<max(start, end)
    }

    /// 1970 and 9998: before and after everything that is kept.
    static let earliest = Date(timeIntervalSince1970: 0)
    static let latest = Date(timeIntervalSince1970: 253_300_000_000)

    /// A local day and time as an instant.
    ///
    /// - Throws: `ToolFailure` for what is no day or time, and for a time that the clocks leave out that day.
    func instant(day text: String, time clock: String) throws -> Date {
        guard let time = TimeOfDay(clock) else {
            throw ToolFailure("\"\(clock.prefix(20))\" is not a time. Use the local time, such as 18:30 or 6pm.")
        }
        let day = try day(from: text)
        guard let date = date(of: day, hour: time.hour, minute: time.minute), self.time(of: date) == time.description
        else { throw ToolFailure("There is no \(time) on \(day) at this gym: the clocks change then.") }
        return date
    }
}

/// Money for a model: `GBP 49.00`, all of its digits and at least two after the point.
func moneyText(_ amount: Decimal, _ currency: String) -> String { "\(currency) \(amountText(amount))" }

/// `49.00`; fractions of a hundredth are rounded to the even one, as they cannot be paid.
func amountText(_ amount: Decimal) -> String {
    var (rounded, exact) = (Decimal(), amount)
    NSDecimalRound(&rounded, &exact, 2, .bankers)
    let text = "\(rounded)"
    guard let point = text.firstIndex(of: ".") else { return text + ".00" }
    let digits = text.distance(from: point, to: text.endIndex) - 1
    return text + String(repeating: "0", count: max(0, 2 - digits))
}

/// `1 booking`, `3 bookings`.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}

extension ToolFailure {
    /// What is said of an id that names nothing here: of no use to tell whether it names something elsewhere.
    static func unknown<Kind>(_ id: Identifier<Kind>, _ noun: String, takeFrom tool: String) -> ToolFailure {
        ToolFailure("There is no \(noun) \(id). Take ids from \(tool).")
    }
}

extension ToolContext {
    /// Who is written down as having done it: an agent by its id.
    var actor: String { caller.agent?.description ?? caller.subject ?? "tools" }
}
