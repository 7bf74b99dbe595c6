import Foundation
public import SpotterDomain

/// Writes to somebody later.
public struct ScheduleFollowUp: Tool {
    /// Whom to write what, and when.
    public struct Arguments: Codable, Sendable {
        let personId: String
        let at: Date?
        let inDays: Int?
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

    /// `schedule_follow_up`
    public let name = "schedule_follow_up"
    /// What a model is told.
    public let summary = """
        Write a message to a member or a lead now that goes out later, such as when you have promised to come back to \
        them. It can be cancelled by the staff until then. Whether it may go is asked again when its time has come: \
        who has said no in between gets nothing. The answer says for when it is scheduled.
        """
    /// Reaches people.
    public let category = ToolCategory.messaging
    /// Reaches people outside. `person_id` chooses the recipient.
    public let access = ToolAccess.outward
    /// The same key is the same message.
    public let effect = ToolEffect.keyed

    /// The furthest ahead that a message is planned.
    static let furthest = 366 * 86_400.0

    /// The address of that person.
    public func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] {
        try await sending.recipients("person_id", of: arguments, in: scope) { name in
            try await sending.contact(name, [.client, .lead], in: scope)
        }
    }

    /// Puts the message into the outbox for its time.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let contact = try await sending.contact(arguments.personId, [.client, .lead], in: context.scope)
        let content = MessageContent(
            subject: arguments.subject, body: arguments.body, template: arguments.template ?? fallback(arguments),
            variables: arguments.variables ?? [:], purpose: arguments.purpose ?? .transactional)
        return try await sending.send(
            content, to: contact, by: arguments.channel, notBefore: try time(arguments, context.now), in: context)
    }

    private func fallback(_ arguments: Arguments) -> String? { arguments.body == nil ? "follow-up" : nil }

    private func time(_ arguments: Arguments, _ now: Date) throws -> Date {
        let time: Date
        switch (arguments.at, arguments.inDays) {
        case (let at?, nil): time = at
        case (nil, let days?): time = now + Double(days) * 86_400
        default: throw ToolFailure("Say when: give either at or in_days.")
        }
        guard time > now, time < now + Self.furthest else {
            throw ToolFailure(
                "A follow-up lies in the future, at most a year ahead; now it is \(Timestamp.string(from: now)).")
        }
        return time
    }
}

extension ScheduleFollowUp.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "person_id": Field("The id of a member or a lead: the recipient.", length: 10...60),
        "at": Field("When it goes out. Not together with in_days.", example: "2026-11-24T09:00:00Z"),
        "in_days": Field("In how many days it goes out. Not together with at.", range: 1...365, example: 3),
        "channel": MessageArgumentFields.channel, "subject": MessageArgumentFields.subject,
        "body": MessageArgumentFields.body,
        "template": MessageArgumentFields.template, "variables": MessageArgumentFields.variables,
        "purpose": MessageArgumentFields.purpose,
    ]
}
