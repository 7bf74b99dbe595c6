import MailKit
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        "ana@example.com", "a.b+c@mail.example.co.uk", "x_y-z@a-b.example", "o'neil@example.com", "me@localhost",
        "user%host@example.com", "1@2.example",
    ])
    func `an address that people have is read as it is`(text: String) throws {
        #expect(try EmailAddress(text).description == text)
    }

    @Test(arguments: [
        ("", EmailAddress.Problem.at), ("ana", .at), ("a@b@c.de", .at), ("@example.com", .localPart),
        ("a..b@example.com", .localPart), (".a@example.com", .localPart), ("a b@example.com", .localPart),
        ("a\r\nBcc: b@example.com", .localPart), ("<a@example.com>", .localPart), ("\"a\"@example.com", .localPart),
        ("a@example", .domain), ("a@-x.com", .domain), ("a@x_y.com", .domain), ("a@127.0.0.1", .domain),
        ("a@[127.0.0.1]", .domain), ("a@example.com.", .domain), ("a@exa mple.com", .domain),
        ("a@example.com\n", .domain), ("ä@example.com", .notASCII), ("a@exämple.com", .notASCII),
        (String(repeating: "a", count: 65) + "@example.com", .tooLong),
        ("a@" + String(repeating: "a.", count: 130) + "com", .tooLong),
    ])
    func `what is no address is refused, and for what`(text: String, problem: EmailAddress.Problem) {
        #expect(throws: problem) { try EmailAddress(text) }
    }

    @Test func `a mailbox has a name or none`() throws {
        #expect(try Mailbox("Ana Lima <ana@example.com>").name == "Ana Lima")
        #expect(try Mailbox("\"Lima, Ana\" <ana@example.com>").name == "Lima, Ana")
        #expect(try Mailbox("ana@example.com").name == nil)
        #expect(throws: EmailAddress.Problem.self) { try Mailbox("Ana <ana>") }
    }

    @Test func `a mail server's address says how it is spoken to`() throws {
        let plain = try #require(SMTPServer(address: "smtp://mail.example.com"))
        #expect((plain.host, plain.port, plain.security) == ("mail.example.com", 587, .startTLS))
        let secure = try #require(SMTPServer(address: "smtps://Mail.example.com:4650/"))
        #expect((secure.host, secure.port, secure.security) == ("mail.example.com", 4650, .tls))
        #expect(SMTPServer(address: "smtp://[::1]:25")?.host == "::1")
        for text in [
            "mail.example.com", "http://x", "smtp://", "smtp://u:p@x", "smtp://x:0", "smtp://x:99999",
            "smtp://x/y", "smtp://x\r\n", "smtp://-x",
        ] {
            #expect(SMTPServer(address: text) == nil, "\(text)")
        }
    }
}
