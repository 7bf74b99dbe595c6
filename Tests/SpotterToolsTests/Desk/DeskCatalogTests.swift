import Foundation
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import Testing

/// What holds for every tool of the front desk.
struct DeskCatalogTests {
    @Test func `the catalogue has the tools of the records and of automation`() async throws {
        let names = try await DeskFixture.make().tools.tools.filter { $0.category != .core }.map(\.name)
        let crm = [
            "search_clients", "view_client_profile", "view_client_bookings", "view_client_payments",
            "update_client_status", "search_leads", "view_lead_profile", "update_lead_status", "search_classes",
            "view_class_schedule", "check_class_availability", "view_class_bookings", "query_payments",
            "query_subscriptions",
        ]
        let automation = [
            "trigger_workflow", "schedule_task", "update_client_tags", "export_data", "create_retention_campaign",
            "create_lead_task", "schedule_social_post", "generate_social_content", "generate_hashtags",
            "view_calendar_events", "book_trial_class", "schedule_facility_tour",
        ]
        #expect(Set(names) == Set(crm + automation))
        #expect(names.count == 26)
    }

    @Test func `every tool and every argument is described for a model, in both forms`() async throws {
        for tool in try await DeskFixture.make().tools.tools where tool.category != .core {
            #expect(tool.summary.count > 60 && tool.summary.count < 600 && tool.summary.hasSuffix("."), "\(tool.name)")
            for property in tool.parameters.properties {
                #expect((property.schema.description ?? "").count > 15, "\(tool.name).\(property.name)")
            }
            let description = tool.modelDescription
            #expect(description.json(for: .openai)["function"]?["parameters"] == tool.parameters.json)
            #expect(description.json(for: .anthropic)["input_schema"]?["type"] == "object")
            #expect((tool.access == .read) == (tool.effect == .none), "\(tool.name)")
        }
    }

    @Test func `no tool finds what belongs to another gym`() async throws {
        let gym = try await DeskFixture.make()
        let other = try await DeskFixture.make()
        let anna: JSONValue = .string(try await other.member("Anna", status: .trial).description)
        let leo: JSONValue = .string(try await other.lead("Leo").description)
        let spin: JSONValue = .string(try await other.session("Spin", "2026-11-24T18:30:00Z").id.description)
        _ = try await gym.staff("Fay", role: "front_desk")
        let own: JSONValue = .string(try await gym.lead("Lena").description)
        let hall: JSONValue = .string(try await gym.session("Hall", "2026-11-24T18:30:00Z").id.description)
        let task: JSONValue = .string(
            try await other.home.task("Other", for: other.home.agent(named: "Other")).id.description)
        let calls: [(String, JSONValue)] = [
            ("view_client_profile", ["client_id": anna]), ("view_client_bookings", ["client_id": anna]),
            ("view_client_payments", ["client_id": anna]), ("query_payments", ["client_id": anna]),
            ("query_subscriptions", ["client_id": anna]), ("view_lead_profile", ["lead_id": leo]),
            ("update_client_status", ["client_id": anna, "status": "active"]),
            ("update_lead_status", ["lead_id": leo, "status": "won"]),
            ("update_client_tags", ["client_id": anna, "add": ["x"]]),
            ("update_client_tags", ["lead_id": leo, "add": ["x"]]), ("view_class_bookings", ["session_id": spin]),
            ("check_class_availability", ["session_id": spin]),
            ("book_trial_class", ["session_id": spin, "lead_id": own]),
            ("book_trial_class", ["session_id": hall, "lead_id": leo]),
            ("book_trial_class", ["session_id": hall, "client_id": anna]),
            ("schedule_facility_tour", ["lead_id": leo, "date": "monday", "time": "14:00"]),
            ("create_lead_task", ["lead_id": leo, "title": "x", "details": "x"]),
            ("trigger_workflow", ["workflow": task]),
        ]
        for (name, arguments) in calls {
            let message = try await gym.failure(name, arguments)
            #expect(
                message.contains("There is no") || message.contains("no session") || message.contains("is nobody")
                    || message.contains("Nothing is set up"), "\(name): \(message)")
        }
        for name in ["search_clients", "search_leads", "search_classes"] {
            let found = try await gym.call(name, ["query": "Anna Leo Spin"])
            #expect(found["has_more"] == false)
        }
        let profile = try await other.call("view_client_profile", ["client_id": anna])
        #expect(profile["client"]?["status"] == "trial")
    }

    @Test func `arguments of the wrong type, range or kind are refused by their names`() async throws {
        let gym = try await DeskFixture.make()
        let cases: [(String, JSONValue, String)] = [
            ("view_client_profile", [:], "/client_id"), ("view_client_profile", ["client_id": "lead_x"], "/client_id"),
            ("view_client_bookings", ["client_id": 7, "limit": 900], "/limit"),
            ("search_leads", ["status": "cold"], "/status"), ("query_payments", ["min_amount": -1], "/min_amount"),
            ("update_lead_status", ["lead_id": "x", "status": "won"], "/lead_id"),
            ("book_trial_class", ["session": "x"], "/session"), ("export_data", ["kind": "secrets"], "/kind"),
            ("create_retention_campaign", ["name": "x", "audience": [:], "steps": []], "/steps"),
            ("schedule_social_post", ["platform": "myspace"], "/platform"),
            ("view_calendar_events", ["kinds": ["party"]], "/kinds/0"),
        ]
        for (name, arguments, pointer) in cases {
            let error = await #expect(throws: SpotterError.self) { try await gym.call(name, arguments) }
            #expect(error?.issues.contains { $0.pointer == pointer } == true, "\(name): \(String(describing: error))")
        }
    }
}
