import Foundation
import SpotterDomain
import Testing

/// What the schedules' tests share.
enum CronFixture {
    static func zone(_ name: String) throws -> TimeZone { try #require(ZoneName.zone(name), "\(name)") }

    static func time(_ text: String) throws -> Date { try #require(Timestamp.date(from: text), "\(text)") }

    /// Whether the expression fires at this second of a clock in UTC.
    static func fires(_ cron: String, at text: String) throws -> Bool {
        let date = try time(text)
        return try CronExpression(cron).nextFire(after: date.addingTimeInterval(-1), in: zone("UTC")) == date
    }

    /// Fires after `start`, as RFC 3339 times with the zone's own offset.
    static func fires(
        _ cron: String, _ zoneName: String, after start: String, gap: DaylightSavingGap = .shift, count: Int
    ) throws -> [String] {
        let zone = try zone(zoneName)
        return try CronExpression(cron).fires(after: time(start), in: zone, gap: gap, count: count).map {
            $0.formatted(
                Date.ISO8601FormatStyle(timeZone: zone).year().month().day().dateSeparator(.dash)
                    .time(includingFractionalSeconds: false).timeZone(separator: .colon))
        }
    }
}

/// A repeatable source of numbers (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
