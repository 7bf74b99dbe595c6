import Foundation
public import SpotterDomain

/// Writes to a lead by the way that the gym has.
public struct SendMessageToLead: Tool {
    /// Whom to write what.
    public struct Arguments: Codable, Sendable {
        let leadId: String
        let channel: MessageChannel?
        let subject: String?
        let body: String?
        let template: String?
        let variables: [String: String]?
        let purpose: MessagePurpose?
    }

    private let sending: MessageSending

    /// A tool over the outbox.
    public init(sending: MessageSending) { self.sending = sending }

    /// `send_message_to_lead`
    public let name = "send_message_to_lead"
    /// What a model is told.
    public let summary = """
        Write to one lead, somebody who may become a member, by e-mail or SMS: an answer to a question, a confirmation of a \
        trial or a tour. Give your own words or a template. Advertising needs the consent of the lead. The answer says \
        whether the message is queued, scheduled, held, or not sent and why.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `lead_id` chooses the recipient.
    public let access = ToolAccess.outward
    /// The same key is the same message.
    public let effect = ToolEffect.keyed

    /// Puts the message into the outbox.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(arguments.leadId, [.lead], in: context)
        let content = MessageContent(
            subject: arguments.subject, body: arguments.body, template: arguments.template,
            variables: arguments.variables ?? [:], purpose: arguments.purpose ?? .transactional)
        return try await sending.send(content, to: contact, by: arguments.channel, in: context)
    }
}

extension SendMessageToLead.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "lead_id": Field("The lead's id, as search_leads answers it: the recipient.", length: 10...60),
        "channel": MessageArgumentFields.channel, "subject": MessageArgumentFields.subject,
        "body": MessageArgumentFields.body,
        "template": MessageArgumentFields.template, "variables": MessageArgumentFields.variables,
        "purpose": MessageArgumentFields.purpose,
    ]
}
