import Foundation
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import Testing

/// Payments and memberships: every figure exact.
struct MoneyToolsTests {
    @Test func `payments are added up by status and currency, with what was refunded`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna")
        let ben = try await gym.member("Ben")
        try await gym.pay(anna, 49.99, "2026-11-01T00:00:00Z", refund: 9.99)
        try await gym.pay(anna, 0.10, "2026-11-02T00:00:00Z")
        try await gym.pay(anna, 0.20, "2026-11-03T00:00:00Z")
        try await gym.pay(ben, 49, "2026-11-04T00:00:00Z", status: "failed")
        try await gym.pay(ben, 30, "2026-11-05T00:00:00Z", currency: "EUR")
        try await gym.pay(ben, 100, "2026-10-31T23:59:59Z")
        let month = try await gym.call("query_payments", [:])
        #expect(
            month["summary"] == """
                From 2026-11-01 up to now: 5 payments: 1 succeeded, EUR 30.00; 1 failed, GBP 49.00; \
                3 succeeded, GBP 50.29, GBP 9.99 of it refunded.
                """)
        #expect(month["totals"]?[2]?["net"] == "40.30")
        let october = try await gym.call("query_payments", ["from": "2026-10-01", "to": "2026-10-31"])
        #expect(october["summary"] == "1 payment: 1 succeeded, GBP 100.00.")
        let small = try await gym.call("query_payments", ["min_amount": 0.1, "max_amount": 0.2])
        #expect(small["totals"]?[0]?["amount"] == "0.30")
        #expect(column("amount", small, "payments") == ["0.20", "0.10"])
        let failed = try await gym.call("query_payments", ["status": "failed", "client_id": .string(ben.description)])
        #expect(failed["summary"] == "1 payment: 1 failed, GBP 49.00.")
        let one = try await gym.call("view_client_payments", ["client_id": .string(anna.description), "limit": 2])
        #expect(one["summary"] == "Anna: 3 payments: 3 succeeded, GBP 50.29, GBP 9.99 of it refunded.")
        #expect(one["has_more"] == true && column("amount", one, "payments") == ["0.20", "0.10"])
        let reversed: JSONValue = ["min_amount": 2, "max_amount": 1]
        #expect(try await gym.failure("query_payments", reversed).contains("less than min_amount"))
    }

    @Test func `a member without payments is told apart from nobody`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna")
        let id: JSONValue = .string(anna.description)
        #expect(try await gym.summary("view_client_payments", ["client_id": id]) == "Anna: no payment matches.")
        let nobody: JSONValue = .string((gym.home.id() as ClientID).description)
        for tool in ["view_client_payments", "query_payments", "query_subscriptions"] {
            #expect(try await gym.failure(tool, ["client_id": nobody]).contains("There is no member"))
        }
    }

    @Test func `memberships come to what they are a month`() async throws {
        let gym = try await DeskFixture.make()
        try await gym.subscribe(gym.member("Anna"), plan: "Annual", 600, every: "year")
        try await gym.subscribe(gym.member("Ben"), plan: "Monthly", 49.50)
        try await gym.subscribe(gym.member("Cleo"), plan: "Off-peak", 20, status: "cancelled")
        let all = try await gym.call("query_subscriptions", [:])
        #expect(
            all["summary"] == "3 memberships match; those that are active or past due come to GBP 99.50 a month.")
        #expect(column("plan", all, "groups") == ["Annual", "Monthly", "Off-peak"])
        #expect(column("monthly_amount", all, "groups") == ["50.00", "49.50", "20.00"])
        let part = try await gym.call("query_subscriptions", ["plan": "PEAK"])
        #expect(part["summary"] == "1 membership matches.")
        #expect(
            try await gym.summary("query_subscriptions", ["next_payment_by": "2026-11-30"]) == "No membership matches.")
        let due = try await gym.call("query_subscriptions", ["next_payment_by": "2026-12-01", "status": "active"])
        #expect(due["subscriptions"]?.array?.count == 2)
    }
}
