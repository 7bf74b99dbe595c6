import Foundation
import HTTPServerKit
import SigningKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// SMS to the gym, from a Twilio-compatible provider.
struct InboundSMSTests {
    /// The provider of one gym, whose member and lead have numbers.
    private struct Provider {
        let api: TestAPI
        let hook: String
        let ana: Client
        static let token = "0123456789abcdef0123456789abcdef"

        init(_ api: TestAPI, replies: JSONValue? = nil) async throws {
            self.api = api
            ana = api.ours.home.client("Ana", email: "ana@example.com", phone: "020 7946 0018")
            try await api.stores.clients.add([ana], in: api.ours.scope)
            var action: JSONObject = ["kind": "inbound_sms"]
            action["replies"] = replies
            let made = try await api.ask(
                .post, "/v1/hooks",
                [
                    "name": "SMS", "style": "twilio", "action": .object(action), "secret": .string(Self.token),
                ])
            guard made.status == 201, let id = made["id"]?.string else {
                throw SpotterError(.internal, "no hook: \(made.text)")
            }
            hook = id
        }

        func send(
            _ text: String, from number: String = "+442079460018", sid: String = "SM1",
            more: [(String, String)] = [], token: String = token
        ) async throws -> Answer {
            let fields = [("MessageSid", sid), ("From", number), ("To", "+15550100100"), ("Body", text)] + more
            let url = "https://gym.test/v1/hooks/\(hook)"
            let signed = url + fields.sorted { $0.0 < $1.0 }.map { $0.0 + $0.1 }.joined()
            let code = try HMACSHA1.authenticate(Array(signed.utf8), key: Array(token.utf8))
            var headers = HTTPHeaders()
            headers.append("host", "127.0.0.1:8080")
            headers.append("content-type", "application/x-www-form-urlencoded")
            headers.append("x-twilio-signature", Data(code).base64EncodedString())
            let form = fields.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
            return try await api.send(
                HTTPRequest(method: .post, target: "/v1/hooks/\(hook)", headers: headers, body: Array(form.utf8)))
        }

        private static func escaped(_ text: String) -> String {
            text.utf8.map { byte in
                let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }

        func said() async throws -> [MessagePurpose: Bool] {
            let consents = try await api.stores.contacts.consents(of: .client(ana.id), in: api.ours.scope)
            return Dictionary(
                uniqueKeysWithValues: consents.filter { $0.channel == .sms }.map { ($0.purpose, $0.isGranted) })
        }

        func events(_ type: EventType) async throws -> [Event] {
            try await api.stores.events.events(after: 0, execution: nil, limit: 200, in: api.ours.scope)
                .filter { $0.type == type.rawValue }
        }

        func notices() async throws -> [StaffNotice] {
            try await api.stores.desk.notices(for: nil, unreadOnly: true, PageRequest(), in: api.ours.scope).items
        }
    }

