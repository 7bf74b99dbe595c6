import Foundation
import MailKit
public import SpotterDomain

/// What the messaging tools share: finding the person, choosing the way, and telling what became of the message.
public struct MessageSending: Sendable {
    let desk: MessageDesk
    let contacts: any ContactStore
    let composer: MessageComposer
    /// Told after a message was put into the outbox, so that it need not wait for the next look.
    let onQueued: @Sendable () -> Void

    /// What the tools work with.
    public init(
        desk: MessageDesk, contacts: any ContactStore, composer: MessageComposer,
        onQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.desk = desk
        self.contacts = contacts
        self.composer = composer
        self.onQueued = onQueued
    }

    /// Sends one message to somebody and says what became of it.
    func send(
        _ content: MessageContent, to contact: Contact, by channel: MessageChannel?, notBefore: Date? = nil,
        attachments: [OutboxMessage.Attachment] = [], in context: ToolContext
    ) async throws -> JSONValue {
        let content = try await composer.resolved(content, in: context.scope)
        var order = try order(content, to: contact, by: channel, key: context.effectKey, in: context)
        order.notBefore = notBefore
        order.attachments = attachments
        let dispatch = try await dispatch([order], in: context)
        guard let first = dispatch.first else { throw ToolFailure("Nothing was sent.") }
        return first.message.row(of: contact, isDryRun: context.isDryRun, now: context.now)
    }

    /// Puts messages into the outbox, or in a dry run says what would become of them.
    func dispatch(_ orders: [MessageOrder], in context: ToolContext) async throws -> [MessageDesk.Dispatch] {
        let dispatches = try await desk.send(
            orders, zone: context.organization.timezone, at: context.now, isDryRun: context.isDryRun,
            in: context.scope)
        if !context.isDryRun { onQueued() }
        return dispatches
    }

    /// A message to somebody, written and addressed.
    func order(
        _ content: MessageContent, to contact: Contact, by channel: MessageChannel?, key: String,
        in context: ToolContext
    ) throws -> MessageOrder {
        let settings = desk.settings(in: context.scope)
        let channel = try channel ?? Self.channel(for: contact, settings)
        let address = try address(of: contact, by: channel, settings)
        let written = try composer.write(content, for: contact, by: channel, in: context)
        var order = MessageOrder(
            channel, written.purpose, to: contact, at: address, body: written.text, key: key,
            sentBy: context.caller.agent?.description ?? "by hand")
        order.subject = written.subject
        order.html = written.html
        order.conversation = context.caller.conversation
        return order
    }

    // MARK: Who

    /// The person of an id, of the kinds that are allowed.
    func contact(
        _ id: String, _ kinds: Set<MessagePerson.Kind>, in scope: OrganizationScope
    ) async throws -> Contact {
        let nouns = kinds.map(\.noun).sorted().joined(separator: " or ")
        guard let person = MessagePerson(id), kinds.contains(person.kind) else {
            throw ToolFailure("\"\(id.prefix(80))\" is not the id of a \(nouns). \(Self.advice(kinds))")
        }
        guard let contact = try await contacts.contact(person, in: scope) else {
            throw ToolFailure("There is no \(person.kind.noun) with the id \(id). \(Self.advice(kinds))")
        }
        return contact
    }

    /// The person of an id, or of an address or a number that stands in the gym's records.
    func contact(at text: String, _ channel: MessageChannel, in scope: OrganizationScope) async throws -> Contact {
        if MessagePerson(text) != nil { return try await contact(text, Set(MessagePerson.Kind.allCases), in: scope) }
        guard let found = try await contacts.contacts(at: text, channel, in: scope).first else {
            let thing = channel == .email ? "e-mail address" : "phone number"
            throw ToolFailure(
                "No member, lead or colleague of this gym has this \(thing); messages go to the gym's own records "
                    + "only. \(Self.advice([.client, .lead]))")
        }
        return found
    }

    /// The address that a message to somebody goes to, for policies; none where there would be no message.
    ///
    /// - Parameter argument: the member that names the person.
    func recipients(
        _ argument: String, of arguments: JSONValue, by channel: MessageChannel? = nil, in scope: OrganizationScope,
        _ find: (String) async throws -> Contact
    ) async throws -> [SensitiveValue] {
        guard let name = arguments[argument]?.string else { return [] }
        do {
            let settings = desk.settings(in: scope)
            let contact = try await find(name)
            let wanted = channel ?? arguments["channel"]?.string.flatMap(MessageChannel.init)
            let address = try address(of: contact, by: wanted ?? Self.channel(for: contact, settings), settings)
            return [SensitiveValue(.recipient, argument: argument, text: address)]
        } catch is ToolFailure { return [] }
    }

