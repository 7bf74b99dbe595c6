import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// An organisation's own templates, before those of files.
@Suite(.timeLimit(.minutes(2))) struct OwnTemplateTests {
    private func keep(_ fields: MessageTemplateFields, _ post: MessagingFixture) async throws {
        _ =
            try await post.gym.stores.gym.create(
                post.gym.id(), fields, post.gym.setting(), in: post.gym.scope) as MessageTemplateRecord
    }

    @Test func `the organisation's own stands in for a file's of its name, in its channel alone`() async throws {
        let post = try await MessagingFixture.make()
        try await keep(
            MessageTemplateFields(
                name: "class-reminder", channel: .email, purpose: .transactional, subject: "{{class}} at {{gym}}",
                body: "Dear **{{first_name}}**, see you in {{class}}."), post)
        let id = JSONValue.string(post.member.id.description)
        let variables: JSONValue = ["class": "*Spin*"]
        let arguments: JSONValue = [
            "client_id": id, "template": "class-reminder", "channel": "email", "variables": variables,
        ]
        _ = try await post.call("send_message_to_client", arguments)
        let mail = try #require(try await post.outbox().first)
        #expect(mail.subject == "*Spin* at \(post.gym.organization.name)")
        #expect(mail.body == "Dear Ana, see you in *Spin*.")
        #expect(mail.html?.contains("<strong>Ana</strong>") == true && mail.purpose == .transactional)
        // By SMS the file's is there still, and wants its own variables.
        let bySMS: JSONValue = [
            "client_id": id, "template": "class-reminder", "channel": "sms", "variables": variables,
        ]
        #expect(try await !post.failure("send_message_to_client", bySMS).contains("only"))
        // Another gym has the file's.
        let other = try await MessagingFixture.make()
        let theirs: JSONValue = [
            "client_id": .string(other.member.id.description), "template": "class-reminder", "channel": "email",
            "variables": ["class": "Spin"],
        ]
        #expect(try await other.failure("send_message_to_client", theirs).contains("needs a value"))
    }

    @Test func `variables that are missing or unknown are named`() async throws {
        let post = try await MessagingFixture.make()
        try await keep(
            MessageTemplateFields(name: "own-offer", channel: .sms, body: "{{first_name}}, {{offer}} until {{end}}"),
            post)
        let id = JSONValue.string(post.member.id.description)
        func failure(_ variables: JSONValue, _ channel: String = "sms") async throws -> String {
            try await post.failure(
                "send_message_to_client",
                ["client_id": id, "template": "own-offer", "channel": .string(channel), "variables": variables])
        }
        #expect(try await failure([:]).contains("needs a value for: end, offer"))
        #expect(try await failure(["offer": "x", "end": "y", "code": "z"]).contains("has no variable code"))
        #expect(try await failure(["offer": "x", "end": "y"], "email").contains("goes by SMS only"))
        let unknown = try await post.failure("send_message_to_client", ["client_id": id, "template": "own-ofer"])
        #expect(unknown.contains("own-offer") && unknown.contains("class-reminder"))
        #expect(try await post.outbox().isEmpty)
    }

    @Test func `a bulk message and one that wins members back take it too`() async throws {
        let post = try await MessagingFixture.make()
        try await keep(
            MessageTemplateFields(name: "miss-you", channel: .email, subject: "Come back", body: "Own {{first_name}}"),
            post)
        let bulk = try await post.call(
            "send_bulk_message",
            ["audience": "clients", "channel": "email", "template": "miss-you", "preview": true])
        #expect(bulk["sample"]?["body"] == "Own Ana")
        _ = try await post.call(
            "send_retention_message", ["client_id": .string(post.member.id.description), "channel": "email"])
        #expect(try await post.outbox().first?.body == "Own Ana")
        try await keep(
            MessageTemplateFields(
                name: "door-code", channel: .email, purpose: .transactional, subject: "Code", body: "1"), post)
        let refused = try await post.failure(
            "send_retention_message",
            ["client_id": .string(post.member.id.description), "template": "door-code"])
        #expect(refused.contains("has to know"))
    }
}
