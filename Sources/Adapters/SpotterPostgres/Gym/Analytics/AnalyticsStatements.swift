import Foundation
import PostgresKit
import SpotterDomain

/// The statements of reports with their parameters: what is sent, and what tests have explained.
///
/// Row-level security compares `organization_id` with a value that the planner does not know, so it takes a gym of a
/// million rows for an average one. Each report therefore names its organisation itself too, as a parameter, and is
/// planned for what it is.
struct AnalyticsStatements {
    let organization: UUID
    let span: ReportSpan
    /// The same days, in one part.
    private let whole: [String]
    private let days: [String]

    init(_ span: ReportSpan, _ scope: OrganizationScope) {
        organization = scope.organization.uuid
        self.span = span
        days = span.edges.map(\.description)
        whole = span.whole.edges.map(\.description)
    }

    /// Goes before every report, in its transaction: memory for sums by member, no compiling of what runs for a moment,
    /// indexes taken for being in memory, and a plan for just these parameters.
    static let setting = Statement(
        """
        SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),
            set_config('random_page_cost', '1.1', true), set_config('plan_cache_mode', 'force_custom_plan', true),
            set_config('parallel_tuple_cost', '0.01', true)
        """)

    private var tomorrow: String { span.today.adding(days: 1).description }
    private var today: String { span.today.description }

    var revenue: Statement { Statement(TakingsSQL.revenue, organization, days, span.timezone, span.until) }
    var payments: Statement { Statement(TakingsSQL.payments, organization, days, span.timezone, span.until) }
    var failures: Statement { Statement(TakingsSQL.failures, organization, days, span.timezone, span.until) }
    var cohorts: Statement { Statement(TakingsSQL.cohorts, organization, days, today) }
    var movement: Statement { Statement(RecurringSQL.movement, organization, whole, span.timezone, span.until) }

    func series(_ currency: String) -> Statement {
        Statement(RecurringSQL.series, organization, days, span.timezone, span.until, currency)
    }

    func lost(_ currency: String, _ limit: Int) -> Statement {
        Statement(RecurringSQL.lost, organization, whole, span.timezone, span.until, currency, max(limit, 0))
    }

    var turnover: Statement { Statement(RecurringSQL.turnover, organization, days, tomorrow) }

    var attendance: Statement {
        Statement(AttendanceSQL.attendance, organization, whole, span.timezone, span.until)
    }

    func missing(_ limit: Int) -> Statement {
        Statement(AttendanceSQL.missing, organization, whole, span.timezone, span.until, max(limit, 0))
    }

    var levels: Statement { Statement(EngagementSQL.levels, organization, days, span.timezone, span.until) }

    func members(_ limit: Int, lowestFirst: Bool) -> Statement {
        Statement(
            EngagementSQL.members, organization, days, span.timezone, span.until, max(limit, 0), lowestFirst, today)
    }

    func atRisk(_ limit: Int, least: Int) -> Statement {
        Statement(EngagementSQL.atRisk, organization, days, span.timezone, span.until, max(limit, 0), least, today)
    }

    func member(_ client: ClientID) -> Statement {
        Statement(EngagementSQL.member, organization, days, span.timezone, span.until, client.uuid, today)
    }

    var counts: Statement { Statement(OperationsSQL.counts, organization, whole, span.timezone, span.until) }
}
