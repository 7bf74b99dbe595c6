import Foundation
import PostgresKit
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import Testing

/// The tools that read one member or lead, and those that change a status.
struct ProfileToolsTests {
    @Test func `a profile says who it is, what is paid, and how often they come`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna Lindqvist", email: "anna@example.org", tags: ["vip"])
        let spin = try await gym.session("Spin", "2026-11-10T18:30:00Z")
        try await gym.book(anna, spin, status: "attended")
        try await gym.book(anna, gym.session("Yoga", "2026-11-25T18:30:00Z"))
        try await gym.checkIn(anna, gym.at("2026-11-18T09:00:00Z"))
        try await gym.checkIn(anna, gym.at("2026-10-10T09:00:00Z"))
        try await gym.subscribe(anna, plan: "Annual", 600, every: "year")
        try await gym.pay(anna, 50, "2026-11-01T00:00:00Z", status: "failed")
        try await gym.consent(anna, granted: true, at: gym.now - 100)
        try await gym.consent(anna, granted: false, at: gym.now - 50)
        let answer = try await gym.call("view_client_profile", ["client_id": .string(anna.description)])
        #expect(
            answer["summary"] == """
                Anna Lindqvist is an active member: 2 visits in the last 30 days (1 in the 30 before), the last on \
                Wednesday 2026-11-18, 1 upcoming booking, 1 failed payment in 90 days.
                """)
        let client = try #require(answer["client"])
        #expect(client["email"] == "anna@example.org" && client["tags"] == ["vip"])
        #expect(client["subscriptions"]?[0]?["monthly_amount"] == "50.00")
        #expect(client["subscriptions"]?[0]?["next_payment"] == "2026-12-01")
        #expect(client["consents"]?.array?.count == 1 && client["consents"]?[0]?["granted"] == false)
    }

    @Test func `bookings are counted by what became of them, soonest first where they are to come`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna")
        for (start, status) in [
            ("2026-11-10T18:30:00Z", "attended"), ("2026-11-12T18:30:00Z", "no_show"),
            ("2026-11-29T18:30:00Z", "booked"), ("2026-11-24T18:30:00Z", "waitlisted"),
        ] { try await gym.book(anna, gym.session("Spin", start), status: status) }
        let id: JSONValue = .string(anna.description)
        let all = try await gym.call("view_client_bookings", ["client_id": id])
        #expect(all["summary"] == "Anna has 4 bookings: 1 attended, 1 booked, 1 no-show, 1 waitlisted.")
        #expect(column("date", all, "bookings") == ["2026-11-29", "2026-11-24", "2026-11-12", "2026-11-10"])
        let ahead = try await gym.call("view_client_bookings", ["client_id": id, "when": "upcoming"])
        #expect(column("date", ahead, "bookings") == ["2026-11-24", "2026-11-29"])
        let missed = try await gym.call("view_client_bookings", ["client_id": id, "when": "past", "status": "no_show"])
        #expect(missed["summary"] == "Anna has 1 past booking: 1 no-show.")
        let few = try await gym.call("view_client_bookings", ["client_id": id, "limit": 2])
        #expect(few["has_more"] == true && few["bookings"]?.array?.count == 2)
        let range: JSONValue = ["client_id": id, "from": "2026-11-12", "to": "2026-11-12"]
        #expect(column("status", try await gym.call("view_client_bookings", range), "bookings") == ["no_show"])
        let reversed: JSONValue = ["client_id": id, "from": "today", "to": "yesterday"]
        #expect(try await gym.failure("view_client_bookings", reversed).contains("is before from"))
    }

    @Test func `a lead's profile has the trial that is booked, and how the status came to be`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo Fischer", email: "leo@example.org")
        let spin = try await gym.session("Spin", "2026-11-24T18:30:00Z")
        _ = try await gym.call(
            "book_trial_class",
            ["session_id": .string(spin.id.description), "lead_id": .string(leo.description)])
        let answer = try await gym.call("view_lead_profile", ["lead_id": .string(leo.description)])
        #expect(
            answer["summary"] == """
                Leo Fischer is a lead with the status trial booked, since 2026-11-21; Trial: Spin is booked for \
                Tuesday 2026-11-24 at 18:30.
                """)
        #expect(answer["lead"]?["status_changes"]?[0]?["from"] == "new")
        #expect(answer["lead"]?["appointments"]?[0]?["kind"] == "trial")
    }

    @Test func `leads are found by words, status, source and day`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo Fischer", email: "leo@example.org")
        _ = try await gym.lead("Lena Fink", status: "contacted")
        func names(_ arguments: JSONValue) async throws -> [String] {
            column("name", try await gym.call("search_leads", arguments), "leads").sorted()
        }
        #expect(try await names([:]) == ["Lena Fink", "Leo Fischer"])
        #expect(try await names(["query": "fi"]) == ["Lena Fink", "Leo Fischer"])
        #expect(try await names(["query": "leo example"]) == ["Leo Fischer"])
        #expect(try await names(["status": "contacted"]) == ["Lena Fink"])
        #expect(try await names(["source": "Website", "query": "leo"]) == ["Leo Fischer"])
        #expect(try await names(["created_from": "tomorrow"]) == [])
        #expect(try await names(["follow_up_due": true]) == [])
        let found = try await gym.call("search_leads", ["query": "leo"])
        #expect(found["leads"]?[0]?["id"] == .string(leo.description))
        #expect(found["summary"] == "1 lead matches.")
        #expect(try await gym.failure("search_leads", ["query": "!?"]).contains("cannot be searched for"))
    }

    @Test func `a status is set once, with who and why`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna")
        let wish: JSONValue = [
            "client_id": .string(anna.description), "status": "cancelled", "reason": "Moved away",
        ]
        let dry = try await gym.call("update_client_status", wish, isDryRun: true)
        #expect(dry["summary"] == "Nothing was changed. Anna would go from active to cancelled.")
        #expect(dry["changed"] == false)
        let done = try await gym.call("update_client_status", wish)
        #expect(done["summary"] == "Anna went from active to cancelled." && done["changed"] == true)
        let again = try await gym.call("update_client_status", wish)
        #expect(again["summary"] == "Anna is cancelled already; nothing was changed.")
        let profile = try await gym.call("view_client_profile", ["client_id": .string(anna.description)])
        #expect(profile["client"]?["cancelled"] == "2026-11-21")
        let change = try #require(profile["client"]?["status_changes"]?[0])
        #expect(change["by"] == "desk" && change["reason"] == "Moved away")
        // The one before is how Anna came to be a member.
        #expect(profile["client"]?["status_changes"]?.array?.count == 2)
    }

    @Test func `a lead that is lost needs a reason`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo")
        let lost: JSONValue = ["lead_id": .string(leo.description), "status": "lost"]
        #expect(try await gym.failure("update_lead_status", lost).contains("needs a reason"))
        let done = try await gym.call(
            "update_lead_status", ["lead_id": .string(leo.description), "status": "lost", "reason": "price"])
        #expect(done["summary"] == "Leo went from new to lost.")
        let profile = try await gym.call("view_lead_profile", ["lead_id": .string(leo.description)])
        #expect(profile["lead"]?["lost_reason"] == "price")
    }

    @Test func `tags are added and removed without doubles`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna", tags: ["VIP", "evening"])
        let id: JSONValue = .string(anna.description)
        let change: JSONValue = ["client_id": id, "add": ["vip", "risk:time"], "remove": ["Evening", "none"]]
        let dry = try await gym.call("update_client_tags", change, isDryRun: true)
        #expect(dry["summary"] == "Nothing was changed. Anna would have VIP, risk:time.")
        #expect(try await gym.call("update_client_tags", change)["tags"] == ["VIP", "risk:time"])
        #expect(try await gym.call("update_client_tags", change)["changed"] == false)
        let leo = try await gym.lead("Leo")
        let tagged = try await gym.call("update_client_tags", ["lead_id": .string(leo.description), "add": ["hot"]])
        #expect(tagged["tags"] == ["hot"])
        #expect(try await gym.failure("update_client_tags", ["client_id": id]).contains("Give tags"))
        #expect(try await gym.failure("update_client_tags", ["add": ["x"]]).contains("one of the two"))
        let both: JSONValue = ["client_id": id, "add": ["x"], "remove": ["X"]]
        #expect(try await gym.failure("update_client_tags", both).contains("both added and removed"))
        #expect(try await gym.failure("update_client_tags", ["client_id": id, "add": [" "]]).contains("blank"))
    }
}
