import Foundation
import MailKit
import SpotterDomain
import SpotterMessaging
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(2))) struct EmailTransportTests {
    private func mail(to address: String, _ purpose: MessagePurpose = .transactional) -> OutboxMessage {
        OutboxMessage(
            id: RandomIDGenerator().id(at: TestOrganization.start), channel: .email, purpose: purpose,
            recipient: address, person: nil, subject: "Welcome", body: "Hi", html: "<p>Hi</p>",
            attachments: [.init(name: "a.csv", type: "text/csv", content: "YSxi")], status: .sending, reason: nil,
            sentBy: "test", conversationId: nil, dueAt: TestOrganization.start, attempt: 1, providerId: nil,
            createdAt: TestOrganization.start, sentAt: nil)
    }

    private func transport(_ server: MailServer) throws -> EmailTransport {
        EmailTransport(
            server: SMTPServer(host: "127.0.0.1", port: server.port, security: .none),
            from: try Mailbox("Iron Temple <hello@gym.test>"), replyTo: try Mailbox("desk@gym.test"),
            unsubscribe: "https://gym.test/stop")
    }

    @Test func `a message of the outbox arrives, with its own name on every try`() async throws {
        let server = try await MailServer.start()
        let (transport, message) = (try transport(server), mail(to: "ana@example.com", .marketing))
        for _ in 1...2 {
            guard case .accepted(let reference?) = await transport.deliver(message) else {
                Issue.record("not taken"); return
            }
            #expect(reference.contains("queued"))
        }
        let mails = try server.mails
        #expect(Set(mails.map { $0.headers["message-id"] }) == ["<\(message.id)@gym.test>"])
        #expect(mails[0].headers["list-unsubscribe"] == "<https://gym.test/stop>")
        #expect(mails[0].headers["from"] == "Iron Temple <hello@gym.test>")
        #expect(mails[0].parts["text/html"]?.contains("<p>Hi</p>") == true)
        #expect(mails[0].parts["a.csv"] == "a,b")
        _ = await transport.deliver(mail(to: "ana@example.com"))
        #expect(try server.mails.last?.headers["list-unsubscribe"] == nil)
    }

    @Test func `the receiver's own link is pressed once, beside an address to write to`() async throws {
        let server = try await MailServer.start()
        let own = "https://spotter.test/v1/unsubscribe?link=v4.public." + String(repeating: "aB3_-", count: 60)
        for (other, list) in [
            ("mailto:stop@gym.test", "<\(own)>, <mailto:stop@gym.test>"), ("https://gym.test/stop", "<\(own)>"),
        ] {
            let transport = EmailTransport(
                server: SMTPServer(host: "127.0.0.1", port: server.port, security: .none),
                from: try Mailbox("hello@gym.test"), unsubscribe: other)
            var message = mail(to: "ana@example.com", .marketing)
            message.unsubscribeURL = own
            _ = await transport.deliver(message)
            let headers = try #require(try server.mails.last).headers
            #expect(headers["list-unsubscribe"] == list)
            #expect(headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click")
            message.unsubscribeURL = own.replacing("https:", with: "http:")
            _ = await transport.deliver(message)
            #expect(try server.mails.last?.headers["list-unsubscribe-post"] == nil)
        }
    }

    @Test func `what the server says becomes what the courier does`() async throws {
        let server = try await MailServer.start()
        let transport = try transport(server)
        guard case .refused = await transport.deliver(mail(to: "never@example.com")) else {
            Issue.record("never"); return
        }
        guard case .postponed = await transport.deliver(mail(to: "later@example.com")) else {
            Issue.record("later"); return
        }
        guard case .unknown = await transport.deliver(mail(to: "lost@example.com")) else {
            Issue.record("lost"); return
        }
        guard case .refused = await transport.deliver(mail(to: "no address")) else { Issue.record("address"); return }
    }
}