    private static func advice(_ kinds: Set<MessagePerson.Kind>) -> String {
        let tools = [(MessagePerson.Kind.client, "search_clients"), (.lead, "search_leads")]
        let names = tools.filter { kinds.contains($0.0) }.map(\.1)
        return names.isEmpty
            ? "Leave it out, or name a role." : "Find the person with \(names.joined(separator: " or ")) first."
    }

    // MARK: How

    /// E-mail where there is an address, unless only SMS has a way out.
    private static func channel(for contact: Contact, _ settings: MessagingSettings) throws -> MessageChannel {
        let known = [contact.email.map { _ in MessageChannel.email }, contact.phone.map { _ in .sms }].compactMap { $0 }
        guard let channel = known.first(where: settings.channels.contains) ?? known.first else {
            throw ToolFailure("\(contact.name) has neither an e-mail address nor a phone number in the records.")
        }
        return channel
    }

    private func address(
        of contact: Contact, by channel: MessageChannel, _ settings: MessagingSettings
    ) throws -> String {
        switch channel {
        case .email:
            guard let email = contact.email else {
                throw ToolFailure("\(contact.name) has no e-mail address in the records.")
            }
            do throws(EmailAddress.Problem) {
                return try EmailAddress(email.trimmingCharacters(in: .whitespaces)).description
            } catch {
                throw ToolFailure("The e-mail address of \(contact.name) in the records cannot be used: it \(error).")
            }
        case .sms:
            guard let phone = contact.phone else {
                throw ToolFailure("\(contact.name) has no phone number in the records.")
            }
            guard let number = PhoneNumber(phone, countryCode: settings.countryCode) else {
                throw ToolFailure(
                    "The phone number of \(contact.name) in the records cannot be used: it needs its country, such as "
                        + "+44 20 7946 0018.")
            }
            return number.description
        }
    }
}

extension MessagePerson {
    /// Which records somebody belongs to.
    enum Kind: CaseIterable {
        case client, lead, staff

        var noun: String {
            switch self {
            case .client: "member"
            case .lead: "lead"
            case .staff: "colleague"
            }
        }
    }

    var kind: Kind {
        switch self {
        case .client: .client
        case .lead: .lead
        case .staff: .staff
        }
    }
}

extension OutboxMessage {
    /// What a model is told of a message that it has sent.
    fileprivate func row(of contact: Contact, isDryRun: Bool, now: Date) -> JSONValue {
        var row = JSONObject()
        row["summary"] = .string(sentence(about: contact, isDryRun: isDryRun, now: now))
        row["status"] = .string(status == .queued && dueAt > now ? "scheduled" : status.rawValue)
        if isDryRun {
            row["dry_run"] = true
            row["subject"] = subject.map(JSONValue.string)
            row["body"] = .string(body)
        } else {
            row["message_id"] = .string(id.description)
        }
        row["channel"] = .string(channel.rawValue)
        row["purpose"] = .string(purpose.rawValue)
        row["to"] = .string(contact.person.id)
        row["recipient"] = .string(recipient)
        row["due_at"] = .string(Timestamp.string(from: dueAt))
        row["reason"] = reason.map(JSONValue.string)
        return .object(row)
    }

    private func sentence(about contact: Contact, isDryRun: Bool, now: Date) -> String {
        let what = "The \(channel.noun) to \(contact.name)"
        let would = isDryRun ? "would be" : "is"
        return switch status {
        case .held:
            "\(what) \(would) held in the outbox and not sent: \(reason ?? ""). It goes out when a way out is set up."
                .replacing("..", with: ".")
        case .suppressed: "\(what) \(would) not sent. \(reason ?? "") Do not try another way."
        case .queued where dueAt > now:
            "\(what) \(would) scheduled for \(Timestamp.string(from: dueAt)).\(reason.map { " \($0)" } ?? "")"
        case .queued: "\(what) \(would) queued and goes out now. Whether it arrives is not known yet."
        case .sending: "\(what) is on its way."
        case .sent: "\(what) was handed over."
        case .failed, .needsReview, .cancelled: "\(what) is \(status.rawValue).\(reason.map { " \($0)" } ?? "")"
        }
    }
}
