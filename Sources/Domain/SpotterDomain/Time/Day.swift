public import Foundation

/// A day of the calendar, such as a birthday: without a time, and so without a time zone.
public struct Day: Sendable, Hashable, Comparable {
    private let civil: CivilDate

    /// The day that is `days` after 1970-01-01.
    public init(days: Int) { civil = CivilDate(days: days) }

    /// nil where there is no such day; years 0001 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.daysIn(month: month, year: year)
        else { return nil }
        civil = CivilDate(year: year, month: month, day: day)
    }

    /// Reads `2026-11-21`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy { (48...57).contains($0) } }) else { return nil }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1 - 48) } }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    }

    /// The day that it is at a moment in a place.
    public init(_ date: Date, in zone: TimeZone) {
        let seconds = date.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: date))
        // Far beyond any calendar a day stops being a number.
        let days = (seconds / 86_400).rounded(.down)
        civil = CivilDate(days: Int(min(max(days, -719_162), 2_932_896)))
    }

    /// The day in UTC: what is kept as a moment without a time is kept as midnight there.
    public init(utc date: Date) { self.init(date, in: .gmt) }

    /// The year.
    public var year: Int { civil.year }
    /// 1 to 12.
    public var month: Int { civil.month }
    /// 1 to 31.
    public var day: Int { civil.day }
    /// Days since 1970-01-01.
    public var days: Int { civil.days }
    /// Its beginning in UTC.
    public var start: Date { Date(timeIntervalSince1970: Double(days) * 86_400) }

    /// The earlier day is the lesser.
    public static func < (left: Day, right: Day) -> Bool { left.days < right.days }
}

extension Day: CustomStringConvertible {
    /// Such as `2026-11-21`.
    public var description: String { String(Timestamp.string(from: start).prefix(10)) }
}

extension Day: Codable, SchemaDescribed {
    /// What an error says of anything else.
    public static let expectation = "must be a day such as 2026-11-21"

    /// Reads `2026-11-21`; anything else is refused.
    public init(from decoder: any Decoder) throws {
        guard let day = Day(try decoder.singleValueContainer().decode(String.self)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: Self.expectation))
        }
        self = day
    }

    /// Writes `2026-11-21`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// A string that holds a day.
    public static let schema = JSONSchema(
        .string, description: "A day, such as 2026-11-21.", format: "date", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    /// The first of 1970.
    public static let sample = Day(days: 0)
}
