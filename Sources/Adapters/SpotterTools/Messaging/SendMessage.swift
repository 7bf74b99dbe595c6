import Foundation
import SpotterDomain

/// Whom a message goes to: a member or a lead.
protocol MessageReceiver: Sendable {
    static var kind: MessagePerson.Kind { get }
    /// As in `send_message_to_client`.
    static var toolName: String { get }
    /// What a model is told.
    static var summary: String { get }
    /// The member of the arguments that names them, and how it is written in JSON.
    static var member: (name: String, inJSON: String) { get }
    /// What a model is told of that member.
    static var field: Field { get }
}

/// Writes to one person by the way that the gym has: `send_message_to_client` and `send_message_to_lead`.
struct SendMessage<Receiver: MessageReceiver>: Tool {
    /// Whom to write what.
    struct Arguments: Decodable, Sendable {
        let id: String
        let channel: MessageChannel?
        let subject: String?
        let body: String?
        let template: String?
        let variables: [String: String]?
        let purpose: MessagePurpose?

        private enum CodingKeys: String, CodingKey {
            case id, channel, subject, body, template, variables, purpose

            // Each kind of receiver has its id under a name of its own.
            var stringValue: String { self == .id ? Receiver.member.name : rawValue }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            channel = try container.decodeIfPresent(MessageChannel.self, forKey: .channel)
            subject = try container.decodeIfPresent(String.self, forKey: .subject)
            body = try container.decodeIfPresent(String.self, forKey: .body)
            template = try container.decodeIfPresent(String.self, forKey: .template)
            variables = try container.decodeIfPresent([String: String].self, forKey: .variables)
            purpose = try container.decodeIfPresent(MessagePurpose.self, forKey: .purpose)
        }
    }

    let sending: MessageSending

    var name: String { Receiver.toolName }
    var summary: String { Receiver.summary }
    /// Reaches people.
    let category = ToolCategory.messaging
    /// Reaches people outside. The id chooses the recipient.
    let access = ToolAccess.outward
    /// The same key is the same message.
    let effect = ToolEffect.keyed

    /// The address of that person.
    func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        try await sending.recipients(Receiver.member.inJSON, of: arguments, in: scope) { name in
            try await sending.contact(name, [Receiver.kind], in: scope)
        }
    }

    /// Puts the message into the outbox.
    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(arguments.id, [Receiver.kind], in: context.scope)
        let content = MessageContent(
            subject: arguments.subject, body: arguments.body, template: arguments.template,
            variables: arguments.variables ?? [:], purpose: arguments.purpose ?? .transactional)
        return try await sending.send(content, to: contact, by: arguments.channel, in: context)
    }
}

extension SendMessage.Arguments: FieldsDescribed {
    static var fields: [String: Field] {
        [
            Receiver.member.inJSON: Receiver.field,
            "channel": MessageArgumentFields.channel, "subject": MessageArgumentFields.subject,
            "body": MessageArgumentFields.body, "template": MessageArgumentFields.template,
            "variables": MessageArgumentFields.variables, "purpose": MessageArgumentFields.purpose,
        ]
    }
}

/// Members.
enum MemberReceiver: MessageReceiver {
    static let kind = MessagePerson.Kind.client
    static let toolName = "send_message_to_client"
    static let summary = """
        Write to one member of this gym, by e-mail or SMS: a confirmation they asked for, a reminder, an answer. Give your \
        own words or a template. Consent, quiet hours and limits are kept for you: the answer says whether the message \
        is queued, scheduled, held, or not sent and why.
        """
    static let member = (name: "clientId", inJSON: "client_id")
    static let field = Field("The member's id, as search_clients answers it: the recipient.", length: 10...60)
}

/// People who may become members.
enum LeadReceiver: MessageReceiver {
    static let kind = MessagePerson.Kind.lead
    static let toolName = "send_message_to_lead"
    static let summary = """
        Write to one lead, somebody who may become a member, by e-mail or SMS: an answer to a question, a confirmation of a \
        trial or a tour. Give your own words or a template. Advertising needs the consent of the lead. The answer says \
        whether the message is queued, scheduled, held, or not sent and why.
        """
    static let member = (name: "leadId", inJSON: "lead_id")
    static let field = Field("The lead's id, as search_leads answers it: the recipient.", length: 10...60)
}
