import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// Messages in the real program, with a real mail server and a double of the SMS provider.
@Suite(.timeLimit(.minutes(3))) struct MessagingProgramTests {
    @Test func `messages rest until a way out is set up, and then arrive, each once`() async throws {
        let mail = try await MailServer.start()
        let provider = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                #expect(
                    request.headers["authorization"] == "Basic " + Data("AC1:canary-token".utf8).base64EncodedString())
                try connection.respond(status: 201, body: #"{"sid":"SM1","status":"queued"}"#)
            }
        }
        let home = try Home()
        defer { home.remove() }
        try home.write("")
        let server = try await RunningSpotter.start(environment: [
            "SPOTTER_HOME": home.path, "SMS_TOKEN": "canary-token",
        ])
        defer { server.remove() }
        func call(_ tool: String, _ arguments: JSONValue) async throws -> JSONValue {
            let answer = try await server.send("POST", "/v1/tools/\(tool)/invoke", ["arguments": arguments])
            #expect(answer.body["is_error"] == false, "\(answer.body)")
            return answer.body["result"] ?? .null
        }

        let people = try await call("search_clients", ["query": "a", "limit": 10])["clients"]?.array ?? []
        let person = try #require(people.first { $0["email"]?.string != nil && $0["phone"]?.string != nil })
        let (id, address) = (person["id"] ?? .null, person["email"]?.string ?? "")
        let held = try await call(
            "send_message_to_client", ["client_id": id, "channel": "email", "subject": "Grüße", "body": "Hi **you**"])
        #expect(held["status"] == "held")
        let path = "/v1/crm/outbox/\(held["message_id"]?.string ?? "")"
        #expect(try await server.send("GET", path).body["status"] == "held")

        try home.write(
            """
            messaging:
              quiet_hours: {from: "00:00", to: "00:00"}
              email: {smtp: "smtp://127.0.0.1:\(mail.port)", from: "Gym <hello@gym.test>", tls: none}
              sms: {account_sid: AC1, auth_token: "env:SMS_TOKEN", from: "+15550100100", base_url: "\(provider.url)", country_code: "+44"}
            """)
        server.reload()
        #expect(try await settled(path, in: server)["status"] == "sent")
        let arrived = try #require(try mail.mails.first)
        #expect(arrived.receivers == [address] && arrived.headers["subject"] == "Grüße")
        #expect(arrived.parts["text/html"]?.contains("<strong>you</strong>") == true)

        let sms = try await call("send_message_to_client", ["client_id": id, "channel": "sms", "body": "Hi"])
        let sent = try await settled("/v1/crm/outbox/\(sms["message_id"]?.string ?? "")", in: server)
        #expect(sent["status"] == "sent" && sent["provider_id"] == "SM1")

        // Whoever says no gets nothing more.
        let consent: JSONValue = [
            "client_id": id, "channel": "sms", "purpose": "transactional", "is_granted": false, "source": "staff",
        ]
        #expect(try await server.send("PUT", "/v1/crm/consents", consent).status == 200)
        let refused = try await call("send_message_to_client", ["client_id": id, "channel": "sms", "body": "Again"])
        #expect(refused["status"] == "suppressed")
        let list = try await server.send("GET", "/v1/crm/outbox?channel=sms&client_id=\(id.string ?? "")").body
        #expect(list["data"]?.array?.count == 2)

        _ = try await call("notify_staff", ["title": "Door", "message": "Open", "level": "urgent"])
        let notices = try await server.send("GET", "/v1/crm/notifications?unread=true").body
        let notice = try #require(notices["data"]?[0]?["id"]?.string)
        #expect(try await server.send("POST", "/v1/crm/notifications/\(notice)/read").body["read_at"]?.string != nil)
        #expect(try mail.mails.count == 1)
        #expect(await server.stop() == 0)
        #expect(!server.log.contains("canary-token"))
    }

    /// A message when the courier has done with it.
    private func settled(_ path: String, in server: RunningSpotter) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let message = try await server.send("GET", path).body
            let isUnderWay = ["held", "queued", "sending"].contains(message["status"]?.string ?? "")
            if !isUnderWay || ContinuousClock.now > deadline { return message }
        }
    }

    /// A home with one gym, whose file changes.
    private struct Home {
        let path = NSTemporaryDirectory() + "spotter-home-\(UUID().uuidString.prefix(8))"

        init() throws {
            let files = FileManager.default
            try files.createDirectory(atPath: path + "/tenants", withIntermediateDirectories: true)
            for folder in ["migrations", "templates"] {
                try files.createSymbolicLink(
                    atPath: "\(path)/\(folder)", withDestinationPath: "\(files.currentDirectoryPath)/\(folder)")
            }
        }

        func write(_ more: String) throws {
            let text =
                "slug: mail-gym\nname: Mail Gym\ntimezone: UTC\ncurrency: EUR\ndemo: {members: 12, classes: 1}\n\(more)\n"
            try text.write(toFile: path + "/tenants/mail-gym.yaml", atomically: true, encoding: .utf8)
        }

        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }
}
