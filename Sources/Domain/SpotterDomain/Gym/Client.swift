public import Foundation

/// Marks the ids of members.
public enum ClientKind: IdentifierKind {
    /// Ids begin with `client_`.
    public static let prefix = "client"
}

/// The id of a member, such as `client_01h…`.
public typealias ClientID = Identifier<ClientKind>

/// A member of a gym.
public struct Client: Sendable, Codable, Hashable {
    /// How things stand with a membership.
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case trial, active, paused, cancelled
    }

    /// Never changes.
    public let id: ClientID
    /// First and last name, as people write it.
    public var name: String
    /// An e-mail address; nil if not known.
    public var email: String?
    /// A phone number as it was given; nil if not known.
    public var phone: String?
    /// How things stand with the membership.
    public var status: Status
    /// The gym's own labels.
    public var tags: [String]
    /// The day the membership began.
    public var joinedOn: Date

    /// A member, without labels unless there are some.
    public init(
        id: ClientID, name: String, email: String?, phone: String?, status: Status, tags: [String] = [],
        joinedOn: Date
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.phone = phone
        self.status = status
        self.tags = tags
        self.joinedOn = joinedOn
    }
}

/// Where members are kept.
public protocol ClientStore: Sendable {
    /// Members whose name, e-mail address or phone number contains every word of `query`, best known first: exact
    /// names before others, then by name. Phone numbers match by their digits. With `status`, only those.
    func search(
        _ query: String, status: Client.Status?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Client]
    /// Adds members; those whose id is there already are left alone.
    func add(_ clients: [Client], in scope: OrganizationScope) async throws
    func count(in scope: OrganizationScope) async throws -> Int
}
