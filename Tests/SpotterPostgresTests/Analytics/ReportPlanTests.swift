import Foundation
import PostgresKit
import SpotterDomain
@testable import SpotterPostgres
import SpotterTesting
import Testing

/// What PostgreSQL makes of the reports' own statements, as `spotter_app` under row-level security: each organisation's
/// rows come from an index, most of them from an index alone.
struct ReportPlanTests {
    private struct Plan: Sendable, CustomStringConvertible {
        let description: String
        let statement: @Sendable (AnalyticsStatements) -> Statement
        let indexes: [String]
    }

    private static let plans = [
        Plan(
            description: "revenue", statement: { $0.revenue }, indexes: ["payments_taken_idx", "refunds_time_idx"]),
        Plan(description: "payments", statement: { $0.payments }, indexes: ["payments_taken_idx"]),
        Plan(description: "failures", statement: { $0.failures }, indexes: ["payments_failed_idx"]),
        Plan(
            description: "cohorts", statement: { $0.cohorts },
            indexes: ["payments_of_client_idx", "clients_joined_idx"]),
        Plan(description: "movement", statement: { $0.movement }, indexes: ["subscription_changes_paying_idx"]),
        Plan(description: "series", statement: { $0.series("GBP") }, indexes: ["subscription_changes_paying_idx"]),
        Plan(description: "lost", statement: { $0.lost("GBP", 20) }, indexes: ["subscription_changes_paying_idx"]),
        Plan(description: "turnover", statement: { $0.turnover }, indexes: ["clients_joined_idx"]),
        Plan(
            description: "attendance", statement: { $0.attendance },
            indexes: ["bookings_starts_at_idx", "class_sessions_"]),
        Plan(description: "missing", statement: { $0.missing(20) }, indexes: ["bookings_missed_idx"]),
        Plan(
            description: "levels", statement: { $0.levels }, indexes: ["bookings_starts_at_idx", "check_ins_time_idx"]),
        Plan(
            description: "members", statement: { $0.members(20, lowestFirst: true) },
            indexes: ["bookings_starts_at_idx", "check_ins_time_idx"]),
        Plan(
            description: "at risk", statement: { $0.atRisk(20, least: 35) },
            indexes: ["bookings_starts_at_idx", "check_ins_time_idx", "payments_"]),
        Plan(
            description: "one member", statement: { $0.member(ClientID(UUID())) },
            indexes: ["bookings_client_id_idx", "check_ins_client_idx", "clients_pkey"]),
        Plan(
            description: "counts", statement: { $0.counts },
            indexes: ["check_ins_time_idx", "payments_failed_idx", "leads_created_idx"]),
    ]

    /// Explains the text of a statement: parameters may not be part of an EXPLAIN that is planned for their values.
    private static let explain: StaticString = """
        CREATE FUNCTION app.explain(query text) RETURNS SETOF text LANGUAGE plpgsql
        AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$
        """

    @Test func `row-level security costs no report its index`() async throws {
        let stores = try await TestStores.fresh()
        // Enough of everything for the planner to tell the indexes apart, and others beside it.
        let gym = try await ReportedGym.make(in: stores)
        try await GymBenchScripts.fill(
            GymBenchScripts.Size(members: 400, bookings: 8_000, payments: 4_000, others: 20),
            of: gym.scope.organization, as: stores.administrator)
        let administrator = TestStores.connect(stores.administrator)
        _ = try await administrator.unscoped.query(Statement(Self.explain))
        _ = try await administrator.unscoped.query(
            Statement("GRANT EXECUTE ON FUNCTION app.explain(text) TO spotter_app"))
        administrator.close()
        let span = gym.span("2026-09-27", "2026-10-01", "2026-11-22")
        let statements = AnalyticsStatements(span, gym.scope)
        for plan in Self.plans {
            let rows = try await stores.database.withOrganization(gym.scope.organization.uuid).batch([
                AnalyticsStatements.setting,
                // Small tables would be read whole: the question is whether the index can serve at all.
                Statement(
                    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"),
                Statement("SELECT * FROM app.explain($1)", plan.statement(statements).literalText),
            ])
            let text = try rows[2].map { try $0.get(0, as: String.self) }.joined(separator: "\n")
            for index in plan.indexes { #expect(text.contains(index), "\(plan): \(text)") }
            #expect(!text.contains("Seq Scan"), "\(plan): \(text)")
            // The policy is there, once a statement, as a condition on what the statement asked for.
            #expect(text.contains("One-Time Filter") || text.contains("organization_id = $"), "\(plan): \(text)")
            #expect(
                text.contains("(organization_id = '\(gym.scope.organization.uuid.uuidString.lowercased())'"),
                "\(plan): \(text)")
        }
        try await stores.close()
    }
}
