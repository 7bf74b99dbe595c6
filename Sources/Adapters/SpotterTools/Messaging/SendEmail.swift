import Foundation
public import SpotterDomain

/// Sends an e-mail to somebody of the gym's records.
public struct SendEmail: Tool {
    /// Whom to write what.
    public struct Arguments: Codable, Sendable {
        let to: String
        let subject: String?
        let body: String?
        let template: String?
        let variables: [String: String]?
        let purpose: MessagePurpose?
    }

    private let sending: MessageSending

    /// A tool over the outbox.
    public init(sending: MessageSending) { self.sending = sending }

    /// `send_email`
    public let name = "send_email"
    /// What a model is told.
    public let summary = """
        Send an e-mail to one member, lead or colleague of this gym, named by id or by an e-mail address that stands in \
        the gym's records; nobody else can be written to. Consent, quiet hours and limits are kept for you: the answer \
        says whether the message is queued, scheduled for later, held because no mail server is set up, or not sent and \
        why.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `to` chooses the recipient.
    public let access = ToolAccess.outward
    /// The same key is the same message.
    public let effect = ToolEffect.keyed

    /// The address of that person.
    public func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        try await sending.recipients("to", of: arguments, by: .email, in: scope) { name in
            try await sending.contact(at: name, .email, in: scope)
        }
    }

    /// Puts the message into the outbox.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(at: arguments.to, .email, in: context.scope)
        let content = MessageContent(
            subject: arguments.subject, body: arguments.body, template: arguments.template,
            variables: arguments.variables ?? [:], purpose: arguments.purpose ?? .transactional)
        return try await sending.send(content, to: contact, by: .email, in: context)
    }
}

extension SendEmail.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "to": Field(
            "The recipient: the id of a member, lead or colleague, or an e-mail address from the gym's records.",
            length: 3...254, example: "ana@example.com"),
        "subject": MessageArgumentFields.subject, "body": MessageArgumentFields.body,
        "template": MessageArgumentFields.template,
        "variables": MessageArgumentFields.variables, "purpose": MessageArgumentFields.purpose,
    ]
}
