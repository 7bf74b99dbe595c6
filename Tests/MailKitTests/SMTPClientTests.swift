import Foundation
import MailKit
import SpotterTesting
import Testing

/// Against a real mail server.
@Suite(.timeLimit(.minutes(2))) struct SMTPClientTests {
    private func message(to receiver: String, subject: String = "Hello") throws -> MailMessage {
        MailMessage(
            from: try Mailbox("Gym <hello@gym.test>"), to: [try Mailbox(receiver)], subject: subject, text: "Hi",
            messageID: "\(UUID().uuidString.lowercased())@gym.test", date: Date(timeIntervalSince1970: 1_795_000_000))
    }

    private func local(_ server: MailServer, _ security: SMTPServer.Security = .none) -> SMTPServer {
        SMTPServer(host: "127.0.0.1", port: server.port, security: security)
    }

    /// What sending to a receiver fails with.
    private func failure(to receiver: String, _ server: SMTPServer) async throws -> SMTPError {
        let message = try message(to: receiver)
        return try #require(
            await #expect(throws: SMTPError.self) { try await SMTPClient().send(message, through: server) })
    }

    @Test func `a message with every part arrives as it was written`() async throws {
        let server = try await MailServer.start()
        var message = try message(to: "Ana Límã <ana@example.com>", subject: "Grüße, 100 % =?x?= 🏋️")
        message.text = "Día 1\n.\n..dots\nFrom here\n\ttab \nend"
        message.html = "<p>Día <a href=\"https://gym.test/?a=b&amp;c=d\">1</a></p>"
        message.replyTo = try Mailbox("Desk <desk@gym.test>")
        message.headers = [.init("List-Unsubscribe", "<mailto:stop@gym.test>")]
        message.attachments = [.init(name: "Bericht Köln.csv", contentType: "text/csv", content: Array("a;ä\r\n".utf8))]
        let receipt = try await SMTPClient().send(message, through: local(server))
        #expect(receipt.reply.contains("queued as"))
        let mail = try #require(try server.mails.first)
        #expect(mail.sender == "hello@gym.test")
        #expect(mail.receivers == ["ana@example.com"])
        #expect(mail.headers["subject"] == "Grüße, 100 % =?x?= 🏋️")
        #expect(mail.headers["to"] == "Ana Límã <ana@example.com>")
        #expect(mail.headers["reply-to"] == "Desk <desk@gym.test>")
        #expect(mail.headers["list-unsubscribe"] == "<mailto:stop@gym.test>")
        #expect(mail.headers["message-id"] == "<\(message.messageID)>")
        #expect(mail.parts["text/plain"]?.replacing("\r\n", with: "\n") == "Día 1\n.\n..dots\nFrom here\n\ttab \nend")
        #expect(mail.parts["text/html"] == message.html)
        #expect(mail.parts["Bericht Köln.csv"]?.hasPrefix("a;ä") == true)
    }

    @Test func `refusals say whether trying again helps`() async throws {
        let server = try await MailServer.start()
        guard case .rejected(550, let reply) = try await failure(to: "never@example.com", local(server)) else {
            Issue.record("not refused for good")
            return
        }
        #expect(reply.contains("nobody of this name"))
        guard case .deferred(451, _) = try await failure(to: "later@example.com", local(server)) else {
            Issue.record("not refused for now")
            return
        }
        guard case .rejected(552, _) = try await failure(to: "full@example.com", local(server)) else {
            Issue.record("not refused after the message")
            return
        }
        #expect(try server.mails.isEmpty)
    }

    @Test func `a connection that breaks after the message leaves the outcome unknown`() async throws {
        let server = try await MailServer.start()
        guard case .outcomeUnknown = try await failure(to: "lost@example.com", local(server)) else {
            Issue.record("known")
            return
        }
    }

    @Test func `a connection that breaks before the end of the message leaves nothing unknown`() async throws {
        let server = try RawServer { connection in
            try connection.write("220 mail.test\r\n")
            for reply in ["250 mail.test", "250 ok", "250 ok"] {
                _ = try connection.readLine()
                try connection.write(reply + "\r\n")
            }
            _ = try connection.readLine()
        }
        let plain = SMTPServer(host: "127.0.0.1", port: server.port, security: .none)
        guard case .unreachable = try await failure(to: "ana@example.com", plain) else {
            Issue.record("not told apart")
            return
        }
    }

    @Test func `nobody at the port is unreachable, and silence takes no longer than it may`() async throws {
        let closed = try RawServer { _ in }
        closed.stop()
        let nobody = SMTPServer(host: "127.0.0.1", port: closed.port, security: .none)
        guard case .unreachable = try await failure(to: "ana@example.com", nobody) else {
            Issue.record("reached")
            return
        }
        let silent = try RawServer { connection in _ = try connection.readLine() }
        var server = SMTPServer(host: "127.0.0.1", port: silent.port, security: .none)
        server.deadline = .milliseconds(300)
        guard case .unreachable(let problem) = try await failure(to: "ana@example.com", server) else {
            Issue.record("answered")
            return
        }
        #expect(problem.contains("too long"))
    }

    @Test func `cancelling ends an exchange that waits`() async throws {
        let silent = try RawServer { connection in _ = try connection.readLine() }
        let server = SMTPServer(host: "127.0.0.1", port: silent.port, security: .none)
        let message = try message(to: "ana@example.com")
        let sending = Task { try await SMTPClient().send(message, through: server) }
        sending.cancel()
        await #expect(throws: SMTPError.cancelled) { try await sending.value }
    }

    @Test(arguments: [SMTPServer.Security.startTLS, .tls])
    func `a secure connection logs in and trusts only who it should`(security: SMTPServer.Security) async throws {
        var options = MailServer.Options()
        let certificate = try TestCertificate()
        options.certificate = certificate
        options.isTLSFirst = security == .tls
        options.login = ("gym", "sesame")
        let server = try await MailServer.start(options)
        var secure = local(server, security)
        secure.certificateAuthorityFile = certificate.chain
        secure.credentials = .init(username: "gym", password: "sesame")
        _ = try await SMTPClient().send(message(to: "ana@example.com"), through: secure)
        let mail = try #require(try server.mails.first)
        #expect(mail.isSecure && mail.user == "gym")
        secure.credentials = .init(username: "gym", password: "wrong")
        guard case .notLoggedIn = try await failure(to: "ana@example.com", secure) else {
            Issue.record("logged in")
            return
        }
        secure.certificateAuthorityFile = nil
        #expect(try await failure(to: "ana@example.com", secure) == .tls)
    }

    @Test func `a server without STARTTLS gets nothing where it is asked for`() async throws {
        let server = try await MailServer.start()
        #expect(try await failure(to: "ana@example.com", local(server, .startTLS)) == .tls)
        #expect(try server.mails.isEmpty)
    }
}
