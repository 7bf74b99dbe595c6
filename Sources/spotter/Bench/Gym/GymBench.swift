import Foundation
import PostgresKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

/// A large gym beside many small ones, and how long its reports take, one after another.
struct GymBench: Sendable {
    let application: Application
    let administrator: PostgresConfiguration
    let options: GymBenchOptions
    let progress: @Sendable (String) -> Void

    private struct Report: Sendable {
        let part: GymBenchPart
        let name: String
        let ask: @Sendable () async throws -> Void

        init(_ part: GymBenchPart, _ name: String, _ ask: @escaping @Sendable () async throws -> Void) {
            self.part = part
            self.name = name
            self.ask = ask
        }
    }

    func run() async throws -> [BenchFigure] {
        let scope = try await makeGym()
        var figures: [BenchFigure] = []
        for report in try reports(in: scope) {
            progress(report.name)
            let times = try await measure(report)
            figures.append(BenchFigure(report.part, report.name + ", p50", times.p50, "ms"))
            figures.append(
                BenchFigure(
                    report.part, report.name + ", p95", times.p95, "ms",
                    target: .init("below 500 ms") { $0 < 500 }))
        }
        return figures
    }

    private func makeGym() async throws -> OrganizationScope {
        let now = application.clock.now()
        let id: OrganizationID = application.ids.id(at: now)
        let definition = TenantDefinition(
            slug: "bench-gym", name: "Bench", timezone: "Europe/London", currency: "GBP", plan: .enterprise)
        _ = try await application.stores.organizations.apply(definition, id: id, at: now)
        progress(
            """
            making a gym with \(options.members) members, \(options.bookings) bookings and \(options.payments) payments, \
            and \(options.others) others
            """)
        let size = GymBenchScripts.Size(
            members: options.members, bookings: options.bookings, payments: options.payments, others: options.others)
        try await GymBenchScripts.fill(size, of: id, as: administrator)
        return OrganizationScope(id)
    }

    private func measure(_ report: Report) async throws -> (p50: Double, p95: Double) {
        // The first reads what nobody has read yet.
        try await report.ask()
        var times: [Double] = []
        for _ in 0..<options.rounds {
            let start = ContinuousClock.now
            try await report.ask()
            times.append(Double((ContinuousClock.now - start) / .microseconds(1)) / 1_000)
        }
        times.sort()
        func percentile(_ share: Double) -> Double {
            times[min(times.count - 1, Int((Double(times.count) * share).rounded(.up)) - 1)]
        }
        return (percentile(0.5), percentile(0.95))
    }

    private func span(_ days: Int, by step: ReportStep) throws -> ReportSpan {
        let now = application.clock.now()
        let today = Day(now, in: TimeZone(identifier: "Europe/London") ?? .gmt)
        return ReportSpan(
            edges: step.edges(from: today.adding(days: 1 - days), through: today), timezone: "Europe/London",
            until: now, today: today)
    }

    private func reports(in scope: OrganizationScope) throws -> [Report] {
        try over(31, .usual, in: scope) + over(ReportPeriod.longest, .longest, in: scope) + now(in: scope)
    }

    /// The reports over a period, with the parts that its tool makes of it.
    private func over(_ days: Int, _ part: GymBenchPart, in scope: OrganizationScope) throws -> [Report] {
        let analytics = application.stores.analytics
        let (months, whole) = (try span(days, by: .month), try span(days, by: .whole))
        let daily = try span(min(days, 100), by: .day)
        let name = "\(days) days"
        return [
            Report(part, "revenue by month, \(name)") { _ = try await analytics.revenue(months, in: scope) },
            Report(part, "revenue by day, \(daily.days) days") { _ = try await analytics.revenue(daily, in: scope) },
            Report(part, "churn by month, \(name)") {
                _ = try await analytics.churn(months, currency: "GBP", limit: 21, in: scope)
            },
            Report(part, "lifetime value of who joined in \(name)") {
                _ = try await analytics.cohorts(months, in: scope)
            },
            Report(part, "turnover with takings, \(name)") {
                _ = try await analytics.turnover(months, in: scope)
                _ = try await analytics.revenue(months, in: scope)
            },
            Report(part, "MRR and ARR against \(name) ago") { _ = try await analytics.recurring(whole, in: scope) },
            Report(part, "payment trends, \(name)") { _ = try await analytics.payments(months, in: scope) },
            Report(part, "class attendance, \(name)") { _ = try await analytics.attendance(whole, in: scope) },
            Report(part, "no-show rates, \(name)") {
                _ = try await analytics.attendance(whole, in: scope)
                _ = try await analytics.missing(whole, limit: 11, in: scope)
            },
            Report(part, "churn, \(name)") {
                _ = try await analytics.churn(whole, currency: "GBP", limit: 21, in: scope)
            },
        ]
    }

    /// What looks at the members as they are now.
    private func now(in scope: OrganizationScope) throws -> [Report] {
        let (analytics, clients) = (application.stores.analytics, application.stores.clients)
        let now = application.clock.now()
        let days = ReportSpan.engagement(
            timezone: "Europe/London", until: now, today: Day(now, in: TimeZone(identifier: "Europe/London") ?? .gmt))
        let month = try span(31, by: .whole)
        return [
            Report(.usual, "operations, 31 days") { _ = try await analytics.operations(month, in: scope) },
            Report(.usual, "member engagement") { _ = try await analytics.engagement(days, in: scope) },
            Report(.usual, "most engaged members") {
                _ = try await analytics.mostEngaged(days, lowestFirst: false, limit: 11, in: scope)
            },
            Report(.usual, "members at risk") {
                _ = try await analytics.atRisk(days, least: RiskRules.atRisk, limit: 20, in: scope)
            },
            Report(.search, "search of members by two words") {
                _ = try await clients.search("member 99", status: nil, limit: 11, in: scope)
            },
        ]
    }
}
