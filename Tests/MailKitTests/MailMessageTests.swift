import Foundation
import MailKit
import Testing

/// A message that nothing is wrong with.
private func sample() throws -> MailMessage {
    MailMessage(
        from: try Mailbox("Gym <hello@gym.test>"), to: [try Mailbox("Ana <ana@example.com>")], subject: "Hello",
        text: "Hi", messageID: "1@gym.test", date: Date(timeIntervalSince1970: 1_795_000_000))
}

@Suite struct MailMessageTests {
    @Test func `a message is written as RFC 5322 wants it`() throws {
        let text = String(decoding: try sample().encoded(), as: UTF8.self)
        #expect(
            text
                == [
                    "Date: Wed, 18 Nov 2026 11:06:40 +0000", "From: \"Gym\" <hello@gym.test>",
                    "To: \"Ana\" <ana@example.com>", "Message-ID: <1@gym.test>", "Subject: Hello", "MIME-Version: 1.0",
                    "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "Hi",
                    "",
                ].joined(separator: "\r\n"))
    }

    @Test(arguments: ["\r\nBcc: x@example.com", "a\nb", "a\rb", "a\0b", "a\u{2028}b", "a\u{85}b", "a\u{7}b"])
    func `no field can begin another`(text: String) throws {
        let edits: [(inout MailMessage) -> Void] = [
            { $0.subject = text }, { $0.from.name = text }, { $0.to[0].name = text },
            { $0.headers = [.init("X-A", text)] }, { $0.headers = [.init("X-A\(text)", "b")] },
            { $0.messageID = "a\(text)@b" },
            { $0.attachments = [.init(name: text, contentType: "text/plain", content: [])] },
            { $0.attachments = [.init(name: "a", contentType: "text/\(text)", content: [])] },
        ]
        for edit in edits {
            var message = try sample()
            edit(&message)
            #expect(throws: MailMessageError.self) { try message.encoded() }
        }
    }

    @Test func `fields that frame the message are its own`() throws {
        for name in ["Bcc", "to", "Content-Type", "Subject", "DATE", ""] {
            var message = try sample()
            message.headers = [.init(name, "x")]
            #expect(throws: MailMessageError.self) { try message.encoded() }
        }
    }

    @Test func `texts of any language go in seven bits and short lines`() throws {
        var message = try sample()
        message.from.name = "Спортзал «Железный храм»"
        message.subject = String(repeating: "Grüße aus Köln 🏋️ ", count: 20)
        message.text = String(repeating: "día ", count: 400) + "\n.\n..\nFrom here\ntrailing \n\r\n=\t\n"
        message.html = "<p>\(String(repeating: "x", count: 3_000))</p>"
        message.attachments = [.init(name: "résumé.csv", contentType: "text/csv", content: Array("a,b".utf8))]
        let bytes = try message.encoded()
        #expect(bytes.allSatisfy { $0 < 0x80 && $0 != 0 })
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(!lines.contains { $0.hasPrefix(".") || $0.hasPrefix("From ") || $0.hasSuffix(" ") })
        #expect(!bytes.split(separator: 0x0A).dropLast().contains { $0.last != 0x0D })
    }

    @Test func `an empty list of receivers, or a body with NUL, is no message`() throws {
        var message = try sample()
        message.to = []
        #expect(throws: MailMessageError.self) { try message.encoded() }
        message = try sample()
        message.text = "a\0"
        #expect(throws: MailMessageError.self) { try message.encoded() }
    }
}
