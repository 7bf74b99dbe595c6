import Foundation
import SpotterDomain

/// Figures that stand still.
struct FixedFigures: AnalyticsStore {
    static let known = ClientID("client_01k00000000000000000000001")

    private static func exact(_ text: String) -> Decimal { Decimal(string: text) ?? 0 }

    private let member = MemberStanding(
        id: ClientID(UUID()), name: "Ben Carver", visits: VisitPattern(seen: 1 << 30, attended: 0, missed: 0),
        memberDays: 300, owes: true, lastVisit: Day("2026-10-22"), rankedBy: 65)
    private let movement = Movement(
        part: 0, currency: "GBP", start: CustomerAmount(4, 155), end: CustomerAmount(5, exact("198.47214286")),
        new: CustomerAmount(1, exact("49.99")), reactivation: CustomerAmount(1, 35), expansion: CustomerAmount(1, 20),
        contraction: CustomerAmount(1, exact("-36.51785714")), churn: CustomerAmount(1, -25))

    func revenue(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [RevenueLine] {
        [
            RevenueLine(
                part: 0, currency: "GBP", kind: "membership", method: "card", gross: Self.exact("90.005"), payments: 2,
                refunded: 5, refunds: 1),
            RevenueLine(
                part: 0, currency: "GBP", kind: "drop_in", method: "cash", gross: 10, payments: 1, refunded: 0,
                refunds: 0),
            RevenueLine(
                part: 0, currency: "EUR", kind: "drop_in", method: "cash", gross: 7, payments: 1, refunded: 0,
                refunds: 0),
        ]
    }

    func payments(_ span: ReportSpan, in scope: OrganizationScope) async throws -> PaymentTrends {
        PaymentTrends(
            lines: [
                PaymentLine(part: 0, currency: "GBP", status: "succeeded", method: "card", amount: 30, payments: 3),
                PaymentLine(part: 0, currency: "GBP", status: "failed", method: "card", amount: 10, payments: 1),
            ], failures: [FailureLine(currency: "GBP", reason: "card_expired", amount: 10, payments: 1)])
    }

    func cohorts(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [Cohort] {
        [Cohort(part: 0, members: 3, left: 1, memberDays: 300, net: ["GBP": Self.exact("100.10"), "EUR": 3])]
    }

    func recurring(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [Movement] { [movement] }

    func recurring(
        byPartOf span: ReportSpan, currency: String, in scope: OrganizationScope
    ) async throws -> [Movement] { [movement] }

    func churn(
        _ span: ReportSpan, currency: String, limit: Int, in scope: OrganizationScope
    ) async throws -> ChurnReport {
        let group = LostGroup(plan: "Gold", reason: "", isInvoluntary: true, lost: CustomerAmount(1, 25))
        return ChurnReport(
            parts: [movement], whole: movement, groups: [group],
            members: [LostMember(id: member.id, name: member.name, group: group, leftOn: nil)])
    }

    func turnover(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [TurnoverLine] {
        [TurnoverLine(part: 0, start: 10, joined: 3, left: 1)]
    }

    func attendance(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [AttendanceLine] {
        [
            AttendanceLine(
                classId: GymClassID(UUID()), className: "Spin", weekday: 1, hour: 18, isCancelled: false,
                count: AttendanceCount(
                    sessions: 2, places: 20, attended: 12, missed: 3, unmarked: 1, cancelled: 2))
        ]
    }

    func missing(_ span: ReportSpan, limit: Int, in scope: OrganizationScope) async throws -> [MissingMember] {
        [MissingMember(id: member.id, name: member.name, missed: 3, attended: 1)]
    }

    func engagement(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [EngagementLine] {
        [
            EngagementLine(
                level: .high, members: 2, scores: 160, recentVisits: 20, earlierVisits: 25, recentlySeen: 2,
                earlierSeen: 2)
        ]
    }

    func mostEngaged(
        _ span: ReportSpan, lowestFirst: Bool, limit: Int, in scope: OrganizationScope
    ) async throws -> [MemberStanding] { [member] }

    func atRisk(
        _ span: ReportSpan, least: Int, limit: Int, in scope: OrganizationScope
    ) async throws -> (count: Int, members: [MemberStanding]) { (3, [member]) }

    func standing(
        of client: ClientID, _ span: ReportSpan, in scope: OrganizationScope
    ) async throws -> MemberStanding? {
        client != Self.known
            ? nil
            : MemberStanding(
                id: client, name: "Anna Lindqvist",
                visits: VisitPattern(seen: 1 | 1 << 8 | 1 << 55, attended: 1, missed: 0), memberDays: 300, owes: false,
                lastVisit: span.today, rankedBy: 54)
    }

    func operations(_ span: ReportSpan, in scope: OrganizationScope) async throws -> OperationsReport {
        OperationsReport(
            members: TurnoverLine(part: 0, start: 10, joined: 3, left: 1),
            attendance: try await attendance(span, in: scope), revenue: try await revenue(span, in: scope),
            recurring: [movement],
            counts: .init(
                checkIns: 30, visitors: 12, failedPayments: 1, newLeads: 4, wonLeads: 1, openedTickets: 2,
                openTickets: 1))
    }
}
