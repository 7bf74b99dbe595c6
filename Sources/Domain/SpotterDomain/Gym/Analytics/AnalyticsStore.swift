/// Where a gym's figures are worked out. What each means stands with its type.
///
/// All of them look at one organisation, in its own time zone. Sums are exact; nothing is rounded here.
public protocol AnalyticsStore: Sendable {
    /// What came and was given back, by part, currency, kind and method, in this order.
    func revenue(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [RevenueLine]
    /// Tries to pay by part, and why they failed over the whole.
    func payments(_ span: ReportSpan, in scope: OrganizationScope) async throws -> PaymentTrends
    /// One cohort for each part in which somebody joined.
    func cohorts(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [Cohort]
    /// Recurring revenue from the beginning to the end of the span, whatever its parts, in each currency that has any.
    func recurring(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [Movement]
    /// Recurring revenue in one currency, part by part.
    func recurring(
        byPartOf span: ReportSpan, currency: String, in scope: OrganizationScope
    ) async throws -> [Movement]
    /// Churn in one currency, with the `limit` lost members who brought most.
    func churn(
        _ span: ReportSpan, currency: String, limit: Int, in scope: OrganizationScope
    ) async throws -> ChurnReport
    /// Members who joined and left, for every part.
    func turnover(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [TurnoverLine]
    /// Sessions and bookings over the whole span, by name of class, weekday and hour.
    func attendance(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [AttendanceLine]
    /// The `limit` members who missed most bookings.
    func missing(_ span: ReportSpan, limit: Int, in scope: OrganizationScope) async throws -> [MissingMember]
    /// Members by level of engagement; levels without members are left out.
    ///
    /// - Parameter span: `ReportSpan.engagement`.
    func engagement(_ span: ReportSpan, in scope: OrganizationScope) async throws -> [EngagementLine]
    /// The members with the highest scores, or the lowest; equal ones by name.
    func mostEngaged(
        _ span: ReportSpan, lowestFirst: Bool, limit: Int, in scope: OrganizationScope
    ) async throws -> [MemberStanding]
    /// The members with the highest risk, of those with `least` or more, and how many have that.
    func atRisk(
        _ span: ReportSpan, least: Int, limit: Int, in scope: OrganizationScope
    ) async throws -> (count: Int, members: [MemberStanding])
    /// One member, without what they owe; nil if the organisation has none such.
    func standing(
        of client: ClientID, _ span: ReportSpan, in scope: OrganizationScope
    ) async throws -> MemberStanding?
    /// The whole gym over the whole span.
    func operations(_ span: ReportSpan, in scope: OrganizationScope) async throws -> OperationsReport
}
