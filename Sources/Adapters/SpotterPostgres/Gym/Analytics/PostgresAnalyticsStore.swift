import Foundation
import PostgresKit
import SpotterDomain

/// A gym's figures, worked out by PostgreSQL: each report is one round trip.
struct PostgresAnalyticsStore: AnalyticsStore {
    let door: StoreDoor

    /// The rows of each statement, all read in one transaction.
    private func read(_ scope: OrganizationScope, _ statements: [Statement]) async throws -> [Rows] {
        Array(try await door.read(scope, [AnalyticsStatements.setting] + statements).dropFirst())
    }

    /// The same.
    private func read(_ scope: OrganizationScope, _ statements: Statement...) async throws -> [Rows] {
        try await read(scope, statements)
    }

    func revenue(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [RevenueLine] {
        try await read(scope, AnalyticsStatements(span, scope).revenue)[0].decoded(RevenueLine.init)
    }

    func payments(_ span: ReportSpan, in scope: OrganizationScope) async throws -> PaymentTrends {
        let statements = AnalyticsStatements(span, scope)
        let rows = try await read(scope, statements.payments, statements.failures)
        return PaymentTrends(
            lines: try rows[0].decoded(PaymentLine.init), failures: try rows[1].decoded(FailureLine.init))
    }

    func cohorts(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [Cohort] {
        let rows = try await read(scope, AnalyticsStatements(span, scope).cohorts)[0]
        // Each cohort's members come first, then one row for each currency.
        return try rows.decoded(CohortRow.init).reduce(into: [Cohort]()) { cohorts, row in
            if let currency = row.currency {
                guard let last = cohorts.indices.last, cohorts[last].part == row.cohort.part else { return }
                cohorts[last].net[currency] = row.net
            } else {
                cohorts.append(row.cohort)
            }
        }
    }

    func recurring(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [Movement] {
        try await read(scope, AnalyticsStatements(span, scope).movement)[0].decoded(Movement.init)
    }

    func recurring(
        byPartOf span: ReportSpan, currency: String, in scope: OrganizationScope
    ) async throws -> [Movement] {
        try await read(scope, AnalyticsStatements(span, scope).series(currency))[0].decoded(Movement.init)
    }

    func churn(
        _ span: ReportSpan, currency: String, limit: Int, in scope: OrganizationScope
    ) async throws -> ChurnReport {
        let statements = AnalyticsStatements(span, scope)
        let rows = try await read(
            scope,
            [statements.movement, statements.lost(currency, limit)]
                + (span.count == 1 ? [] : [statements.series(currency)]))
        let lost = try rows[1].decoded(LostRow.init)
        let told = try rows[0].decoded(Movement.init).first { $0.currency == currency }
        let whole = told ?? Movement(part: 0, currency: currency)
        return ChurnReport(
            // One part is the whole.
            parts: span.count == 1 ? [whole] : try rows[2].decoded(Movement.init), whole: whole,
            groups: lost.compactMap { $0.member == nil ? $0.group : nil }, members: lost.compactMap(\.member))
    }

    func turnover(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [TurnoverLine] {
        let rows = try await read(scope, AnalyticsStatements(span, scope).turnover)[0]
        return TurnoverLine.lines(try rows.decoded(Stay.init), parts: span.count)
    }

    func attendance(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [AttendanceLine] {
        try await read(scope, AnalyticsStatements(span, scope).attendance)[0].decoded(AttendanceLine.init)
    }

    func missing(_ span: ReportSpan, limit: Int, in scope: OrganizationScope) async throws -> [MissingMember] {
        try await read(scope, AnalyticsStatements(span, scope).missing(limit))[0].decoded { row in
            MissingMember(
                id: try row.id(0), name: try row.get(1), missed: try row.get(2), attended: try row.get(3))
        }
    }

    func operations(_ span: ReportSpan, in scope: OrganizationScope) async throws -> OperationsReport {
        let statements = AnalyticsStatements(span.whole, scope)
        let rows = try await read(
            scope, statements.turnover, statements.attendance, statements.revenue, statements.movement,
            statements.counts)
        let members = TurnoverLine.lines(try rows[0].decoded(Stay.init), parts: 1)
        let counts = try rows[4].firstDecoded(OperationsReport.Counts.init)
        return OperationsReport(
            members: members[0], attendance: try rows[1].decoded(AttendanceLine.init),
            revenue: try rows[2].decoded(RevenueLine.init), recurring: try rows[3].decoded(Movement.init),
            counts: counts ?? OperationsReport.Counts.nothing)
    }
}

// MARK: Engagement

extension PostgresAnalyticsStore {
    func engagement(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [EngagementLine] {
        try await read(scope, AnalyticsStatements(span, scope).levels)[0].decoded { row in
            EngagementLine(
                level: try row.named(0), members: try row.get(1), scores: try row.get(2), recentVisits: try row.get(3),
                earlierVisits: try row.get(4), recentlySeen: try row.get(5), earlierSeen: try row.get(6))
        }
    }

    func mostEngaged(
        _ span: ReportSpan, lowestFirst: Bool, limit: Int, in scope: OrganizationScope
    ) async throws -> [MemberStanding] {
        let statement = AnalyticsStatements(span, scope).members(limit, lowestFirst: lowestFirst)
        return try await read(scope, statement)[0].decoded { try MemberStanding($0, rank: 5) }
    }

    func atRisk(
        _ span: ReportSpan, least: Int, limit: Int, in scope: OrganizationScope
    ) async throws -> (count: Int, members: [MemberStanding]) {
        let rows = try await read(scope, AnalyticsStatements(span, scope).atRisk(limit, least: least))[0]
        let count = try rows.firstDecoded { try $0.get(3, as: Int.self) } ?? 0
        return (
            count,
            try rows.decoded { row in
                try row.get(0, as: UUID?.self) == nil ? nil : try MemberStanding(row, rank: 8)
            }.compactMap { $0 }
        )
    }

    func standing(
        of client: ClientID, _ span: ReportSpan, in scope: OrganizationScope
    ) async throws -> MemberStanding? {
        try await read(scope, AnalyticsStatements(span, scope).member(client))[0].firstDecoded {
            try MemberStanding($0, rank: 5)
        }
    }
}
