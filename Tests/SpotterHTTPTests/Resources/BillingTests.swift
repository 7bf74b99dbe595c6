import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

struct BillingTests {
    /// Puts lines of one turn on the bill of our organisation.
    private func spend(_ count: Int, in api: TestAPI) async throws -> Execution {
        let run = try await api.ours.home.begunTurn()
        let home = api.ours.home
        let lines = (0..<count).map { _ in home.line(home.charge(), of: run, step: home.id()) }
        try await home.record(ExecutionRecord(execution: run, ledger: lines))
        return run
    }

    @Test func `usage is added up, and taken apart by what is asked for`() async throws {
        try await TestAPI.with { api in
            let run = try await spend(3, in: api)
            let answer = try await api.ask(.get, "/v1/usage?group_by=model&execution_id=\(run.id)")
            #expect(answer["cost"]?["billed"] == ["amount": "0.0126", "currency": "USD"])
            #expect(answer["usage"]?["input_tokens"] == 3_000)
            #expect(answer["breakdown"]?[0]?["key"] == "gpt-4o")
            let later = try await api.ask(.get, "/v1/usage?from=2026-11-19&execution_id=\(run.id)")
            #expect(later["lines"] == 0)
            let history = try await api.ask(.get, "/v1/usage/history")
            #expect(history.data.contains { $0["month"] == "2026-11" })
        }
    }

