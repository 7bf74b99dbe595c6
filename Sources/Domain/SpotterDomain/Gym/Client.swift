public import Foundation

public enum ClientKind: IdentifierKind { public static let prefix = "client" }
public typealias ClientID = Identifier<ClientKind>

/// A member of a gym.
public struct Client: Sendable, Codable, Hashable {
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case trial, active, paused, cancelled
    }

    public let id: ClientID
    public var name: String
    public var email: String?
    public var phone: String?
    public var status: Status
    public var tags: [String]
    public var joinedOn: Date

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
