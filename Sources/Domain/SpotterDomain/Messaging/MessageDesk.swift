public import Foundation

/// A message to somebody, before the rules have looked at it.
public struct MessageOrder: Sendable {
    /// By which way.
    public var channel: MessageChannel
    /// For what.
    public var purpose: MessagePurpose
    /// Whom it is for.
    public var contact: Contact
    /// The contact's address or number, checked, as it is to stand in the envelope.
    public var recipient: String
    /// Of an e-mail.
    public var subject: String?
    /// Plain text.
    public var body: String
    /// The same as HTML.
    public var html: String?
    /// Files that go along.
    public var attachments: [OutboxMessage.Attachment] = []
    /// Not before this; nil means at once.
    public var notBefore: Date?
    /// The same key is the same message.
    public var key: String
    /// Who writes: an agent's id or a token's subject.
    public var sentBy: String
    /// Where it comes from.
    public var conversation: ConversationID?

    /// A message; the rest is set afterwards.
    public init(
        _ channel: MessageChannel, _ purpose: MessagePurpose, to contact: Contact, at recipient: String,
        body: String, key: String, sentBy: String
    ) {
        self.channel = channel
        self.purpose = purpose
        self.contact = contact
        self.recipient = recipient
        self.body = body
        self.key = key
        self.sentBy = sentBy
    }
}

/// Puts messages into the outbox as the rules want it, and asks the rules again before one goes.
public struct MessageDesk: Sendable {
    /// A message in the outbox, and whether this made it.
    public struct Dispatch: Sendable {
        /// As it is in the outbox, or would be.
        public let message: OutboxMessage
        /// False where it was there already under its key.
        public let isNew: Bool
    }

    /// Marketing counts for so long.
    public static let week = 7 * 86_400.0
    /// The most messages that one call puts in.
    public static let most = 1_000

    private let outbox: any OutboxStore
    private let contacts: any ContactStore
    private let directory: any MessagingDirectory
    private let ids: any IDGenerator

    /// A desk over the stores and the present configuration.
    public init(
        outbox: any OutboxStore, contacts: any ContactStore, directory: any MessagingDirectory, ids: any IDGenerator
    ) {
        self.outbox = outbox
        self.contacts = contacts
        self.directory = directory
        self.ids = ids
    }

    /// The organisation's rules now.
    public func settings(in scope: OrganizationScope) -> MessagingSettings { directory.settings(in: scope) }

    /// Puts messages into the outbox, each as the rules want it: queued, held, waiting, or kept as suppressed so that
    /// everybody sees why it did not go.
    ///
    /// - Parameters:
    ///   - zone: the organisation's time zone, for people without one of their own.
    ///   - isDryRun: only says what would become of them.
    /// - Returns: one for each order, in their order.
    public func send(
        _ orders: [MessageOrder], zone: String, at now: Date, isDryRun: Bool, in scope: OrganizationScope
    ) async throws -> [Dispatch] {
        let facts = try await facts(for: orders, at: now, in: scope)
        let policy = MessagingPolicy(directory.settings(in: scope))
        let drafts = orders.map { order in
            let time = max(order.notBefore ?? now, now)
            let known =
                order.contact.person.staffID == nil ? facts[order.channel]?[order.contact.person] ?? .init() : nil
            let verdict = policy.verdict(
                order.channel, order.purpose, facts: known, zone: Self.zone(order.contact.timezone, zone), at: time)
            return OutboxDraft(message(order, verdict, time: time, at: now), key: order.key)
        }
        guard !isDryRun else { return drafts.map { Dispatch(message: $0.message, isNew: true) } }
        return try await outbox.enqueue(drafts, in: scope).map { Dispatch(message: $0.message, isNew: $0.isNew) }
    }

    /// Asks the rules whether a message that is about to go still may.
    public func verdict(
        on message: OutboxMessage, zone: String, at now: Date, in scope: OrganizationScope
    ) async throws -> MessagingPolicy.Verdict {
        var known: ContactFacts?
        var contact: Contact?
        if let person = message.person {
            contact = try await contacts.contact(person, in: scope)
            if person.staffID == nil {
                known =
                    try await contacts.facts(
                        of: [person], message.channel, since: now - Self.week, besides: message.id, in: scope)[person]
                    ?? ContactFacts()
            }
        }
        return MessagingPolicy(directory.settings(in: scope)).verdict(
            message.channel, message.purpose, facts: known, zone: Self.zone(contact?.timezone, zone), at: now)
    }

