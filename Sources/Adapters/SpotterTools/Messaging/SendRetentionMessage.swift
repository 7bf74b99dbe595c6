import Foundation
public import SpotterDomain

/// Invites a member back who may be about to leave.
public struct SendRetentionMessage: Tool {
    /// Whom to invite, and how.
    public struct Arguments: Codable, Sendable {
        let clientId: String
        let channel: MessageChannel?
        let subject: String?
        let body: String?
        let template: String?
        let variables: [String: String]?
    }

    /// What is sent where nothing else is given.
    static let template = "miss-you"

    private let sending: MessageSending

    /// A tool over the outbox.
    public init(sending: MessageSending) { self.sending = sending }

    /// `send_retention_message`
    public let name = "send_retention_message"
    /// What a model is told.
    public let summary = """
        Write to one member who has stopped coming or may leave, to invite them back. It always counts as marketing: it \
        goes only to members who agreed to that, and only so often in a week. Give your own words, or leave them out \
        for the gym's template miss-you. Offer nothing that the gym has not agreed to. The answer says whether the \
        message is queued, scheduled, held, or not sent and why.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `client_id` chooses the recipient.
    public let access = ToolAccess.outward
    /// The same key is the same message.
    public let effect = ToolEffect.keyed

    /// The address of that person.
    public func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        try await sending.recipients("client_id", of: arguments, in: scope) { name in
            try await sending.contact(name, [.client], in: scope)
        }
    }

    /// Puts the message into the outbox, as marketing whatever its template says.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(arguments.clientId, [.client], in: context.scope)
        let template = arguments.template ?? (arguments.body == nil ? Self.template : nil)
        let wanted = MessageContent(
            subject: arguments.subject, body: arguments.body, template: template,
            variables: arguments.variables ?? [:], purpose: .marketing)
        let content = try await sending.composer.resolved(wanted, in: context.scope)
        guard try sending.composer.purpose(of: content) == .marketing else {
            throw ToolFailure("This template is for what somebody has to know; use send_message_to_client for it.")
        }
        return try await sending.send(content, to: contact, by: arguments.channel, in: context)
    }
}

extension SendRetentionMessage.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": Field("The member's id, as search_clients answers it: the recipient.", length: 10...60),
        "channel": MessageArgumentFields.channel, "subject": MessageArgumentFields.subject,
        "body": MessageArgumentFields.body,
        "template": MessageArgumentFields.template, "variables": MessageArgumentFields.variables,
    ]
}
