import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// One vote as a link.
struct ApprovalLinkTests {
    private func link(_ asked: Approval, _ api: TestAPI, seconds: Int64? = nil) async throws -> String {
        let body: JSONValue = seconds.map { ["expires_in_seconds": .int($0)] } ?? [:]
        let made = try await api.ask(.post, "/v1/approvals/\(asked.id)/links", body)
        #expect(made.status == 201)
        return try #require(made["path"]?.string)
    }

    private func send(_ method: HTTPMethod, _ path: String, _ api: TestAPI) async throws -> Answer {
        try await api.send(HTTPRequest(method: method, target: path, headers: [:], body: []))
    }

    private func text(_ answer: Answer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test func `opening it shows exactly what is asked about and decides nothing, however often`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval("Send <b>it</b>?\u{202E}")
            let path = try await link(asked, api)
            for _ in 0..<3 {
                let page = try await send(.get, path, api)
                #expect(page.status == 200)
                let html = text(page)
                #expect(html.contains("Send &lt;b&gt;it&lt;/b&gt;?[U+202E]"))
                #expect(html.contains("ana@gym.test") && html.contains(asked.argumentsHash))
                #expect(!html.contains("<script"))
                #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(page.headers["referrer-policy"] == "no-referrer")
                #expect(page.headers["cache-control"] == "no-store")
            }
            #expect(try await send(.head, path, api).status == 200)
            #expect(try await api.ask(.get, "/v1/approvals/\(asked.id)")["state"] == "pending")
        }
    }

    @Test func `its button decides once, as whoever made it`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval()
            let path = try await link(asked, api)
            #expect(try await send(.post, path + "&decision=perhaps", api).status == 400)
            let done = try await send(.post, path + "&decision=approve", api)
            #expect(done.status == 200)
            #expect(text(done).contains("approved"))
            let approval = try await api.ask(.get, "/v1/approvals/\(asked.id)")
            #expect(approval["state"] == "approved")
            #expect(approval["decisions"]?.array?.count == 1)
            #expect(try await send(.post, path + "&decision=reject", api).status == 409)
            #expect(text(try await send(.get, path, api)).contains("approved already"))
        }
    }

    @Test func `two links of one person, and the person beside them, are one vote`() async throws {
        try await TestAPI.with { api in
            let terms = ApprovalTerms(approvers: [.role(.owner), .role(.admin), .role(.operator)], mode: .quorum(2))
            let asked = try await api.ours.home.askedApproval(terms: terms)
            let (one, two) = (try await link(asked, api), try await link(asked, api))
            #expect(try await send(.post, one + "&decision=approve", api).status == 200)
            #expect(try await send(.post, two + "&decision=approve", api).status == 409)
            #expect(
                try await api.ask(.post, "/v1/approvals/\(asked.id)/decision", ["approved": true]).status == 409)
            #expect(try await api.ask(.get, "/v1/approvals/\(asked.id)")["state"] == "pending")
        }
    }

    @Test func `who may not decide makes no link`() async throws {
        try await TestAPI.with { api in
            let terms = ApprovalTerms(approvers: [.role(.admin)])
            let asked = try await api.ours.home.askedApproval(terms: terms)
            let path = "/v1/approvals/\(asked.id)/links"
            let owner = try await api.ours.token(role: .owner)
            #expect(try await api.send(.post, path, [:], token: owner).status == 422)
            let reader = try await api.ours.token(role: .readOnly)
            #expect(try await api.send(.post, path, [:], token: reader).status == 403)
            let other = try await api.theirs.token(role: .admin)
            #expect(try await api.send(.post, path, [:], token: other).status == 404)
            let admin = try await api.ours.token(role: .admin)
            #expect(try await api.send(.post, path, ["expires_in_seconds": 5], token: admin).status == 400)
            #expect(try await api.send(.post, path, [:], token: admin).status == 201)
        }
    }

    @Test func `a link that was changed, is a token, or has lost its maker, is none`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval()
            let path = try await link(asked, api)
            let broken = path.dropLast(2) + (path.hasSuffix("AA") ? "BB" : "AA")
            let token = api.ours.token.replacing("spotter_live_", with: "")
            for wrong in [
                String(broken), "/v1/approval-link", "/v1/approval-link?link=", "/v1/approval-link?link=\(token)",
            ] {
                #expect(try await send(.get, wrong, api).status == 404)
                let separator = wrong.contains("?") ? "&" : "?"
                #expect(try await send(.post, wrong + "\(separator)decision=approve", api).status == 404)
            }
            // The link is no token either.
            let text = String(try #require(path.split(separator: "=").last))
            #expect(try await api.send(.get, "/v1/approvals", token: text).status == 401)

            let issued = try await api.ask(.post, "/v1/tokens", ["name": "Dana", "role": "owner"])
            let (id, secret) = (try #require(issued["id"]?.string), try #require(issued["token"]?.string))
            let made = try await api.send(.post, "/v1/approvals/\(asked.id)/links", [:], token: secret)
            let theirs = try #require(made["path"]?.string)
            #expect(try await send(.get, theirs, api).status == 200)
            #expect(try await api.ask(.delete, "/v1/tokens/\(id)").status == 204)
            #expect(try await send(.get, theirs, api).status == 404)
            #expect(try await send(.post, theirs + "&decision=approve", api).status == 404)
            #expect(try await api.ask(.get, "/v1/approvals/\(asked.id)")["state"] == "pending")
        }
    }
}