    private func text(_ answer: Answer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test(arguments: ["STOP", "stopall", " Unsubscribe ", "CANCEL", "End", "quit!"])
    func `stop ends every SMS at once, and is answered with nothing`(_ word: String) async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let provider = try await Provider(api)
            let answer = try await provider.send(word)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.contentType.hasPrefix("text/xml"))
            #expect(text(answer).contains("<Response></Response>"))
            #expect(try await provider.said() == [.marketing: false, .transactional: false])
            let heard = try #require(try await provider.events(.messageReceived).first)
            #expect(heard.data["keyword"] == "stop")
            #expect(heard.data["client_id"]?.string == provider.ana.id.description)
            let changed = try await provider.events(.consentChanged)
            #expect(changed.count == 2 && changed.allSatisfy { $0.data["is_granted"] == false })
            #expect(try await provider.notices().isEmpty)
            let log = try await api.stores.audit.list(AuditFilter(), PageRequest(), in: api.ours.scope).items
            let entry = try #require(log.first { $0.action == "receiveHook" })
            #expect(entry.actor.kind == .hook && entry.resourceId == provider.ana.id.description)
        }
    }

    @Test func `start brings back what is transactional, of those alone who have said stop`() async throws {
        try await TestAPI.with { api in
            let provider = try await Provider(api)
            // To nothing that was ended, YES is an answer to something else.
            _ = try await provider.send("YES", sid: "SM1")
            #expect(try await provider.said().isEmpty)
            #expect(try await provider.notices().map(\.body) == ["YES"])
            _ = try await provider.send("STOP", sid: "SM2")
            _ = try await provider.send("Start", sid: "SM3")
            #expect(try await provider.said() == [.marketing: false, .transactional: true])
        }
    }

    @Test func `the same message again changes nothing, even after start`() async throws {
        try await TestAPI.with { api in
            let provider = try await Provider(api, replies: ["stop": "Bye", "start": "Hi"])
            #expect(text(try await provider.send("STOP", sid: "SM1")).contains("<Message>Bye</Message>"))
            #expect(text(try await provider.send("START", sid: "SM2")).contains("<Message>Hi</Message>"))
            let again = try await provider.send("STOP", sid: "SM1")
            #expect(again.status == 200 && text(again).contains("<Response></Response>"))
            #expect(try await provider.said()[.transactional] == true)
            #expect(try await provider.events(.messageReceived).count == 2)
        }
    }

    @Test func `every other text is for the staff and for triggers, once`() async throws {
        try await TestAPI.with { api in
            let provider = try await Provider(api, replies: ["other": "Thanks & <see> you", "help": "Call us"])
            let answer = try await provider.send("Can I bring a friend?")
            #expect(text(answer).contains("<Message>Thanks &amp; &lt;see&gt; you</Message>"))
            _ = try await provider.send("Can I bring a friend?")
            #expect(text(try await provider.send("help", sid: "SM2")).contains("<Message>Call us</Message>"))
            let notices = try await provider.notices()
            #expect(Set(notices.map(\.body)) == ["Can I bring a friend?", "help"])
            #expect(notices.allSatisfy { $0.title == "SMS from Ana (+442079460018)" })
            let heard = try await provider.events(.messageReceived)
            #expect(heard.count == 2)
            #expect(heard.first?.data["text"] == "Can I bring a friend?")
            #expect(try await provider.said().isEmpty)
        }
    }

    @Test func `what the provider has understood and answered itself counts, and is not answered twice`() async throws {
        try await TestAPI.with { api in
            let provider = try await Provider(api, replies: ["stop": "Bye", "other": "Thanks"])
            let answer = try await provider.send("ALTO", more: [("OptOutType", "STOP")])
            #expect(text(answer).contains("<Response></Response>"))
            #expect(try await provider.said()[.transactional] == false)
        }
    }

    @Test func `another number is another person, and a stop that nobody has said is shown to the staff`() async throws
    {
        try await TestAPI.with { api in
            let provider = try await Provider(api)
            // The same nine digits at the end, of another country.
            _ = try await provider.send("STOP", from: "+12079460018", sid: "SM1")
            _ = try await provider.send("STOP", from: "+15550100999", sid: "SM2")
            #expect(try await provider.said().isEmpty)
            let notices = try await provider.notices()
            #expect(notices.count == 2 && notices.allSatisfy { $0.level == .warning })
            let theirs = try await api.stores.events.events(
                after: 0, execution: nil, limit: 50, in: api.theirs.scope)
            #expect(!theirs.contains { $0.type == EventType.messageReceived.rawValue })
        }
    }

    @Test func `a bad signature is refused, and a report on a message that was sent is none that came in`() async throws
    {
        try await TestAPI.with { api in
            let provider = try await Provider(api)
            #expect(try await provider.send("STOP", token: "another-token").status == 401)
            #expect(try await provider.said().isEmpty)
            let report = try await provider.send("", more: [("MessageStatus", "delivered")])
            #expect(report.status == 200)
            let log = try await api.ask(.get, "/v1/hooks/\(provider.hook)/deliveries").data
            #expect(log.map { $0["state"] } == ["failed"])
            #expect(try await provider.notices().isEmpty)
        }
    }

    @Test func `such a hook needs the scope of the records it changes, and takes no plan`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = [
                "name": "SMS", "style": "twilio", "action": ["kind": "inbound_sms"], "secret": "0123456789abcdef",
            ]
            let token = try await api.ours.token(role: .admin, permissions: [.hooksRead, .hooksWrite])
            #expect(try await api.send(.post, "/v1/hooks", body, token: token).status == 403)
            let other = try await api.ask(
                .post, "/v1/hooks",
                ["name": "x", "style": "twilio", "action": ["kind": "inbound_sms"]])
            #expect(other.status == 400 && other.text.contains("/secret"))
        }
    }
}
