import Foundation
public import SpotterDomain

/// What members bring in their time, by when they joined.
public struct GenerateLTVReport: Tool {
    /// Which cohorts.
    public struct Arguments: Codable, Sendable {
        let joined: ReportPeriod?
        let grossMarginPercent: Int?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `generate_ltv_report`
    public let name = "generate_ltv_report"
    /// What a model is told.
    public let summary = """
        Report lifetime value (LTV) by cohort, that is by the month in which members joined: how many joined and have \
        left, what a member has brought so far (observed), what a member brings in a month, and what a member will \
        have brought in the end (expected: monthly revenue × margin ÷ monthly churn). A cohort with fewer than 30 \
        leavers is marked as a guess.
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
        let span = try frame.span(arguments.joined, or: "last 12 months", by: .month)
        let margin = Decimal(arguments.grossMarginPercent ?? 100) / 100
        let cohorts = try await analytics.cohorts(span, in: context.scope)
        let all = cohorts.reduce(into: Cohort(part: 0, members: 0, left: 0, memberDays: 0, net: [:])) { all, cohort in
            all.members += cohort.members
            all.left += cohort.left
            all.memberDays += cohort.memberDays
            all.net.merge(cohort.net) { $0 + $1 }
        }
        return [
            "summary": .string(sentence(all, margin, span, frame)), "period": frame.period(span),
            "currency": .string(frame.currency), "total": .object(Self.json(all, margin, frame)),
            "cohorts": .array(
                cohorts.map { cohort in
                    var row = frame.part(span, cohort.part)
                    for (key, value) in Self.json(cohort, margin, frame) { row[key] = value }
                    return .object(row)
                }),
            "other_currencies": .array(
                all.net.filter { $0.key != frame.currency }.sorted { $0.key < $1.key }.map { currency, net in
                    ["currency": .string(currency), "net_revenue": .string(MinorUnit.text(net, currency))]
                }),
            "has_more": false,
        ]
    }

    private func sentence(_ all: Cohort, _ margin: Decimal, _ span: ReportSpan, _ frame: ReportFrame) -> String {
        guard let observed = all.observed(in: frame.currency) else { return "Nobody joined in \(frame.name(span))." }
        let expected =
            all.expected(in: frame.currency, margin: margin).map { "\(frame.money($0)) is expected in the end" }
            ?? "none has left, so what to expect cannot be told"
        let guess = all.left > 0 && all.left < Cohort.reliableLeavers ? ", a guess from few leavers" : ""
        return """
            The \(counted(all.members, "member")) who joined in \(frame.name(span)) have brought \
            \(frame.money(observed)) each so far; \(expected)\(guess).
            """
    }

    private static func json(_ cohort: Cohort, _ margin: Decimal, _ frame: ReportFrame) -> JSONObject {
        var row = JSONObject()
        row["members"] = .count(cohort.members)
        row["left"] = .count(cohort.left)
        row["member_months"] = .string(MinorUnit.text(cohort.memberMonths, digits: 1))
        row["net_revenue"] = frame.amount(cohort.net[frame.currency] ?? 0)
        row["observed_ltv"] = cohort.observed(in: frame.currency).map(frame.amount) ?? .null
        row["monthly_revenue_per_member"] = cohort.monthly(in: frame.currency).map(frame.amount) ?? .null
        row["monthly_churn_percent"] = .optional(
            MinorUnit.percent(Decimal(cohort.left), of: cohort.memberMonths))
        row["expected_ltv"] = cohort.expected(in: frame.currency, margin: margin).map(frame.amount) ?? .null
        row["is_reliable"] = .bool(cohort.left >= Cohort.reliableLeavers)
        return row
    }
}

extension GenerateLTVReport.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "joined": Field(
            """
            When the members joined: \(ReportPeriod.accepted). "last 12 months" if left out. At most 366 days. What \
            they paid counts up to now, whenever it was.
            """),
        "gross_margin_percent": Field(
            "Of revenue what remains after the cost of serving a member; 100 if left out.", range: 0...100, example: 70),
    ]
}
