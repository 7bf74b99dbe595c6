import Foundation
public import SpotterDomain

/// Writes to a member by the way that the gym has.
public struct SendMessageToClient: Tool {
    /// Whom to write what.
    public struct Arguments: Codable, Sendable {
        let clientId: String
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

    /// `send_message_to_client`
    public let name = "send_message_to_client"
    /// What a model is told.
    public let summary = """
        Write to one member of this gym, by e-mail or SMS: a confirmation they asked for, a reminder, an answer. Give your \
        own words or a template. Consent, quiet hours and limits are kept for you: the answer says whether the message \
        is queued, scheduled, held, or not sent and why.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `client_id` chooses the recipient.
    public let access = ToolAccess.outward
    /// The same key is the same message.
    public let effect = ToolEffect.keyed

    /// Puts the message into the outbox.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(arguments.clientId, [.client], in: context)
        let content = MessageContent(
            subject: arguments.subject, body: arguments.body, template: arguments.template,
            variables: arguments.variables ?? [:], purpose: arguments.purpose ?? .transactional)
        return try await sending.send(content, to: contact, by: arguments.channel, in: context)
    }
}

extension SendMessageToClient.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": Field("The member's id, as search_clients answers it: the recipient.", length: 10...60),
        "channel": MessageArgumentFields.channel, "subject": MessageArgumentFields.subject,
        "body": MessageArgumentFields.body,
        "template": MessageArgumentFields.template, "variables": MessageArgumentFields.variables,
        "purpose": MessageArgumentFields.purpose,
    ]
}
