import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

/// The tools of reports over figures that stand here: what a model is told, and what it is told when it asks wrongly.
struct AnalyticsToolTests {
    private let tools = ToolCatalog.tools(
        clients: StoreSet.memory().clients, schedule: StoreSet.memory().schedule, analytics: FixedFigures())

    private func call(_ name: String, _ arguments: JSONValue = [:]) async throws -> JSONValue {
        let tool = try #require(tools[name])
        let home = try await TestOrganization.make(in: StoreSet.memory())
        let now = try #require(Timestamp.date(from: "2026-11-21T10:00:00Z"))
        return try await tool.call(
            arguments,
            in: ToolContext(scope: home.scope, organization: home.organization, now: now, effectKey: "k"))
    }

    private static let names = [
        "calculate_engagement_score", "generate_revenue_report", "generate_churn_report", "generate_ltv_report",
        "generate_monthly_turnover_report", "calculate_mrr", "calculate_arr", "analyze_payment_trends",
        "analyze_class_attendance", "analyze_member_engagement", "analyze_no_show_rates", "identify_at_risk_members",
        "generate_operations_report",
    ]

    @Test func `the catalogue lists the tools of reports, each described for a model`() {
        #expect(tools.names.filter(Self.names.contains) == Self.names)
        for name in Self.names {
            guard let tool = tools[name] else { continue }
            #expect(tool.summary.count > 60 && tool.summary.count < 600 && tool.summary.hasSuffix("."), "\(name)")
            #expect(tool.access == .read && tool.effect == .none)
            #expect(tool.category == (name == "calculate_engagement_score" ? .crm : .analytics))
            for property in tool.parameters.properties {
                #expect((property.schema.description ?? "").count > 15, "\(name).\(property.name)")
            }
        }
    }

    @Test(arguments: names.filter { $0 != "calculate_engagement_score" })
    func `every report answers with a sentence, its figures as strings, and whether there is more`(
        _ name: String
    ) async throws {
        let answer = try await call(name)
        #expect((answer["summary"]?.string ?? "").count > 20)
        #expect(answer["has_more"] != nil)
        #expect(!answer.description.contains("e-") && !answer.description.contains("nan"))
    }

    @Test func `revenue reads as people speak of it`() async throws {
        let answer = try await call("generate_revenue_report", ["period": "last month", "group_by": "kind"])
        #expect(
            answer["summary"] == """
                Revenue 2026-10-01 to 2026-10-31: net GBP 95.01 (gross GBP 100.01 from 3 payments, less GBP 5.00 in 1 \
                refund).
                """)
        #expect(answer["total"]?["net"] == "95.01")
        #expect(answer["rows"]?.array?.first?["kind"] == "membership")
        #expect(answer["other_currencies"]?.array?.first?["net"] == "7.00")
    }

    @Test func `recurring revenue adds up to the cent`() async throws {
        let answer = try await call("calculate_mrr")
        #expect(
            answer["summary"]
                == "MRR is GBP 198.47 on 2026-11-21 (+28.0 % against 2026-10-31), from 5 paying members.")
        #expect(answer["movements"]?["contraction"]?["amount"] == "-36.52")
        let annual = try await call("calculate_arr", ["as_of": "yesterday"])
        #expect(annual["arr"] == "2381.67")
        #expect(annual["as_of"] == "2026-11-20")
    }

    @Test func `those at risk come with the reasons`() async throws {
        let answer = try await call("identify_at_risk_members", ["limit": 1])
        #expect(answer["summary"] == "3 members with a risk of 35 or more; first: Ben Carver (65).")
        #expect(answer["members"]?.array?.first?["reasons"] == ["long_gap", "payment_owed"])
        #expect(answer["has_more"] == true)
    }

    @Test func `a score comes with its parts`() async throws {
        let id = try #require(FixedFigures.known)
        let answer = try await call("calculate_engagement_score", ["client_id": .string(id.description)])
        #expect(answer["score"] == 54)
        #expect(answer["parts"]?.array?.map { $0["points"] } == ["6.7", "30.0", "7.5", "10.0"])
    }

    @Test(
        arguments: [
            ("generate_revenue_report", ["period": "soon"], "is not a period. Use today"),
            ("generate_revenue_report", ["period": "this year", "group_by": "day"], "Group by month"),
            ("generate_churn_report", ["group_by": "day"], "Use week, month or whole"),
            ("generate_operations_report", ["period": "last 3 months"], "at most 31 days"),
            ("calculate_mrr", ["as_of": "2026-11-22"], "out of range"),
            ("calculate_mrr", ["as_of": "Friday"], "Use YYYY-MM-DD, today or yesterday"),
            ("calculate_arr", ["as_of": "2026-05-01", "compare_to": "2026-05-01"], "Give an earlier day"),
            ("generate_ltv_report", ["joined": "2020-01-01 to 2026-01-01"], "at most 366"),
            (
                "calculate_engagement_score", ["client_id": "client_01k00000000000000000000000"],
                "Take ids from search_clients"
            ),
        ] as [(String, JSONValue, String)])
    func `what cannot be answered says why, and what can`(
        _ name: String, _ arguments: JSONValue, _ why: String
    ) async throws {
        let error = await #expect(throws: ToolFailure.self) { try await call(name, arguments) }
        #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            ("generate_revenue_report", ["group_by": "colour"]), ("generate_revenue_report", ["period": 7]),
            ("generate_revenue_report", ["period": ""]), ("generate_revenue_report", ["since": "today"]),
            ("identify_at_risk_members", ["limit": 0]), ("identify_at_risk_members", ["limit": 101]),
            ("identify_at_risk_members", ["minimum_risk": "high"]),
            ("generate_ltv_report", ["gross_margin_percent": 101]),
            ("analyze_class_attendance", ["group_by": "coach"]), ("calculate_engagement_score", [:]),
            ("calculate_engagement_score", ["client_id": "session_01k00000000000000000000000"]),
            ("calculate_engagement_score", ["client_id": "Anna"]),
        ] as [(String, JSONValue)])
    func `arguments of the wrong type, range or kind are refused before anything is asked`(
        _ name: String, _ arguments: JSONValue
    ) async throws {
        let error = await #expect(throws: SpotterError.self) { try await call(name, arguments) }
        #expect(error?.code == .invalid)
        #expect(error?.issues.isEmpty == false)
    }
}
