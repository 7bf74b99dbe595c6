import Foundation
import SpotterDomain

/// The same figures from the same records, worked out in plain Swift: record by record, with Foundation's calendar and
/// without a thought for speed. It shares no code with the reports but the types that they answer with.
struct ReckonedAgain {
    let gym: ReportedGym
    let span: ReportSpan
    private let calendar: Calendar

    init(_ gym: ReportedGym, _ span: ReportSpan) {
        self.gym = gym
        self.span = span
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: span.timezone) ?? .gmt
        self.calendar = calendar
    }

    /// The first moment of a day at the gym.
    func start(_ day: Day) -> Date {
        let noon = calendar.date(from: DateComponents(year: day.year, month: day.month, day: day.day, hour: 12))
        return calendar.startOfDay(for: noon ?? .distantPast)
    }

    /// The part that a moment is in.
    func part(_ moment: Date) -> Int? {
        guard moment < span.until else { return nil }
        return (0..<span.count).first { start(span.edges[$0]) <= moment && moment < start(span.edges[$0 + 1]) }
    }

    // MARK: Money

    func revenue() -> [RevenueLine] {
        struct Key: Hashable { let part: Int, currency: String, kind: String, method: String }
        var sums: [Key: (gross: Decimal, payments: Int, refunded: Decimal, refunds: Int)] = [:]
        for payment in gym.payments where payment.status == "succeeded" {
            guard let part = part(payment.at) else { continue }
            let key = Key(part: part, currency: payment.currency, kind: payment.kind, method: payment.method)
            sums[key, default: (0, 0, 0, 0)].gross += payment.amount
            sums[key, default: (0, 0, 0, 0)].payments += 1
        }
        for refund in gym.refunds {
            guard let part = part(refund.at), let payment = gym.payments.first(where: { $0.id == refund.payment })
            else { continue }
            let key = Key(part: part, currency: payment.currency, kind: payment.kind, method: payment.method)
            sums[key, default: (0, 0, 0, 0)].refunded += refund.amount
            sums[key, default: (0, 0, 0, 0)].refunds += 1
        }
        return sums.map { key, sum in
            RevenueLine(
                part: key.part, currency: key.currency, kind: key.kind, method: key.method, gross: sum.gross,
                payments: sum.payments, refunded: sum.refunded, refunds: sum.refunds)
        }.sorted { ($0.part, $0.currency, $0.kind, $0.method) < ($1.part, $1.currency, $1.kind, $1.method) }
    }

    func cohorts() -> [Cohort] {
        (0..<span.count).compactMap { part in
            let members = gym.members.filter { member in
                guard let joined = Day(member.joined), joined <= span.today else { return false }
                let left = member.left.flatMap { Day($0) }
                return span.edges[part] <= joined && joined < span.edges[part + 1] && left.map { $0 >= joined } ?? true
            }
            guard !members.isEmpty else { return nil }
            var cohort = Cohort(part: part, members: members.count, left: 0, memberDays: 0, net: [:])
            for member in members {
                let left = member.left.flatMap { Day($0) }.flatMap { $0 <= span.today ? $0 : nil }
                cohort.left += left == nil ? 0 : 1
                cohort.memberDays += (left ?? span.today).days - (Day(member.joined)?.days ?? 0)
                for payment in gym.payments where payment.client == member.id && payment.status == "succeeded" {
                    let returned = gym.refunds.filter { $0.payment == payment.id }.reduce(0) { $0 + $1.amount }
                    cohort.net[payment.currency, default: 0] += payment.amount - returned
                }
            }
            return cohort
        }
    }

    // MARK: Recurring revenue

    /// What a member pays a month just before a moment.
    private func amount(_ client: UUID, _ currency: String, at moment: Date) -> Decimal {
        gym.states.filter {
            $0.client == client && $0.currency == currency && $0.from < moment && ($0.until ?? .distantFuture) >= moment
        }.reduce(0) { $0 + $1.amount }
    }

    func movement(part: Int, from first: Date, to last: Date, currency: String) -> Movement {
        var sums = Array(repeating: CustomerAmount(), count: 7)
        func add(_ index: Int, _ amount: Decimal) {
            sums[index].customers += 1
            sums[index].amount += amount
        }
        for client in gym.members.map(\.id) {
            let before = amount(client, currency, at: first)
            let after = amount(client, currency, at: last)
            if before > 0 { add(0, before) }
            if after > 0 { add(1, after) }
            guard before != after else { continue }
            let paidEarlier = gym.states.contains {
                $0.client == client && $0.currency == currency && $0.amount > 0 && $0.from < first
                    && ($0.until ?? .distantFuture) > $0.from
            }
            if before == 0 {
                add(paidEarlier ? 3 : 2, after)
            } else if after == 0 {
                add(6, -before)
            } else {
                add(after > before ? 4 : 5, after - before)
            }
        }
        return Movement(
            part: part, currency: currency, start: sums[0], end: sums[1], new: sums[2], reactivation: sums[3],
            expansion: sums[4], contraction: sums[5], churn: sums[6])
    }

    func series(_ currency: String) -> [Movement] {
        (0..<span.count).map { part in
            movement(
                part: part, from: min(start(span.edges[part]), span.until),
                to: min(start(span.edges[part + 1]), span.until), currency: currency)
        }
    }

    func turnover() -> [TurnoverLine] {
        func isMember(_ member: ReportedGym.Member, before day: Day) -> Bool {
            guard let joined = Day(member.joined), joined < day, joined <= span.today else { return false }
            guard let left = member.left.flatMap({ Day($0) }), left <= span.today else { return true }
            return left >= joined && left >= day
        }
        return (0..<span.count).map { part in
            let (first, past) = (span.edges[part], span.edges[part + 1])
            let valid = gym.members.filter { member in
                guard let joined = Day(member.joined), joined <= span.today else { return false }
                return member.left.flatMap { Day($0) }.map { $0 >= joined } ?? true
            }
            return TurnoverLine(
                part: part, start: valid.count { isMember($0, before: first) },
                joined: valid.count { Day($0.joined).map { first <= $0 && $0 < past } ?? false },
                left: valid.count {
                    $0.left.flatMap { Day($0) }.map { first <= $0 && $0 < past && $0 <= span.today } ?? false
                })
        }
    }

    // MARK: Attendance

    func held() -> (count: AttendanceCount, slots: [String: AttendanceCount]) {
        var total = AttendanceCount()
        var slots: [String: AttendanceCount] = [:]
        for session in gym.sessions where !session.cancelled && part(session.at) != nil {
            let bookings = gym.bookings.filter { $0.session == session.id }
            func count(_ status: String) -> Int { bookings.count { $0.status == status } }
            let one = AttendanceCount(
                sessions: 1, places: session.capacity, attended: count("attended"), missed: count("no_show"),
                unmarked: count("booked"), cancelled: count("cancelled"))
            total += one
            let parts = calendar.dateComponents([.weekday, .hour], from: session.at)
            slots["\(parts.weekday ?? 0) \(parts.hour ?? 0)", default: AttendanceCount()] += one
        }
        return (total, slots)
    }

    /// A member's pattern, worked out day by day.
    func pattern(_ client: UUID) -> VisitPattern {
        let visits =
            gym.checkIns.filter { $0.client == client }.map(\.at)
            + gym.bookings.filter { $0.client == client && $0.status == "attended" }.map(\.at)
        var seen: UInt64 = 0
        for ago in 0..<56 {
            let (first, past) = (start(span.today.adding(days: -ago)), start(span.today.adding(days: 1 - ago)))
            if visits.contains(where: { first <= $0 && $0 < past && $0 < span.until }) { seen |= 1 << UInt64(ago) }
        }
        func count(_ status: String) -> Int {
            gym.bookings.count {
                $0.client == client && $0.status == status && $0.at < span.until
                    && $0.at >= start(span.today.adding(days: -55))
            }
        }
        return VisitPattern(seen: seen, attended: count("attended"), missed: count("no_show"))
    }
}