    @Test(arguments: [
        ("from=yesterday", "/from"), ("to=2026-02-30", "/to"), ("group_by=mood", "/group_by"),
        ("agent_id=x", "/agent_id"),
    ])
    func `a filter that cannot be is told`(query: String, pointer: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.get, "/v1/usage?\(query)")
            #expect(answer.status == 400)
            #expect(answer["errors"]?[0]?["pointer"]?.string == pointer)
        }
    }

    @Test func `a statement comes as JSON, as a file and as a page`() async throws {
        try await TestAPI.with { api in
            _ = try await spend(3, in: api)
            let path = "/v1/billing/months/2026-11"
            let first = try await api.ask(.get, path + "?limit=2")
            #expect(first["state"] == "open")
            #expect(first["lines"] == 3)
            #expect(first["cost"]?["billed"]?["amount"] == "0.0126")
            let cursor = try #require(first["entries"]?["next_cursor"]?.string)
            let second = try await api.ask(.get, "\(path)?limit=2&after=\(cursor)")
            #expect(second["entries"]?["data"]?.array?.count == 1)
            #expect(second["entries"]?["next_cursor"] == .null)
            let csv = try await api.ask(.get, path, headers: [("accept", "text/csv")])
            #expect(csv.contentType == "text/csv; charset=utf-8")
            #expect(csv.text.split(separator: "\r\n").count == 4)
            let page = try await api.ask(.get, path + "?format=html")
            #expect(page.contentType == "text/html; charset=utf-8")
            #expect(page.text.contains("0.0126"))
            #expect(try await api.ask(.get, "/v1/billing/months/2026-13").status == 404)
            #expect(try await api.ask(.post, "/v1/billing/months/9998-01/close").status == 409)
        }
    }

    @Test(
        arguments: [
            (["scope": "organization", "period": "day"], "/limit"),
            (["scope": "agent", "period": "day", "tokens": 5], "/agent_id"),
            (
                ["scope": "organization", "period": "day", "tokens": 5, "task_id": "task_01jd4xk8p9e6zt7c2m5v3w1q8r"],
                "/task_id"
            ),
            (
                ["scope": "organization", "period": "day", "limit": ["amount": "1", "currency": "EUR"]],
                "/limit/currency"
            ),
            (
                ["scope": "organization", "period": "day", "limit": ["amount": "-1", "currency": "USD"]],
                "/limit/amount"
            ),
            (["scope": "organization", "period": "week", "tokens": 5], "/period"),
            (["scope": "organization", "period": "day", "tokens": -5], "/tokens"),
        ] as [(JSONValue, String)])
    func `a budget that cannot be is told at its field`(body: JSONValue, pointer: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.put, "/v1/budgets", body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer["errors"]?[0]?["pointer"]?.string == pointer, "\(answer.text)")
        }
    }

    @Test func `a budget is set, replaced, listed and taken away`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = [
                "scope": "organization", "period": "total", "limit": ["amount": "25.00", "currency": "USD"],
            ]
            let first = try await api.ask(.put, "/v1/budgets", body)
            #expect(first["limit"] == ["amount": "25", "currency": "USD"])
            #expect(first["state"] == "ok")
            #expect(first["source"] == "api")
            let second = try await api.ask(.put, "/v1/budgets", body.merging(patch: ["tokens": 9]))
            #expect(second["id"] == first["id"])
            let id = try #require(first["id"]?.string)
            #expect(try await api.ask(.get, "/v1/budgets").data.contains { $0["id"]?.string == id })
            #expect(try await api.ask(.delete, "/v1/budgets/\(id)").status == 204)
            #expect(try await api.ask(.delete, "/v1/budgets/\(id)").status == 404)
        }
    }

    @Test func `a chat whose budget is used up is told so`() async throws {
        try await TestAPI.with { api in
            let chat = try await Belongings(of: api.ours, in: api).conversation
            let path = "/v1/conversations/\(chat)/messages"
            _ = try await api.ours.home.budget(.organization, period: .total, tokens: 100)
            let answer = try await api.ask(.post, path, ["content": "Hello again"])
            #expect(answer.status == 409)
            #expect(answer["code"] == "limit_reached")
            #expect(answer["detail"]?.string?.contains("of 100 tokens") == true, "\(answer.text)")
        }
    }

    @Test func `an operator puts a line right by another, and an administrator does not`() async throws {
        try await TestAPI.with { api in
            let run = try await spend(1, in: api)
            let line = try #require(try await api.ours.home.lines(LedgerFilter(execution: run.id)).first)
            let body: JSONValue = [
                "organization": .string(api.ours.home.organization.slug), "line_id": .string(line.id.description),
                "base": ["amount": "-0.001", "currency": "USD"], "markup": ["amount": "-0.0002", "currency": "USD"],
                "note": "Charged twice",
            ]
            let path = "/v1/admin/billing/corrections"
            #expect(try await api.ask(.post, path, body).status == 403)
            let answer = try await api.send(.post, path, body, token: api.operatorToken)
            #expect(answer.status == 201)
            #expect(answer["corrects"]?.string == line.id.description)
            #expect(answer["cost"]?["billed"]?["amount"] == "-0.0012")
            let total = try await api.ask(.get, "/v1/usage?execution_id=\(run.id)")
            #expect(total["cost"]?["billed"]?["amount"] == "0.003")
            for (patch, pointer) in [
                (["base": ["amount": "-9", "currency": "USD"]], "/base/amount"),
                (["base": ["amount": "1", "currency": "EUR"]], "/base/currency"), (["note": " "], "/note"),
                (["organization": "nowhere"], "/organization"), (["reverse": true], "/base"),
            ] as [(JSONValue, String)] {
                let refused = try await api.send(.post, path, body.merging(patch: patch), token: api.operatorToken)
                #expect(refused.status == 400)
                #expect(refused["errors"]?[0]?["pointer"]?.string == pointer, "\(refused.text)")
            }
        }
    }

    @Test func `an execution that runs is given a budget of its own`() async throws {
        try await TestAPI.with { api in
            let run = try await api.ours.home.begunTurn()
            let body: JSONValue = [
                "scope": "execution", "execution_id": .string(run.id.description), "period": "total", "tokens": 500,
            ]
            let answer = try await api.ask(.put, "/v1/budgets", body)
            #expect(answer.status == 200)
            #expect(answer["execution_id"]?.string == run.id.description)
            let daily = try await api.ask(.put, "/v1/budgets", body.merging(patch: ["period": "day"]))
            #expect(daily["errors"]?[0]?["pointer"] == "/period")
            let none = try await api.ask(.put, "/v1/budgets", body.merging(patch: ["execution_id": .null]))
            #expect(none["errors"]?[0]?["pointer"] == "/execution_id")
        }
    }

    @Test func `an agent's limits say what one of its turns may cost`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = [
                "name": "Thrifty", "system_prompt": "You help.", "model": "offline",
                "limits": ["max_cost": "0.25", "max_tokens": 5],
            ]
            let dollars = try await api.ask(.post, "/v1/agents", body)
            #expect(dollars["limits"]?["max_cost"] == "0.25")
            #expect(dollars["limits"]?["max_tokens"] == 5)
            let tokens: JSONValue = ["name": "Terse", "limits": ["max_tokens": 5, "max_cost": .null]]
            let agent = try await api.ask(.post, "/v1/agents", body.merging(patch: tokens))
            let id = try #require(agent["id"]?.string)
            let chat = try await api.ask(.post, "/v1/conversations", ["agent_id": .string(id)])
            let path = "/v1/conversations/\(chat["id"]?.string ?? "")/messages"
            let answer = try await api.ask(.post, path, ["content": "Hello"])
            #expect(answer.status == 409)
            #expect(answer["detail"]?.string?.contains("of 5 tokens") == true, "\(answer.text)")
            let wrong = try await api.ask(.post, "/v1/agents", body.merging(patch: ["limits": ["max_cost": "much"]]))
            #expect(wrong["errors"]?[0]?["pointer"] == "/limits/max_cost")
        }
    }
}
