public import Foundation

/// Somebody who can be written to, as the organisation's records have them.
public struct Contact: Sendable, Hashable {
    /// Who it is.
    public let person: MessagePerson
    /// First and last name, as people write it.
    public let name: String
    /// An e-mail address, as it was given.
    public let email: String?
    /// A phone number, as it was given.
    public let phone: String?
    /// An IANA time zone, where it is not the gym's.
    public let timezone: String?

    /// Somebody of the organisation's records.
    public init(person: MessagePerson, name: String, email: String?, phone: String?, timezone: String? = nil) {
        self.person = person
        self.name = name
        self.email = email
        self.phone = phone
        self.timezone = timezone
    }

    /// What people are called when they are written to.
    public var firstName: String { String(name.split(separator: " ").first ?? Substring(name)) }
}

/// Whom a bulk message is for.
public struct Audience: Sendable, Hashable {
    /// Which records.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case clients, leads
    }

    /// Which records.
    public var kind: Kind
    /// Those with one of these statuses; empty lets all pass.
    public var statuses: [String]
    /// Those with one of these tags; empty lets all pass.
    public var tags: [String]
    /// Members who have not checked in for so many days.
    public var absentSince: Date?

    /// An audience; without further arguments everybody of a kind.
    public init(_ kind: Kind, statuses: [String] = [], tags: [String] = [], absentSince: Date? = nil) {
        self.kind = kind
        self.statuses = statuses
        self.tags = tags
        self.absentSince = absentSince
    }
}

/// Who can be written to, and what they have said about it.
public protocol ContactStore: Sendable {
    /// One contact; nil where there is none in the organisation.
    func contact(_ person: MessagePerson, in scope: OrganizationScope) async throws -> Contact?
    /// Contacts with an e-mail address, or a phone number that ends with the same nine digits: members before leads
    /// before staff, at most ten.
    func contacts(at address: String, _ channel: MessageChannel, in scope: OrganizationScope) async throws -> [Contact]
    /// Those of the staff who work there now, by name; of one role if it is given.
    func staff(role: String?, in scope: OrganizationScope) async throws -> [Contact]
    /// An audience, by id, and at most `limit` of it.
    func audience(_ audience: Audience, limit: Int, in scope: OrganizationScope) async throws -> [Contact]
    /// What the rules ask for, of each; who is not in the answer said nothing and got nothing.
    ///
    /// - Parameters:
    ///   - since: from when on marketing messages count.
    ///   - message: one that is about to go, for which the rules are asked: neither it counts nor what goes after it or
    ///     is held. So of those that are due together as many go as may.
    func facts(
        of people: [MessagePerson], _ channel: MessageChannel, since: Date, besides message: OutboxID?,
        in scope: OrganizationScope
    ) async throws -> [MessagePerson: ContactFacts]
    /// What somebody has said last, for each channel and purpose.
    func consents(of person: MessagePerson, in scope: OrganizationScope) async throws -> [Consent]
    /// Notes what people have said. Throws `notFound` for people who are not there.
    func record(_ consents: [Consent], in scope: OrganizationScope) async throws
}
