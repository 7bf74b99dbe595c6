import Foundation
import HTTPServerKit
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import SpotterTokens
import Testing

@testable import SpotterHTTP

/// The link at the end of marketing mail.
struct UnsubscribeTests {
    /// A member who has agreed to marketing, and what the courier makes of a message to her.
    private struct Mail {
        let api: TestAPI
        let ana: Client

        init(_ api: TestAPI) async throws {
            self.api = api
            ana = api.ours.home.client("Ana", email: "ana@example.com")
            try await api.stores.clients.add([ana], in: api.ours.scope)
            try await say(true)
        }

        func say(_ isGranted: Bool) async throws {
            let home = api.ours.home
            try await api.stores.contacts.record(
                [
                    Consent(
                        id: home.id(), clientId: ana.id, leadId: nil, channel: .email, purpose: .marketing,
                        isGranted: isGranted, source: .form, recordedAt: TestOrganization.start)
                ], in: api.ours.scope)
        }

        func finished(
            _ purpose: MessagePurpose = .marketing, _ channel: MessageChannel = .email, to person: MessagePerson? = nil,
            publicURL: String? = "https://gym.test", signer: PasetoTokenSigner? = nil
        ) throws -> OutboxMessage {
            let message = OutboxMessage(
                id: api.ours.home.id(), channel: channel, purpose: purpose, recipient: "ana@example.com",
                person: person ?? .client(ana.id), subject: "News", body: "Hi", html: "<body><p>Hi</p></body>",
                attachments: [], status: .sending, reason: nil, sentBy: "test", conversationId: nil,
                dueAt: TestOrganization.start, attempt: 1, providerId: nil, createdAt: TestOrganization.start,
                sentAt: nil)
            return try UnsubscribeNote(links: signer ?? api.signer, publicURL: publicURL)
                .finish(message, in: api.ours.scope)
        }

        func path() throws -> String {
            try #require(try finished().unsubscribeURL?.dropFirst("https://gym.test".count)).description
        }

        func consent() async throws -> Consent? {
            try await api.stores.contacts.consents(of: .client(ana.id), in: api.ours.scope)
                .first { $0.channel == .email && $0.purpose == .marketing }
        }

        func send(_ method: HTTPMethod, _ path: String, _ body: String = "") async throws -> Answer {
            var headers = HTTPHeaders()
            if !body.isEmpty { headers.append("content-type", "application/x-www-form-urlencoded") }
            return try await api.send(
                HTTPRequest(method: method, target: path, headers: headers, body: Array(body.utf8)))
        }
    }

    @Test func `marketing by e-mail ends with a link, and nothing else does`() async throws {
        try await TestAPI.with { api in
            let mail = try await Mail(api)
            let message = try mail.finished()
            let address = try #require(message.unsubscribeURL)
            #expect(address.hasPrefix("https://gym.test/v1/unsubscribe?link=v4.public."))
            #expect(message.body.hasPrefix("Hi\n") && message.body.contains(address))
            #expect(message.html?.contains("<a href=\"\(address)\">Unsubscribe</a>") == true)
            #expect(message.html?.hasSuffix("</body>") == true)
            // Every try has the same, and nothing of it is kept.
            #expect(try mail.finished().unsubscribeURL == address)
            #expect(try !JSONValue(encoding: message).description.contains("unsubscribe_url"))
            for other in [
                try mail.finished(.transactional), try mail.finished(.marketing, .sms),
                try mail.finished(to: .staff(api.ours.home.id())), try mail.finished(publicURL: nil),
            ] { #expect(other.unsubscribeURL == nil && other.body == "Hi") }
        }
    }

    @Test func `opening it changes nothing, and its button ends marketing for good`() async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let mail = try await Mail(api)
            let path = try mail.path()
            for _ in 0..<2 {
                let page = try await mail.send(.get, path)
                #expect(page.status == 200)
                let html = String(decoding: page.body, as: UTF8.self)
                #expect(html.contains("a…@example.com") && !html.contains("ana@example.com"))
                #expect(html.contains("<form method=\"post\"") && !html.contains("<script"))
                #expect(page.headers["referrer-policy"] == "no-referrer")
            }
            #expect(try await mail.send(.head, path).status == 200)
            #expect(try await mail.consent()?.isGranted == true)
            // As a mail program does it (RFC 8058): a form, no cookie, no redirect.
            for _ in 0..<2 {
                let done = try await mail.send(.post, path, "List-Unsubscribe=One-Click")
                #expect(done.status == 200, "\(done.text)")
            }
            let said = try #require(try await mail.consent())
            #expect(!said.isGranted && said.source == .unsubscribeLink)
            let events = try await api.stores.events.events(after: 0, execution: nil, limit: 200, in: api.ours.scope)
            let changed = events.filter { $0.type == "consent.changed" && $0.data["source"] == "unsubscribe_link" }
            #expect(changed.count == 1)
            let log = try await api.stores.audit.list(AuditFilter(), PageRequest(), in: api.ours.scope).items
            let entries = log.filter { $0.action == "unsubscribe" }
            #expect(entries.map(\.resourceId) == [mail.ana.id.description])
            #expect(entries.first?.actor.kind == .link)
            let page = try await mail.send(.get, path)
            #expect(String(decoding: page.body, as: UTF8.self).contains("already"))
        }
    }

    @Test func `a link of another installation, of another sort or changed is as unknown as none`() async throws {
        try await TestAPI.with { api in
            let mail = try await Mail(api)
            let path = try mail.path()
            let stranger = try PasetoTokenSigner(
                keys: KeyRing(signingWith: .generate()), deployment: "test", clock: SystemClock())
            let foreign = try #require(try mail.finished(signer: stranger).unsubscribeURL)
                .replacing("https://gym.test", with: "")
            let approval = try await api.ours.home.askedApproval()
            let link = try #require(
                try await api.ask(.post, "/v1/approvals/\(approval.id)/links", [:])["path"]?.string)
            let pages = [
                foreign, link.replacing("approval-link", with: "unsubscribe"),
                "/v1/unsubscribe?link=\(api.ours.token)", "/v1/unsubscribe?link=x", "/v1/unsubscribe",
                path.dropLast(4) + "AAAA",
            ]
            var bodies: Set<String> = []
            for page in pages {
                for method in [HTTPMethod.get, .post] {
                    let answer = try await mail.send(method, page)
                    #expect(answer.status == 404)
                    bodies.insert(String(decoding: answer.body, as: UTF8.self))
                }
            }
            #expect(bodies.count == 1)
            #expect(try await mail.send(.get, path.replacing("unsubscribe", with: "approval-link")).status == 404)
            #expect(try await mail.consent()?.isGranted == true)
        }
    }

    @Test func `it reaches the person it was written to in their own gym, and nobody of another`() async throws {
        try await TestAPI.with { api in
            let mail = try await Mail(api)
            // The same member's id with another organisation, signed by us: there is nobody of this id.
            let message = try mail.finished()
            let link = try #require(UnsubscribeLink(in: message, of: api.theirs.scope.organization))
            let before = try await api.theirs.everything()
            let answer = try await mail.send(.post, "/v1/unsubscribe?link=\(try api.signer.text(for: link))")
            #expect(answer.status == 404)
            #expect(try await api.theirs.everything() == before)
            #expect(try await mail.consent()?.isGranted == true)
        }
    }
}
