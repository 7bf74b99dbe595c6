import Foundation
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// Reports over gyms that were made up at random, beside the same figures worked out again in plain Swift: exact, in
/// time zones that are ahead, behind, and with clocks that change.
struct ReckonedAgainTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        /// SplitMix64.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let now = ReportedGym.time("2026-11-21T10:00:00Z")

    /// A moment of the last 400 days, or of the next 20; often just where a day begins or ends in one of the zones.
    private static func moment(_ dice: inout Dice) -> Date {
        let day = Double(Int.random(in: -400...20, using: &dice)) * 86_400
        let midnight = Date(timeIntervalSince1970: 1_795_219_200 + day)
        let hours: Double = ([0, 11, 13, 23, 24] as [Double]).randomElement(using: &dice) ?? 0
        let edge = midnight + hours * 3_600 + Double(Int.random(in: -1...1, using: &dice))
        return Bool.random(using: &dice) ? edge : midnight + Double(Int.random(in: 0..<86_400, using: &dice))
    }

    private static func gym(_ seed: UInt64, in stores: TestStores) async throws -> ReportedGym {
        var dice = Dice(state: seed)
        var gym = try await ReportedGym.make(in: stores)
        func text(_ date: Date) -> String { Timestamp.string(from: date) }
        for number in 0..<40 {
            let joined = Day(utc: moment(&dice))
            let left =
                Int.random(in: 0..<3, using: &dice) == 0
                ? joined.adding(days: .random(in: -3...300, using: &dice)) : nil
            let id = gym.member("M\(number)", joined: joined.description, left: left?.description)
            for _ in 0..<Int.random(in: 0...2, using: &dice) {
                let times = (0..<Int.random(in: 1...4, using: &dice)).map { _ in moment(&dice) }.sorted()
                gym.subscription(
                    of: id, times.map { (text($0), amount(&dice)) },
                    currency: Int.random(in: 0..<5, using: &dice) == 0 ? "EUR" : "GBP")
            }
            for _ in 0..<Int.random(in: 0...12, using: &dice) {
                let at = moment(&dice)
                let payment = gym.payment(
                    id, "\(Int.random(in: 1...9_999_999, using: &dice)).\(Int.random(in: 1000...9999, using: &dice))",
                    at: text(at),
                    status: ["succeeded", "succeeded", "failed", "pending"].randomElement(using: &dice) ?? "",
                    currency: Int.random(in: 0..<6, using: &dice) == 0 ? "EUR" : "GBP",
                    kind: ["membership", "drop_in"].randomElement(using: &dice) ?? "",
                    method: ["card", "cash"].randomElement(using: &dice) ?? "")
                if gym.payments.last?.status == "succeeded", Int.random(in: 0..<3, using: &dice) == 0 {
                    gym.refund(payment, "0.0333", at: text(at + Double(Int.random(in: 0...5_000_000, using: &dice))))
                }
            }
            for _ in 0..<Int.random(in: 0...6, using: &dice) {
                gym.checkIn(id, at: text(now - Double(Int.random(in: 0..<5_200_000, using: &dice))))
            }
        }
        for number in 0..<60 {
            let at = number < 40 ? now - Double(Int.random(in: 0..<5_200_000, using: &dice)) : moment(&dice)
            let session = gym.session(
                at: text(at), class: number % 2, capacity: .random(in: 0...20, using: &dice),
                cancelled: Int.random(in: 0..<8, using: &dice) == 0)
            for member in gym.members.shuffled(using: &dice).prefix(6) {
                let status = ["attended", "attended", "no_show", "booked", "cancelled", "waitlisted"]
                gym.booking(session, member.id, status.randomElement(using: &dice) ?? "")
            }
        }
        try await gym.store()
        return gym
    }

    /// A monthly amount as weekly and yearly plans come to, or nothing.
    private static func amount(_ dice: inout Dice) -> String? {
        ([nil, "0", "49", "43.48214286", "16.58333333", "99.99"] as [String?]).randomElement(using: &dice) ?? nil
    }

    @Test(
        arguments: [
            (1, "Europe/London"), (2, "America/New_York"), (3, "Pacific/Kiritimati"), (4, "Australia/Lord_Howe"),
            (5, "America/Sao_Paulo"), (6, "Asia/Kolkata"),
        ] as [(UInt64, String)])
    func `every figure is the same when it is worked out again`(_ seed: UInt64, _ zone: String) async throws {
        let gym = try await Self.gym(seed, in: .shared)
        let today = Day(Self.now, in: try #require(TimeZone(identifier: zone)))
        let months = ReportStep.month.edges(from: today.adding(days: -330), through: today.adding(days: 15))
        for edges in [months, ReportStep.week.edges(from: today.adding(days: -60), through: today)] {
            let span = ReportSpan(edges: edges, timezone: zone, until: Self.now, today: today)
            let again = ReckonedAgain(gym, span)
            #expect(try await gym.analytics.revenue(span, in: gym.scope) == again.revenue())
            #expect(try await gym.analytics.cohorts(span, in: gym.scope) == again.cohorts())
            #expect(try await gym.analytics.turnover(span, in: gym.scope) == again.turnover())
            for currency in ["GBP", "EUR"] {
                let series = try await gym.analytics.recurring(byPartOf: span, currency: currency, in: gym.scope)
                #expect(series == again.series(currency))
                let whole = ReckonedAgain(gym, span.whole).series(currency)
                let told = try await gym.analytics.recurring(span, in: gym.scope)
                #expect(told.first { $0.currency == currency } == whole.first)
                for movement in series {
                    #expect(movement.rounded.steps.reduce(movement.rounded.start, +) == movement.rounded.end)
                    #expect(movement.rounded.end == MinorUnit.rounded(movement.end.amount, currency))
                }
            }
            try await checkAttendance(gym, span, again)
        }
        try await checkEngagement(gym, zone, today)
    }

    private func checkAttendance(_ gym: ReportedGym, _ span: ReportSpan, _ again: ReckonedAgain) async throws {
        let lines = try await gym.analytics.attendance(span, in: gym.scope)
        let held = again.held()
        #expect(lines.held == held.count)
        var slots: [String: AttendanceCount] = [:]
        for line in lines where !line.isCancelled {
            slots["\(line.weekday % 7 + 1) \(line.hour)", default: AttendanceCount()] += line.count
        }
        #expect(slots == held.slots)
    }

    private func checkEngagement(_ gym: ReportedGym, _ zone: String, _ today: Day) async throws {
        let span = ReportSpan.engagement(timezone: zone, until: Self.now, today: today)
        let again = ReckonedAgain(gym, span)
        let lasting = gym.members.filter { $0.left == nil }
        let patterns = Dictionary(uniqueKeysWithValues: lasting.map { ($0.id, again.pattern($0.id)) })
        let standings = try await gym.analytics.mostEngaged(span, lowestFirst: false, limit: 100, in: gym.scope)
        #expect(standings.count == lasting.count)
        for standing in standings {
            #expect(standing.visits == patterns[standing.id.uuid])
            #expect(standing.engagement.value == standing.rankedBy)
        }
        #expect(standings.map(\.rankedBy) == standings.map(\.rankedBy).sorted(by: >))
        let levels = try await gym.analytics.engagement(span, in: gym.scope)
        #expect(levels.reduce(0) { $0 + $1.scores } == standings.reduce(0) { $0 + $1.engagement.value })
        let risks = try await gym.analytics.atRisk(span, least: 1, limit: 100, in: gym.scope)
        #expect(risks.count == risks.members.count)
        for member in risks.members { #expect(member.risk.score == member.rankedBy) }
        for member in lasting.prefix(5) {
            let one = try await gym.analytics.standing(of: ClientID(member.id), span, in: gym.scope)
            #expect(one?.visits == patterns[member.id])
        }
    }

    @Test func `the database scores and ranks members by the very rules of the domain`() async throws {
        var dice = Dice(state: 77)
        let patterns = (0..<2_000).map { number in
            let sparse = dice.next() & dice.next() & (number % 3 == 0 ? dice.next() : .max)
            return VisitPattern(
                seen: number % 50 == 0 ? 0 : sparse, attended: .random(in: 0...9, using: &dice),
                missed: .random(in: 0...4, using: &dice))
        }
        let days = patterns.map { _ in Int.random(in: 0...120, using: &dice) }
        let gym = try await TestOrganization.make(in: TestStores.shared.stores)
        let rows = try await TestStores.shared.database.withOrganization(gym.scope.organization.uuid).query(
            Statement(
                """
                SELECT app.engagement_score(seen, attended, missed),
                    app.risk_score(seen, attended, missed, days::integer, days % 2 = 0)
                FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
                    WITH ORDINALITY AS member (seen, attended, missed, days, n)
                ORDER BY n
                """, patterns.map { Int64($0.seen) }, patterns.map(\.attended), patterns.map(\.missed), days))
        for (index, row) in rows.enumerated() {
            #expect(try row.get(0, as: Int.self) == EngagementScore(patterns[index]).value)
            let risk = RiskRules(
                visits: patterns[index], memberDays: days[index], owes: days[index].isMultiple(of: 2))
            #expect(try row.get(1, as: Int.self) == risk.score)
        }
    }
}
