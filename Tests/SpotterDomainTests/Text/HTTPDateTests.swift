import Foundation
import SpotterDomain
import Testing

struct HTTPDateTests {
    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Sat, 01 Jan 2000 00:00:00 GMT", 946_684_800),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Sun, 01 Mar 2026 12:00:00 GMT", 1_772_366_400),
    ])
    func `a time is read as what it says`(_ text: String, _ seconds: Int) {
        #expect(HTTPDate.date(from: text) == Date(timeIntervalSince1970: TimeInterval(seconds)))
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 31 Feb 2026 00:00:00 GMT", "Sun, 29 Feb 2023 00:00:00 GMT", "Sun, 00 Jan 2026 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 00:60:00 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT ",
        // The formatter of Foundation ends the process at this one.
        "W\u{FFFD}ct 2620 \u{1}\0\0\08:00 GMT",
    ])
    func `anything else is no time`(_ text: String) {
        #expect(HTTPDate.date(from: text) == nil)
    }

    @Test func `every day of four centuries comes one after the other`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "GMT"))
        let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(separator: " ")
        for year in stride(from: 1_900, through: 2_300, by: 1) {
            for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
                let text = "Mon, \(day < 10 ? "0" : "")\(day) \(months[month - 1]) \(year) 00:00:00 GMT"
                let wanted = calendar.date(from: DateComponents(year: year, month: month, day: day))
                #expect(HTTPDate.date(from: text) == wanted, "\(text)")
            }
        }
    }
}
