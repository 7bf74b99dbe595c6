import Foundation
import SpotterDomain
import Testing

struct ReportPeriodTests {
    /// A Saturday.
    private static let today = Day(year: 2026, month: 11, day: 21)

    @Test(arguments: [
        ("today", "2026-11-21", "2026-11-21"), ("Yesterday", "2026-11-20", "2026-11-20"),
        ("this week", "2026-11-16", "2026-11-21"), ("this month", "2026-11-01", "2026-11-21"),
        ("this_month", "2026-11-01", "2026-11-21"), ("current quarter", "2026-10-01", "2026-11-21"),
        ("this year", "2026-01-01", "2026-11-21"), ("ytd", "2026-01-01", "2026-11-21"),
        ("year to date", "2026-01-01", "2026-11-21"), ("last month", "2026-10-01", "2026-10-31"),
        ("last 3 months", "2026-08-01", "2026-10-31"), ("past 12 months", "2025-11-01", "2026-10-31"),
        ("last week", "2026-11-09", "2026-11-15"), ("last 2 weeks", "2026-11-02", "2026-11-15"),
        ("last quarter", "2026-07-01", "2026-09-30"), ("last year", "2025-01-01", "2025-12-31"),
        ("last 30 days", "2026-10-23", "2026-11-21"), ("last 1 day", "2026-11-21", "2026-11-21"),
        ("2026-02", "2026-02-01", "2026-02-28"), ("2024", "2024-01-01", "2024-12-31"),
        ("2026-Q2", "2026-04-01", "2026-06-30"), ("Q2 2026", "2026-04-01", "2026-06-30"),
        ("2026-11-03", "2026-11-03", "2026-11-03"), ("2026-01-05 to 2026-03-31", "2026-01-05", "2026-03-31"),
        ("from 2026-01-05 until 2026-03-31", "2026-01-05", "2026-03-31"),
        ("2026-01-05..2026-03-31", "2026-01-05", "2026-03-31"), ("2026-01-05/2026-03-31", "2026-01-05", "2026-03-31"),
        ("2026-11", "2026-11-01", "2026-11-30"),
    ])
    func `a period may be words or dates`(_ text: String, _ first: String, _ last: String) throws {
        let days = try ReportPeriod(text).days(today: #require(Self.today))
        #expect(days.lowerBound.description == first)
        #expect(days.upperBound.description == last)
    }

    @Test(arguments: [
        "", "soon", "last", "last months", "last 0 days", "last -3 months", "last 3 parsecs", "2026-13", "2026-02-30",
        "2026-Q5", "2026-02-01 to soon", "2026-02-01..", "next month", "last 99999999999999999999 days", "--", "/",
    ])
    func `what is no period is refused with what is one`(_ text: String) throws {
        let error = #expect(throws: ToolFailure.self) {
            try ReportPeriod(text).days(today: #require(Self.today))
        }
        #expect(error?.message.contains("last 3 months") == true)
    }

    @Test(arguments: [
        ("2026-03-01 to 2026-02-01", "earlier date first"), ("2027-01", "has not begun"),
        ("2024-01-01 to 2026-01-01", "at most 366"), ("last 10 years", "at most 366"), ("last 400 days", "at most 366"),
    ])
    func `a period that no report covers says why`(_ text: String, _ why: String) throws {
        let error = #expect(throws: ToolFailure.self) {
            try ReportPeriod(text).days(today: #require(Self.today))
        }
        #expect(error?.message.contains(why) == true)
    }

    @Test func `a period is cut at the first days of its weeks and months, and its ends may be shorter`() throws {
        let first = try #require(Day("2026-01-30"))
        let last = try #require(Day("2026-03-01"))
        #expect(
            ReportStep.month.edges(from: first, through: last).map(\.description)
                == ["2026-01-30", "2026-02-01", "2026-03-01", "2026-03-02"])
        #expect(ReportStep.whole.edges(from: first, through: last).map(\.description) == ["2026-01-30", "2026-03-02"])
        #expect(
            ReportStep.week.edges(from: first, through: first.adding(days: 9)).map(\.description)
                == ["2026-01-30", "2026-02-02", "2026-02-09"])
        #expect(ReportStep.day.edges(from: first, through: last).count == 32)
    }

    @Test func `a month later is the same day, or the last of a shorter month`() throws {
        let day = try #require(Day("2026-01-31"))
        #expect(day.adding(months: 1).description == "2026-02-28")
        #expect(day.adding(months: -11).description == "2025-02-28")
        #expect(day.adding(months: 25).description == "2028-02-29")
        #expect(day.isoWeekday == 6)
    }
}

struct MinorUnitTests {
    @Test(arguments: [
        ("1.005", "GBP", "1.01"), ("-1.005", "GBP", "-1.01"), ("1.0049", "GBP", "1.00"), ("7", "GBP", "7.00"),
        ("0.5", "JPY", "1"), ("1234.5", "KWD", "1234.500"), ("-0.004", "GBP", "0.00"), ("12.3", "XAF", "12"),
    ])
    func `amounts are rounded once, half away from zero, and have all their digits`(
        _ amount: String, _ currency: String, _ text: String
    ) throws {
        #expect(MinorUnit.text(try #require(Decimal(string: amount)), currency) == text)
    }

    @Test func `a share of nothing is not known`() {
        #expect(MinorUnit.percent(1, of: 0) == nil)
        #expect(MinorUnit.percent(1, of: 3) == "33.3")
        #expect(MinorUnit.percent(-1, of: 8) == "-12.5")
    }
}

struct EngagementTests {
    private func pattern(_ days: [Int], _ attended: Int = 0, _ missed: Int = 0) -> VisitPattern {
        VisitPattern(seen: days.reduce(0) { $0 | 1 << UInt64($1) }, attended: attended, missed: missed)
    }

    @Test func `the score goes from nothing at all to everything`() {
        #expect(EngagementScore(pattern([], 0, 9)).value == 0)
        #expect(EngagementScore(pattern(Array(0..<56), 40, 0)).value == 100)
        // 12 days in 30, today, every week, half of the classes missed.
        #expect(EngagementScore(pattern(stride(from: 0, to: 56, by: 2).map(\.self), 5, 5)).value == 95)
        // Only the first day: one of eight weeks, and nothing booked: 2.5 + 10.
        #expect(EngagementScore(pattern([55])).value == 13)
        #expect(EngagementScore(pattern([55])).level == .low)
    }

    @Test func `the parts come to the score`() {
        let score = EngagementScore(pattern([0, 8, 55], 1, 0))
        #expect(score.parts.map(\.tenths) == [67, 300, 75, 100])
        #expect(score.parts.map(\.most).reduce(0, +) == 100)
        #expect(score.value == 54)
    }

    @Test func `risk is the sum of its reasons`() {
        let gone = RiskRules(visits: pattern([30, 33, 36, 40], 1, 2), memberDays: 60, owes: true)
        #expect(gone.reasons == [.longGap, .fallingTrend, .weakStart, .missedClasses, .paymentOwed])
        #expect(gone.score == 100)
        #expect(gone.level == "high")
        #expect(RiskRules(visits: pattern([0, 3, 7, 10]), memberDays: 400, owes: false).reasons == [])
        #expect(RiskRules(visits: pattern([14]), memberDays: 400, owes: false).reasons == [.gap])
        #expect(RiskRules(visits: pattern([]), memberDays: 13, owes: false).reasons == [])
    }
}
