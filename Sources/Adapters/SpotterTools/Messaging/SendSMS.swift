import Foundation
public import SpotterDomain

/// Sends an SMS to somebody of the gym's records.
public struct SendSMS: Tool {
    /// Whom to write what.
    public struct Arguments: Codable, Sendable {
        let to: String
        let body: String?
        let template: String?
        let variables: [String: String]?
        let purpose: MessagePurpose?
    }

    private let sending: MessageSending

    /// A tool over the outbox.
    public init(sending: MessageSending) { self.sending = sending }

    /// `send_sms`
    public let name = "send_sms"
    /// What a model is told.
    public let summary = """
        Send a short text message (SMS, at most 600 characters, no links but the gym's own) to one member, lead or \
        colleague of this gym, named by id or by a phone number that stands in the gym's records. Quiet hours delay it \
        until the person's morning. The answer says whether it is queued, scheduled, held, or not sent and why.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `to` chooses the recipient.
    public let access = ToolAccess.outward
    /// The same key is the same message.
    public let effect = ToolEffect.keyed

    /// The address of that person.
    public func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        try await sending.recipients("to", of: arguments, by: .sms, in: scope) { name in
            try await sending.contact(at: name, .sms, in: scope)
        }
    }

    /// Puts the message into the outbox.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(at: arguments.to, .sms, in: context.scope)
        let content = MessageContent(
            subject: nil, body: arguments.body, template: arguments.template,
            variables: arguments.variables ?? [:], purpose: arguments.purpose ?? .transactional)
        return try await sending.send(content, to: contact, by: .sms, in: context)
    }
}

extension SendSMS.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "to": Field(
            "The recipient: the id of a member, lead or colleague, or a phone number from the gym's records.",
            length: 5...100, example: "+44 20 7946 0018"),
        "body": Field("The text, without marks. Not together with template.", length: 1...600),
        "template": MessageArgumentFields.template, "variables": MessageArgumentFields.variables,
        "purpose": MessageArgumentFields.purpose,
    ]
}
