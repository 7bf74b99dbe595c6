import Foundation
public import SpotterDomain

/// The gym at a glance.
public struct GenerateOperationsReport: Tool {
    /// Which days.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
    }

    private let analytics: any AnalyticsStore
    /// The most days: it looks at everything at once.
    static let longest = 31

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `generate_operations_report`
    public let name = "generate_operations_report"
    /// What a model is told.
    public let summary = """
        Report the whole gym at a glance (dashboard, overview) over a period: members joined and left, sessions and \
        fill rate, no-shows, check-ins and visitors, net revenue, MRR, failed payments, leads and tickets. Use it for \
        a weekly or monthly overview; each part has a tool of its own for detail.
        """
    /// Figures.
    public let category = ToolCategory.analytics
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Works the report out.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let frame = try ReportFrame(context)
        let span = try frame.span(arguments.period, or: "last 30 days")
        guard span.days <= Self.longest else {
            throw ToolFailure(
                """
                An overview covers at most \(Self.longest) days; \(span.first) to \(span.last) has \(span.days). Ask \
                for one month, or take the tool of the part that is meant.
                """)
        }
        let report = try await analytics.operations(span, in: context.scope)
        let total = report.attendance.held
        let revenue = RevenueSum(report.revenue.filter { $0.currency == frame.currency })
        let recurring =
            report.recurring.first { $0.currency == frame.currency } ?? Movement(part: 0, currency: frame.currency)
        return [
            "summary": .string(
                """
                \(frame.name(span)): \(counted(report.members.end, "member")) (+\(report.members.joined), \
                −\(report.members.left)), \(counted(total.sessions, "session")) \(total.fillRate ?? "0.0") % full with \
                \(total.noShowRate ?? "0.0") % no-shows, net revenue \(frame.money(revenue.net)), MRR \
                \(frame.money(recurring.end.amount)).
                """),
            "period": frame.period(span), "currency": .string(frame.currency),
            "members": [
                "at_start": .count(report.members.start), "joined": .count(report.members.joined),
                "left": .count(report.members.left), "at_end": .count(report.members.end),
            ],
            "classes": .object(classes(report)),
            "visits": ["check_ins": .count(report.counts.checkIns), "visitors": .count(report.counts.visitors)],
            "revenue": .object(revenue.json(nil, of: frame.currency)),
            "recurring": [
                "mrr_at_start": frame.amount(recurring.start.amount), "mrr_at_end": frame.amount(recurring.end.amount),
                "customers_at_end": .count(recurring.end.customers),
                "customers_lost": .count(recurring.churn.customers),
            ],
            "failed_payments": .count(report.counts.failedPayments),
            "leads": ["new": .count(report.counts.newLeads), "won": .count(report.counts.wonLeads)],
            "tickets": ["opened": .count(report.counts.openedTickets), "open_now": .count(report.counts.openTickets)],
            "other_currencies": .array(GenerateRevenueReport.others(report.revenue, than: frame.currency)),
            "has_more": false,
        ]
    }

    private func classes(_ report: OperationsReport) -> JSONObject {
        var row = report.attendance.held.json
        row["cancelled_sessions"] = .count(report.attendance.cancelledSessions)
        return row
    }
}

extension GenerateOperationsReport.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "period": Field(
            "The period: \(ReportPeriod.accepted). \"last 30 days\" if left out. At most 31 days.")
    ]
}
