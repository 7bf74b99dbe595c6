import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import SpotterTools
import Testing

@Suite(.timeLimit(.minutes(5))) struct MessagingToolsTests {
    private static let names = [
        "send_email", "send_sms", "create_support_ticket", "notify_staff", "send_message_to_client",
        "send_message_to_lead", "send_retention_message", "send_report_email", "schedule_follow_up",
        "send_bulk_message",
    ]

    private static func object(_ members: [String: JSONValue]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) { object[name] = value }
        return .object(object)
    }

    @Test func `the catalogue has the ten tools, each described for a model`() async throws {
        let post = try await MessagingFixture.make()
        for name in Self.names {
            let tool = try #require(post.tools[name])
            #expect(tool.category == .messaging && tool.effect == .keyed)
            #expect((150...700).contains(tool.summary.count), "\(name): \(tool.summary.count)")
            for property in tool.parameters.properties {
                #expect((property.schema.description ?? "").count > 10, "\(name).\(property.name)")
            }
        }
    }

    @Test func `a rule about domains is decided on the address that a record has`() async throws {
        let post = try await MessagingFixture.make()
        let policy = ToolPolicy(
            rules: [PolicyRule(recipientDomainsNot: ["example.com", "gym.example"], then: .deny)])
        let caller = ToolCaller.scripted(post.tools, policy: policy, clock: SystemClock())
        let member = JSONValue.string(post.member.id.description)
        let lead = JSONValue.string(post.lead.description)
        let person = MessagePerson.lead(post.lead)
        for (name, arguments, isLetThrough) in [
            ("send_message_to_client", ["client_id": member], true),
            ("send_message_to_client", ["client_id": member, "channel": "sms"], false),
            ("send_message_to_lead", ["lead_id": lead], true), ("send_email", ["to": member], true),
            ("send_email", ["to": "leo@example.com"], true), ("send_email", ["to": "eve@evil.test"], false),
            ("send_email", ["to": .string(person.id)], true), ("send_sms", ["to": member], false),
            ("schedule_follow_up", ["person_id": lead], true), ("send_retention_message", ["client_id": member], true),
            ("send_report_email", ["staff_id": .string(post.owner.description)], true),
            ("send_report_email", ["role": "manager"], false), ("send_report_email", [:], true),
            ("send_message_to_client", ["client_id": lead], false),
            ("send_bulk_message", ["audience": "clients"], false),
        ] as [(String, JSONValue, Bool)] {
            let ruling = try await caller.rule(
                on: ToolCall(id: "c", name: name, arguments: arguments),
                by: ToolRequester(scope: post.gym.scope, role: .staff)
            ) { Taint(Journal(execution: post.gym.work()), past: RunPast()) { _ in false } }
            let isCleared = if case .cleared = ruling { true } else { false }
            #expect(isCleared == isLetThrough, "\(name) \(arguments)")
        }
    }

    @Test func `an e-mail in Markdown is queued as text and HTML, once for a key`() async throws {
        let post = try await MessagingFixture.make()
        let arguments: JSONValue = [
            "to": "ANA@example.com", "subject": "Your place", "body": "Hi **Ana**,\n\n[book](https://gym.test)",
        ]
        for _ in 1...2 {
            let answer = try await post.call("send_email", arguments, key: "step_1")
            #expect(answer["status"] == "queued")
            #expect(answer["to"]?.string == post.member.id.description)
        }
        let messages = try await post.outbox()
        #expect(messages.count == 1)
        #expect(messages[0].body == "Hi Ana,\n\nbook (https://gym.test)")
        #expect(messages[0].html?.contains("<strong>Ana</strong>") == true)
        #expect(messages[0].recipient == "ana@example.com" && messages[0].clientId == post.member.id)
        await #expect(throws: SpotterError.self) {
            try await post.call("send_email", ["to": "ana@example.com", "subject": "x", "body": "y"], key: "step_1")
        }
    }

    @Test func `nobody outside of the gym's records can be written to`() async throws {
        let post = try await MessagingFixture.make()
        let message = try await post.failure("send_email", ["to": "eve@evil.test", "subject": "a", "body": "b"])
        #expect(message.contains("gym's own records") && message.contains("search_clients"))
        #expect(try await post.failure("send_sms", ["to": "+15550100199", "body": "b"]).contains("phone number"))
        let other = try await MessagingFixture.make()
        let foreign: JSONValue = ["client_id": .string(other.member.id.description), "subject": "a", "body": "b"]
        #expect(try await post.failure("send_message_to_client", foreign).contains("no member with the id"))
        let lead: JSONValue = ["client_id": .string(post.lead.description), "subject": "a", "body": "b"]
        #expect(try await post.failure("send_message_to_client", lead).contains("not the id of a member"))
        #expect(try await post.outbox().isEmpty)
    }

    @Test func `an SMS goes to the number in its one form, and no longer than it may`() async throws {
        let post = try await MessagingFixture.make()
        let answer = try await post.call("send_sms", ["to": "+44 20 7946 0018", "body": "See you *soon*"])
        #expect(answer["recipient"] == "+442079460018")
        #expect(try await post.outbox().first?.body == "See you soon")
        let bare = try await MessagingFixture.make(MessagingSettings(channels: [.sms]))
        let id = JSONValue.string(bare.member.id.description)
        #expect(try await bare.failure("send_sms", ["to": id, "body": "x"]).contains("needs its country"))
    }

    @Test func `a template is filled with values that are never read as Markdown`() async throws {
        let post = try await MessagingFixture.make()
        let id = JSONValue.string(post.member.id.description)
        _ = try await post.call(
            "send_message_to_client",
            [
                "client_id": id, "template": "class-reminder",
                "variables": ["class": "[Spin](https://evil.test)\r\nBcc: x", "time": "Tuesday"],
            ])
        let message = try #require(try await post.outbox().first)
        #expect(message.html?.contains("evil.test\"") == false)
        #expect(message.body.contains("[Spin](https://evil.test)"))
        #expect(message.subject?.contains("\n") == false && message.subject?.contains("\r") == false)
        for (variables, words) in [
            (["class": "Spin"], "time (Day and hour"), (["class": "S", "time": "T", "tiem": "x"], "no variable tiem"),
        ] {
            let values = Self.object(variables.mapValues(JSONValue.string))
            let arguments: JSONValue = ["client_id": id, "template": "class-reminder", "variables": values]
            #expect(try await post.failure("send_message_to_client", arguments).contains(words))
        }
        let unknown: JSONValue = ["client_id": id, "template": "class-remindr"]
        #expect(try await post.failure("send_message_to_client", unknown).contains("class-reminder"))
    }

    @Test func `with nothing set up a message rests in the outbox, and the answer says so`() async throws {
        let post = try await MessagingFixture.make(.standard)
        let answer = try await post.call(
            "send_message_to_lead", ["lead_id": .string(post.lead.description), "template": "follow-up"])
        #expect(answer["status"] == "held")
        #expect(answer["summary"]?.string?.contains("not sent") == true)
        #expect(try await post.outbox().first?.status == .held)
    }

    @Test func `retention is marketing: it needs consent, and is kept as refused without it`() async throws {
        let post = try await MessagingFixture.make()
        let arguments: JSONValue = ["client_id": .string(post.member.id.description)]
        let refused = try await post.call("send_retention_message", arguments)
        #expect(refused["status"] == "suppressed")
        #expect(refused["summary"]?.string?.contains("has not agreed") == true)
        try await post.agree()
        for _ in 1...3 {
            #expect(try await post.call("send_retention_message", arguments)["status"] == "queued")
        }
        let capped = try await post.call("send_retention_message", arguments)
        #expect(capped["status"] == "suppressed" && capped["reason"]?.string?.contains("3 are allowed") == true)
    }

    @Test func `a dry run says what would be sent and sends nothing`() async throws {
        let post = try await MessagingFixture.make()
        let id = JSONValue.string(post.member.id.description)
        let answer = try await post.call(
            "send_message_to_client", ["client_id": id, "subject": "A", "body": "B"], isDryRun: true)
        #expect(answer["dry_run"] == true && answer["body"] == "B" && answer["message_id"] == nil)
        _ = try await post.call("create_support_ticket", ["subject": "A", "description": "B"], isDryRun: true)
        _ = try await post.call("notify_staff", ["title": "A", "message": "B"], isDryRun: true)
        #expect(try await post.outbox().isEmpty)
        let notices = try await post.gym.stores.desk.notices(
            for: nil, unreadOnly: false, PageRequest(), in: post.gym.scope)
        #expect(notices.items.isEmpty)
    }

    @Test func `a follow-up waits for its time`() async throws {
        let post = try await MessagingFixture.make()
        let lead = JSONValue.string(post.lead.description)
        let answer = try await post.call("schedule_follow_up", ["person_id": lead, "in_days": 3])
        #expect(answer["status"] == "scheduled")
        #expect(try await post.outbox().first?.dueAt == post.now + 3 * 86_400)
        #expect(try await post.failure("schedule_follow_up", ["person_id": lead]).contains("Say when"))
        let past: JSONValue = ["person_id": lead, "at": "2020-01-01T00:00:00Z"]
        #expect(try await post.failure("schedule_follow_up", past).contains("in the future"))
    }

    @Test func `a report goes to the staff of a role, with its table, and to nobody else`() async throws {
        let post = try await MessagingFixture.make()
        let report: JSONValue = [
            "subject": "October", "body": "# 12 new\n\n- up 4", "csv": "month,new\n10,12", "csv_name": "october",
        ]
        let answer = try await post.call("send_report_email", report)
        #expect(answer["recipients"] == ["dana@gym.example"])
        let message = try #require(try await post.outbox().first)
        #expect(message.staffId == post.owner && message.attachments.first?.name == "october.csv")
        let nobody: JSONValue = ["subject": "a", "body": "b", "role": "coach"]
        #expect(try await post.failure("send_report_email", nobody).contains("role coach"))
        let member: JSONValue = [
            "subject": "a", "body": "b", "staff_id": .string(post.member.id.description),
        ]
        #expect(try await post.failure("send_report_email", member).contains("not the id of a colleague"))
    }

    @Test func `tickets and notifications are opened once for a key`() async throws {
        let post = try await MessagingFixture.make()
        let ticket: JSONValue = [
            "subject": "Refund", "description": "Charged twice.", "priority": "high",
            "person_id": .string(post.member.id.description),
        ]
        let first = try await post.call("create_support_ticket", ticket, key: "k")
        #expect(try await post.call("create_support_ticket", ticket, key: "k")["ticket_id"] == first["ticket_id"])
        let notice: JSONValue = ["title": "Door", "message": "It is open.", "level": "urgent", "role": "manager"]
        let told = try await post.call("notify_staff", notice, key: "k")
        #expect(try await post.call("notify_staff", notice, key: "k")["notification_id"] == told["notification_id"])
        let page = try await post.gym.stores.desk.notices(
            for: post.owner, unreadOnly: true, PageRequest(), in: post.gym.scope)
        #expect(page.items.isEmpty, "it is for another role")
    }

    @Test func `a bulk message is previewed, confirmed by its count, and bounded`() async throws {
        var settings = MessagingSettings(channels: [.email])
        settings.bulkApprovalAbove = 2
        let post = try await MessagingFixture.make(settings)
        let stores = post.gym.stores
        let ben = post.gym.client("Ben", email: "ben@example.com")
        let mute = post.gym.client("Mia", email: nil)
        try await stores.clients.add([ben, mute], in: post.gym.scope)
        try await post.agree()
        let base: [String: JSONValue] = [
            "audience": "clients", "channel": "email", "subject": "New", "body": "A *new* class.",
        ]
        let arguments = { (added: [String: JSONValue]) in Self.object(base.merging(added) { $1 }) }
        let preview = try await post.call("send_bulk_message", arguments(["preview": true]))
        #expect(preview["count"] == 2 && preview["queued"] == 1 && preview["suppressed"] == 1)
        #expect(preview["unreachable"] == 1 && preview["sample"]?["body"] == "A new class.")
        #expect(try await post.outbox().isEmpty)
        #expect(try await post.failure("send_bulk_message", arguments([:])).contains("preview"))
        #expect(try await post.failure("send_bulk_message", arguments(["confirmed_count": 3])).contains("not 3"))
        let sent = try await post.call("send_bulk_message", arguments(["confirmed_count": 2]), key: "b")
        #expect(sent["queued"] == 1 && sent["preview"] == false)
        #expect(try await post.outbox().map(\.status).sorted { $0.rawValue < $1.rawValue } == [.queued, .suppressed])
        try await stores.clients.add([post.gym.client("Cy", email: "cy@example.com")], in: post.gym.scope)
        // How many it is to reach is what policies judge it by; a preview reaches nobody.
        let bulk = try #require(post.tools["send_bulk_message"])
        #expect(bulk.sensitiveValues(of: arguments(["confirmed_count": 300])).map(\.number) == [300])
        #expect(bulk.sensitiveValues(of: arguments(["confirmed_count": 300, "preview": true])).isEmpty)
        let tagged = try await post.call("send_bulk_message", arguments(["preview": true, "tags": ["yoga"]]))
        #expect(tagged["count"] == 1)
        let absent = try await post.call("send_bulk_message", arguments(["preview": true, "absent_days": 30]))
        #expect(absent["count"] == 3)
    }
}
