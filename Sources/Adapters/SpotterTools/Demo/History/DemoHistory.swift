public import Foundation
public import SpotterDomain
import Synchronization

/// An invented gym with a past: who joined, paid, came and left, over months. Everything follows from the organisation,
/// the seed, the size and the day, so that making it again makes the same.
public struct DemoHistory: Sendable {
    let organization: Organization
    let calendar: Calendar
    private let seed: Int
    let members: Int
    let classes: Int
    /// The first day of the history, and the day on which the members' lives were made, each at its beginning.
    public let start: Date
    let today: Date
    /// The day until which there are sessions, but for two weeks more.
    let horizon: Date
    private let isContinued: Bool
    private let known = KnownLives()

    /// What may be asked for.
    public static let members = 1...200_000
    /// What may be asked for.
    public static let months = 1...120
    /// From when on the ids are of what was always there. 2022-01-01.
    static let opening = Date(timeIntervalSince1970: 1_640_995_200)
    /// How many members' rows are made at a time.
    static let batch = 100

    /// - Parameters:
    ///   - members: how many there ever were.
    ///   - months: how far back it goes.
    ///   - classes: how many programmes it offers.
    ///   - anchor: `start` of the same history as it was made on an earlier day: then only sessions are added.
    /// - Throws: `SpotterError` when this system does not know the organisation's time zone.
    public init(
        _ organization: Organization, members: Int, months: Int, seed: Int, classes: Int = 8, now: Date,
        anchor: Date? = nil
    ) throws {
        guard let zone = TimeZone(identifier: organization.timezone) else {
            throw SpotterError(.invalid, "The time zone \(organization.timezone) is not known to this system.")
        }
        self.organization = organization
        self.members = members
        self.seed = seed
        calendar = GymCalendar.gregorian(in: zone)
        self.classes = min(max(classes, 1), DemoProgramme.all.count)
        horizon = calendar.startOfDay(for: now)
        isContinued = anchor != nil
        start = anchor ?? calendar.date(byAdding: .month, value: -months, to: horizon) ?? horizon
        today = anchor.flatMap { [calendar] in calendar.date(byAdding: .month, value: months, to: $0) } ?? horizon
    }

    /// How many batches there are.
    public var batches: Int { 1 + weeks + (members + Self.batch - 1) / Self.batch + 1 }

    /// Those that may hold something new: of a history from an earlier day only the weeks around now.
    public var needed: Range<Int> {
        guard isContinued else { return 0..<batches }
        return max(0, batches - 8)..<batches
    }

    /// Everybody's time at the gym, by the members' numbers.
    var lives: [DemoLife] {
        known.value { [self] in (0..<members).map { DemoLives(history: self).life($0) } }
    }

    /// One of the batches. They may be loaded in their order only: later ones refer to earlier ones.
    public func batch(_ number: Int) -> GymHistoryBatch {
        let groups = (members + Self.batch - 1) / Self.batch
        switch number {
        case 0: return DemoHouse(history: self).batch()
        case 1...groups:
            let first = (number - 1) * Self.batch
            return DemoMembers(history: self).batch(first..<min(first + Self.batch, members))
        case groups + 1: return DemoLeads(history: self).batch()
        default: return DemoTimetable(history: self).batch(week: number - groups - 2)
        }
    }

    /// Weeks from the first day to two weeks ahead.
    var weeks: Int { Int(horizon.timeIntervalSince(start) / (7 * 86_400)) + 3 }

    /// The id by which a history that was loaded is known again.
    public var mark: UUID? { UUID(uuidString: DemoHouse(history: self).staff(0)) }

    /// A day of the history at its beginning, from 0.
    func day(_ number: Int) -> Date { calendar.date(byAdding: .day, value: number, to: start) ?? start }

    func generator(_ parts: String...) -> SeededGenerator {
        SeededGenerator(([organization.slug, "\(seed)"] + parts).joined(separator: "|"))
    }

    /// The id of a record that some text names, made at a time.
    func id(_ name: String, at time: Date) -> String {
        var random = generator("id", name)
        return random.uuid(at: time).uuidString
    }

    /// A moment as PostgreSQL reads it.
    static func text(_ date: Date) -> JSONValue { .string(Timestamp.string(from: date)) }

    /// A day as PostgreSQL reads it.
    func dayText(_ date: Date) -> JSONValue {
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        let pads = { (number: Int?) in (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        return .string("\(parts.year ?? 0)-\(pads(parts.month))-\(pads(parts.day))")
    }

    /// What every record has.
    static func record(_ id: String, at time: Date) -> JSONObject {
        var row = JSONObject()
        row["id"] = .string(id)
        row["version"] = 1
        row["created_at"] = text(time)
        row["updated_at"] = text(time)
        return row
    }
}

/// Lives that were made once.
private final class KnownLives: Sendable {
    private let lives = Mutex<[DemoLife]?>(nil)

    func value(_ make: () -> [DemoLife]) -> [DemoLife] {
        if let known = lives.withLock(\.self) { return known }
        let made = make()
        lives.withLock { $0 = made }
        return made
    }
}