    /// Notes what somebody answered by SMS. STOP ends every SMS to everybody with this number, START allows what is
    /// transactional again: marketing needs a consent of its own.
    ///
    /// - Returns: what was understood, and who was found; nil where it was no keyword.
    public func receive(
        _ text: String, from number: String, at now: Date, in scope: OrganizationScope
    ) async throws -> (keyword: ReplyKeyword, people: [Contact])? {
        guard let keyword = keyword(of: text, in: scope) else { return nil }
        let people = try await people(at: number, in: scope)
        let consents = try await consents(of: people.map(\.person), saying: keyword, at: now, in: scope)
        if !consents.isEmpty { try await contacts.record(consents, in: scope) }
        return (keyword, people)
    }

    /// What a single word means by the organisation's rules; nil for every other text.
    public func keyword(of text: String, in scope: OrganizationScope) -> ReplyKeyword? {
        ReplyKeyword(text, stopWords: directory.settings(in: scope).stopWords)
    }

    /// Who has this number: those whose number in the records is another one, of another country, are left out.
    public func people(at number: String, in scope: OrganizationScope) async throws -> [Contact] {
        let code = directory.settings(in: scope).countryCode
        let wanted = PhoneNumber(number, countryCode: code)
        return try await contacts.contacts(at: number, .sms, in: scope).filter { contact in
            guard let wanted, let known = contact.phone.flatMap({ PhoneNumber($0, countryCode: code) }) else {
                return true
            }
            return known == wanted
        }
    }

    /// What is to be noted of people who say a word by SMS. START is for those alone who have said STOP.
    public func consents(
        of people: [MessagePerson], saying keyword: ReplyKeyword, at now: Date, in scope: OrganizationScope
    ) async throws -> [Consent] {
        let people = people.filter { $0.staffID == nil }
        switch keyword {
        case .help: return []
        case .stop: return consents(of: people, .sms, isGranted: false, at: now)
        case .start:
            let facts = try await contacts.facts(of: people, .sms, since: now, besides: nil, in: scope)
            let stopped = people.filter { facts[$0]?.transactional == false }
            return consents(of: stopped, .sms, isGranted: true, at: now)
        }
    }

    /// Notes that people want no messages by a channel, or want them again.
    public func optOut(
        _ people: [MessagePerson], of channel: MessageChannel, isGranted: Bool = false, at now: Date,
        in scope: OrganizationScope
    ) async throws {
        let consents = consents(of: people, channel, isGranted: isGranted, at: now)
        guard !consents.isEmpty else { return }
        try await contacts.record(consents, in: scope)
    }

    private func consents(
        of people: [MessagePerson], _ channel: MessageChannel, isGranted: Bool, at now: Date
    ) -> [Consent] {
        people.filter { $0.staffID == nil }.flatMap { person in
            let purposes: [MessagePurpose] = isGranted ? [.transactional] : [.transactional, .marketing]
            return purposes.map { purpose in
                Consent(
                    id: ids.id(at: now), clientId: person.clientID, leadId: person.leadID, channel: channel,
                    purpose: purpose, isGranted: isGranted, source: .stopMessage, recordedAt: now)
            }
        }
    }

    private func facts(
        for orders: [MessageOrder], at now: Date, in scope: OrganizationScope
    ) async throws -> [MessageChannel: [MessagePerson: ContactFacts]] {
        var facts: [MessageChannel: [MessagePerson: ContactFacts]] = [:]
        for channel in MessageChannel.allCases {
            let people = orders.filter { $0.channel == channel && $0.contact.person.staffID == nil }.map(
                \.contact.person)
            guard !people.isEmpty else { continue }
            facts[channel] = try await contacts.facts(
                of: people, channel, since: now - Self.week, besides: nil, in: scope)
        }
        return facts
    }

    private func message(
        _ order: MessageOrder, _ verdict: MessagingPolicy.Verdict, time: Date, at now: Date
    ) -> OutboxMessage {
        var message = OutboxMessage(
            id: ids.id(at: now), channel: order.channel, purpose: order.purpose, recipient: order.recipient,
            person: order.contact.person, subject: order.subject, body: order.body, html: order.html,
            attachments: order.attachments, status: .queued, reason: nil, sentBy: order.sentBy,
            conversationId: order.conversation, dueAt: time, attempt: 0, providerId: nil, createdAt: now, sentAt: nil)
        switch verdict {
        case .go: break
        case .wait(let until, let reason):
            message.dueAt = until
            message.reason = reason
        case .hold(let reason):
            message.status = .held
            message.reason = reason
        case .suppress(let reason):
            message.status = .suppressed
            message.reason = reason
        }
        return message
    }

    private static func zone(_ own: String?, _ organization: String) -> TimeZone {
        own.flatMap { ZoneName.zone($0) } ?? ZoneName.zone(organization) ?? .gmt
    }
}
