import Foundation
import SpotterDomain
import Testing

/// Compared with Foundation, which knows the calendar from another source.
struct TimestampTests {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Days around which calendars go wrong, in seconds since 1970.
    static let moments: [Double] = {
        var moments: [Double] = [
            0, -1, 1, -0.001, 0.001, 86_399.999, -86_400, 951_782_399, 951_782_400, 951_868_800, 4_107_542_400,
            -2_203_891_200,
            253_402_300_799, -62_135_596_800, -62_167_219_200, 1_795_248_000.125, 68_169_600, -12_219_292_800,
        ]
        var state: UInt64 = 42
        for _ in 0..<2_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Any millisecond between the years 1600 and 9999, when both calendars agree.
            moments.append(-11_676_096_000 + Double((state >> 16) % 265_000_000_000_000) / 1_000)
        }
        return moments.filter { $0 <= 253_402_300_799.999 }
    }()

    @Test func `a time is written as Foundation writes it and read back`() throws {
        for seconds in Self.moments {
            let date = Date(timeIntervalSince1970: seconds)
            let text = Timestamp.string(from: date)
            let again = try #require(Timestamp.date(from: text), "\(text)")
            #expect(abs(again.timeIntervalSince(date)) <= 0.000_51, "\(text)")
            guard seconds >= -11_676_096_000 else { continue }
            let foundation = try Self.style.parse(text)
            #expect(abs(foundation.timeIntervalSince(date)) <= 0.001, "\(text)")
        }
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"), (-0.001, "1969-12-31T23:59:59.999Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        (1_795_248_000.125, "2026-11-21T08:00:00.125Z"), (1_795_248_000.999_6, "2026-11-21T08:00:01.000Z"),
        (-62_135_596_800, "0001-01-01T00:00:00.000Z"), (253_402_300_799.999, "9999-12-31T23:59:59.999Z"),
        // Outside of what four digits can say, the nearest that they can.
        (1e15, "9999-12-31T23:59:59.999Z"), (-1e15, "0000-01-01T00:00:00.000Z"),
        (.infinity, "9999-12-31T23:59:59.999Z"),
        (-.infinity, "0000-01-01T00:00:00.000Z"), (.nan, "0000-01-01T00:00:00.000Z"),
    ])
    func `known times are written`(_ seconds: Double, _ text: String) {
        #expect(Timestamp.string(from: Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test(arguments: [
        ("2026-11-21T08:00:00Z", 1_795_248_000), ("2026-11-21t08:00:00z", 1_795_248_000),
        ("2026-11-21T09:00:00+01:00", 1_795_248_000), ("2026-11-21T02:30:00-05:30", 1_795_248_000),
        ("2026-11-21T08:00:00.5Z", 1_795_248_000.5), ("2026-11-21T08:00:00.123456789Z", 1_795_248_000.123456789),
        ("2026-11-20T23:59:59-08:01", 1_795_248_059), ("2024-02-29T00:00:00Z", 1_709_164_800),
        ("1969-12-31T23:59:59.25Z", -0.75), ("2026-11-21T08:00:00-00:00", 1_795_248_000),
        ("2026-11-21T08:00:00+23:59", 1_795_161_660),
    ])
    func `RFC 3339 times are read`(_ text: String, _ seconds: Double) throws {
        let date = try #require(Timestamp.date(from: text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_001)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T08:00:00", "2026-11-21 08:00:00Z", "2026-11-21T08:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T08:60:00Z", "2026-11-21T08:00:60Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-11-21T08:00:00.Z", "2026-11-21T08:00:00.1234567890Z", "2026-11-21T08:00:00+1:00",
        "2026-11-21T08:00:00+0100",
        "2026-11-21T08:00:00+24:00", "2026-11-21T08:00:00+01:60", "2026-11-21T08:00:00ZZ", "2026-11-21T08:00:00Z ",
        " 2026-11-21T08:00:00Z", "-026-11-21T08:00:00Z", "2026-1-21T08:00:00.00Z", "２026-11-21T08:00:00Z",
        "2026-11-21T08:00:00.5", "+2026-11-21T08:00:00Z", "2026-11-21T08:00:00,5Z", "2026-W47-6T08:00:00Z",
    ])
    func `anything else is refused`(_ text: String) { #expect(Timestamp.date(from: text) == nil) }

    @Test func `every day from 1890 to 2110 is the calendar's`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var day = try #require(Timestamp.date(from: "1890-01-01T12:00:00Z"))
        while let text = Optional(Timestamp.string(from: day)), text < "2110" {
            let parts = calendar.dateComponents([.year, .month, .day], from: day)
            let (year, month, number) = try (#require(parts.year), #require(parts.month), #require(parts.day))
            #expect(Int(text.prefix(4)) == year && Int(text.dropFirst(5).prefix(2)) == month)
            #expect(Int(text.dropFirst(8).prefix(2)) == number)
            day += 86_400
        }
    }
}
