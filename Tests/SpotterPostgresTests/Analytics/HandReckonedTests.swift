import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// Small gyms whose figures were worked out by hand, on paper as it were: the numbers stand in the tests.
struct HandReckonedTests {
    @Test func `money counts in the gym's month, refunds in the month they were given, currencies apart`() async throws
    {
        var gym = try await ReportedGym.make()
        let anna = gym.member("Anna", joined: "2026-01-01")
        // London is an hour ahead of UTC until 25 October: this is 1 July, not 30 June.
        let july = gym.payment(anna, "10.10", at: "2026-06-30T23:00:00Z")
        gym.payment(anna, "20.0005", at: "2026-06-30T22:59:59Z")
        gym.payment(anna, "5", at: "2026-07-15T12:00:00Z", kind: "drop_in", method: "cash")
        gym.payment(anna, "99", at: "2026-07-15T12:00:00Z", status: "failed", reason: "card_expired")
        gym.payment(anna, "98", at: "2026-07-15T12:00:00Z", status: "pending")
        gym.payment(anna, "7", at: "2026-07-16T12:00:00Z", currency: "EUR")
        gym.refund(july, "4.10", at: "2026-08-01T12:00:00Z")
        try await gym.store()

        let lines = try await gym.analytics.revenue(
            gym.span("2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01"), in: gym.scope)
        #expect(
            lines == [
                RevenueLine(
                    part: 0, currency: "GBP", kind: "membership", method: "card", gross: exact("20.0005"),
                    payments: 1, refunded: 0, refunds: 0),
                RevenueLine(
                    part: 1, currency: "EUR", kind: "membership", method: "card", gross: 7, payments: 1, refunded: 0,
                    refunds: 0),
                RevenueLine(
                    part: 1, currency: "GBP", kind: "drop_in", method: "cash", gross: 5, payments: 1, refunded: 0,
                    refunds: 0),
                RevenueLine(
                    part: 1, currency: "GBP", kind: "membership", method: "card", gross: exact("10.1"),
                    payments: 1, refunded: 0, refunds: 0),
                RevenueLine(
                    part: 2, currency: "GBP", kind: "membership", method: "card", gross: 0, payments: 0,
                    refunded: exact("4.1"), refunds: 1),
            ])
        let trends = try await gym.analytics.payments(gym.span("2026-07-01", "2026-08-01"), in: gym.scope)
        #expect(trends.lines.filter { $0.currency == "GBP" }.map(\.payments) == [1, 1, 1, 1])
        #expect(
            trends.failures == [FailureLine(currency: "GBP", reason: "card_expired", amount: 99, payments: 1)])
    }

    @Test func `what is later than now counts in no report`() async throws {
        var gym = try await ReportedGym.make()
        let anna = gym.member("Anna", joined: "2026-01-01")
        gym.payment(anna, "10", at: "2026-11-21T09:59:59Z")
        gym.payment(anna, "20", at: "2026-11-21T10:00:00Z")
        gym.subscription(of: anna, [("2026-11-21T11:00:00Z", "30")])
        try await gym.store()
        let span = gym.span("2026-11-01", "2026-12-01")
        #expect(try await gym.analytics.revenue(span, in: gym.scope).map(\.gross) == [10])
        #expect(try await gym.analytics.recurring(span, in: gym.scope) == [])
    }

    @Test func `recurring revenue moves by what members pay at both ends, and adds up`() async throws {
        var gym = try await ReportedGym.make()
        let ids = ["new", "back", "more", "less", "lost", "still", "brief"].map {
            gym.member($0, joined: "2026-01-01")
        }
        gym.subscription(of: ids[0], [("2026-10-10T00:00:00Z", "49.99")])
        gym.subscription(of: ids[1], [("2026-02-01T00:00:00Z", "30"), ("2026-05-01T00:00:00Z", nil)])
        gym.subscription(of: ids[1], [("2026-10-31T23:59:59Z", "35")])
        gym.subscription(of: ids[2], [("2026-02-01T00:00:00Z", "40"), ("2026-10-05T00:00:00Z", "60")])
        gym.subscription(of: ids[3], [("2026-02-01T00:00:00Z", "80"), ("2026-10-05T00:00:00Z", "43.48214286")])
        gym.subscription(
            of: ids[4], [("2026-02-01T00:00:00Z", "25"), ("2026-10-20T00:00:00Z", nil)])
        gym.subscription(of: ids[5], [("2026-02-01T00:00:00Z", "10")], last: "past_due")
        gym.subscription(of: ids[5], [("2026-02-01T00:00:00Z", "3")], currency: "EUR")
        // Came and went between the two looks.
        gym.subscription(of: ids[6], [("2026-10-02T00:00:00Z", "70"), ("2026-10-03T00:00:00Z", nil)])
        try await gym.store()

        // October, whose first moment in London is 23:00 UTC of the day before.
        let span = gym.span("2026-10-01", "2026-11-01")
        let movements = try await gym.analytics.recurring(span, in: gym.scope)
        let expected = Movement(
            part: 0, currency: "GBP", start: CustomerAmount(4, 155),
            end: CustomerAmount(5, exact("198.47214286")),
            new: CustomerAmount(1, exact("49.99")), reactivation: CustomerAmount(1, 35),
            expansion: CustomerAmount(1, 20), contraction: CustomerAmount(1, exact("-36.51785714")),
            churn: CustomerAmount(1, -25))
        #expect(movements.last == expected)
        #expect(movements.first?.currency == "EUR")
        #expect(movements.last?.annual == exact("2381.66571432"))
        let rounded = expected.rounded
        #expect(rounded.end == exact("198.47"))
        #expect(rounded.steps.reduce(rounded.start, +) == rounded.end)
        #expect(try await gym.analytics.recurring(byPartOf: span, currency: "GBP", in: gym.scope) == [expected])

        let churn = try await gym.analytics.churn(span, currency: "GBP", limit: 5, in: gym.scope)
        #expect(churn.whole == expected)
        #expect(
            churn.groups == [
                LostGroup(plan: "", reason: "moved away", isInvoluntary: false, lost: CustomerAmount(1, 25))
            ])
        #expect(churn.members.map(\.name) == ["lost"])
        #expect(churn.members.first?.leftOn == Day("2026-10-20"))
    }

    @Test func `a member lost while payments were owed is lost involuntarily`() async throws {
        var gym = try await ReportedGym.make()
        let ben = gym.member("Ben", joined: "2026-01-01")
        gym.subscription(of: ben, [("2026-02-01T00:00:00Z", "25"), ("2026-10-20T00:00:00Z", nil)])
        gym.states[0] = ReportedGym.State(
            id: UUID(), subscription: gym.states[0].subscription, client: ben, status: "past_due", amount: 25,
            currency: "GBP", from: gym.states[0].from, until: gym.states[0].until)
        try await gym.store()
        let churn = try await gym.analytics.churn(
            gym.span("2026-10-01", "2026-11-01"), currency: "GBP", limit: 5, in: gym.scope)
        #expect(churn.groups.map(\.isInvoluntary) == [true])
    }

    @Test func `cohorts bring what their members paid less what they were given back`() async throws {
        var gym = try await ReportedGym.make()
        // 100 and 50 days a member, up to the day of leaving and up to today, the 21 November.
        let anna = gym.member("Anna", joined: "2026-05-01", left: "2026-08-09")
        let ben = gym.member("Ben", joined: "2026-10-02")
        let carol = gym.member("Carol", joined: "2026-05-31", left: "2026-06-30")
        gym.payment(anna, "100", at: "2026-05-02T12:00:00Z")
        let second = gym.payment(anna, "50.50", at: "2026-11-02T12:00:00Z")
        gym.refund(second, "20.25", at: "2026-11-03T12:00:00Z")
        gym.payment(carol, "30", at: "2026-06-02T12:00:00Z")
        gym.payment(ben, "9", at: "2026-10-02T12:00:00Z", currency: "EUR")
        try await gym.store()

        let span = gym.span("2026-05-01", "2026-06-01", "2026-07-01", "2026-10-01", "2026-11-01")
        let cohorts = try await gym.analytics.cohorts(span, in: gym.scope)
        #expect(
            cohorts == [
                Cohort(part: 0, members: 2, left: 2, memberDays: 130, net: ["GBP": exact("160.25")]),
                Cohort(part: 3, members: 1, left: 0, memberDays: 50, net: ["EUR": 9]),
            ])
        #expect(cohorts[0].observed(in: "GBP") == exact("80.125"))
        #expect(cohorts[0].expected(in: "GBP", margin: exact("0.5")) == exact("40.0625"))
        #expect(cohorts[1].expected(in: "GBP") == nil)
        #expect(MinorUnit.text(cohorts[0].monthly(in: "GBP") ?? 0, "GBP") == "37.52")
    }

    @Test func `members join and leave on days, and each month begins with what the last one ended with`() async throws
    {
        var gym = try await ReportedGym.make()
        gym.member("Before", joined: "2026-08-31")
        gym.member("First day", joined: "2026-09-01", left: "2026-10-01")
        gym.member("Last day", joined: "2026-09-30", left: "2026-09-30")
        gym.member("To come", joined: "2026-11-22")
        gym.member("Will leave", joined: "2026-09-02", left: "2026-11-22")
        gym.member("Leaves today", joined: "2026-09-02", left: "2026-11-21")
        gym.member("Never joined", joined: "2026-09-02", left: "2026-09-01")
        try await gym.store()
        let lines = try await gym.analytics.turnover(
            gym.span("2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01"), in: gym.scope)
        #expect(
            lines == [
                TurnoverLine(part: 0, start: 1, joined: 4, left: 1),
                TurnoverLine(part: 1, start: 4, joined: 0, left: 1),
                TurnoverLine(part: 2, start: 3, joined: 0, left: 1),
            ])
        #expect(lines[0].end == lines[1].start)
    }

    @Test func `attendance knows places, weekdays and hours of the gym's clock, and leaves cancelled sessions out`()
        async throws
    {
        var gym = try await ReportedGym.make()
        let people = (0..<4).map { gym.member("Member \($0)", joined: "2026-01-01") }
        // Both are at 18:00 on a Monday in London: one in summer time, one in winter.
        let summer = gym.session(at: "2026-10-19T17:00:00Z", capacity: 4)
        let winter = gym.session(at: "2026-10-26T18:00:00Z", capacity: 4)
        let cancelled = gym.session(at: "2026-10-27T18:00:00Z", class: 1, cancelled: true)
        gym.session(at: "2026-11-21T10:00:00Z", capacity: 100)
        for (person, status) in zip(people, ["attended", "attended", "no_show", "cancelled"]) {
            gym.booking(summer, person, status)
        }
        for (person, status) in zip(people, ["attended", "booked", "waitlisted"]) {
            gym.booking(winter, person, status)
        }
        gym.booking(cancelled, people[0], "cancelled")
        try await gym.store()

        let span = gym.span("2026-10-01", "2026-12-01")
        let lines = try await gym.analytics.attendance(span, in: gym.scope)
        #expect(lines.count == 2)
        #expect(
            lines.held
                == AttendanceCount(sessions: 2, places: 8, attended: 3, missed: 1, unmarked: 1, cancelled: 1))
        #expect(lines.cancelledSessions == 1)
        #expect(lines.held.fillRate == "37.5")
        #expect(lines.held.bookedRate == "62.5")
        #expect(lines.held.noShowRate == "25.0")
        #expect(lines.grouped(by: .slot).map(\.key) == ["Monday 18:00"])
        #expect(lines.grouped(by: .class).map(\.key) == ["Class 1"])
        let missing = try await gym.analytics.missing(span, limit: 3, in: gym.scope)
        #expect(missing.map(\.name) == ["Member 2"])
        #expect(missing.first?.missed == 1)
        #expect(missing.first?.attended == 0)
    }

    @Test func `engagement is told from the gym's days, a class and its check-in on one day being one visit`()
        async throws
    {
        var gym = try await ReportedGym.make()
        let anna = gym.member("Anna", joined: "2026-01-01")
        let ben = gym.member("Ben", joined: "2026-01-01")
        gym.member("Gone", joined: "2026-01-01", left: "2026-02-01")
        let today = gym.session(at: "2026-11-21T08:00:00Z")
        gym.booking(today, anna, "attended")
        gym.booking(today, ben, "no_show")
        gym.checkIn(anna, at: "2026-11-21T07:55:00Z")
        gym.checkIn(anna, at: "2026-11-13T23:59:59Z")
        gym.checkIn(anna, at: "2026-09-27T00:00:00Z")
        // A day too early.
        gym.checkIn(anna, at: "2026-09-26T22:59:59Z")
        try await gym.store()

        let span = ReportSpan.engagement(
            timezone: "Europe/London", until: ReportedGym.time("2026-11-21T10:00:00Z"),
            today: try #require(Day("2026-11-21")))
        let standing = try #require(try await gym.analytics.standing(of: ClientID(anna), span, in: gym.scope))
        #expect(standing.visits == VisitPattern(seen: 1 | 1 << 8 | 1 << 55, attended: 1, missed: 0))
        // Two days of twelve in 30: 6.67; today: 30; three weeks of eight: 7.5; all classes kept: 10.
        #expect(standing.engagement.value == 54)
        #expect(standing.lastVisit == Day("2026-11-21"))
        let levels = try await gym.analytics.engagement(span, in: gym.scope)
        #expect(levels.map(\.level) == [.medium, .none])
        #expect(levels.map(\.members) == [1, 1])
        #expect(levels.map(\.scores) == [54, 0])
        #expect(levels.map(\.recentVisits) == [2, 0])
        #expect(levels.map(\.earlierVisits) == [1, 0])
        let best = try await gym.analytics.mostEngaged(span, lowestFirst: false, limit: 5, in: gym.scope)
        #expect(best.map(\.name) == ["Anna", "Ben"])
        #expect(best.map(\.rankedBy) == [54, 0])
        let risk = try await gym.analytics.atRisk(span, least: 35, limit: 5, in: gym.scope)
        #expect(risk.count == 1)
        #expect(risk.members.map(\.name) == ["Ben"])
        #expect(risk.members.first?.risk.reasons == [.longGap])
        #expect(risk.members.first?.rankedBy == 40)
    }

    @Test func `no report reads another organisation's rows`() async throws {
        var theirs = try await ReportedGym.make()
        let anna = theirs.member("Anna", joined: "2026-10-02")
        theirs.payment(anna, "10", at: "2026-10-02T12:00:00Z")
        theirs.subscription(of: anna, [("2026-10-02T00:00:00Z", "30")])
        theirs.booking(theirs.session(at: "2026-10-03T12:00:00Z"), anna, "attended")
        try await theirs.store()
        let mine = try await ReportedGym.make()
        let span = mine.span("2026-10-01", "2026-11-01")
        let days = ReportSpan.engagement(timezone: "Europe/London", until: span.until, today: span.today)
        #expect(try await mine.analytics.revenue(span, in: mine.scope) == [])
        #expect(try await mine.analytics.payments(span, in: mine.scope).lines == [])
        #expect(try await mine.analytics.cohorts(span, in: mine.scope) == [])
        #expect(try await mine.analytics.recurring(span, in: mine.scope) == [])
        #expect(try await mine.analytics.turnover(span, in: mine.scope).map(\.end) == [0])
        #expect(try await mine.analytics.attendance(span, in: mine.scope) == [])
        #expect(try await mine.analytics.missing(span, limit: 9, in: mine.scope) == [])
        #expect(try await mine.analytics.engagement(days, in: mine.scope) == [])
        #expect(try await mine.analytics.atRisk(days, least: 1, limit: 9, in: mine.scope).count == 0)
        #expect(try await mine.analytics.standing(of: ClientID(anna), days, in: mine.scope) == nil)
        let report = try await mine.analytics.operations(span, in: mine.scope)
        #expect(report.members.end == 0)
        #expect(report.recurring == [])
        // Nor where the statement itself names the other organisation: what is asked of whom, the policies decide.
        let forged = try await mine.stores.database.withOrganization(mine.scope.organization.uuid).query(
            Statement(
                "SELECT FROM app.member_visits($1, $2::text[]::date[], 'UTC', now())",
                theirs.scope.organization.uuid, days.edges.map(\.description)))
        #expect(forged.isEmpty)
    }
}

/// A decimal number.
func exact(_ text: String) -> Decimal { Decimal(string: text) ?? 0 }
