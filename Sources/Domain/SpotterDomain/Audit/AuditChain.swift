public import Foundation

/// An entry with its seal, as it stands in an organisation's chain.
public struct AuditLink: Sendable, Hashable {
    /// From 1, without a gap.
    public let position: Int64
    /// Of the chain up to here, as it was sealed.
    public let hash: String
    /// The sealed entry's id.
    public let entry: AuditEntryID
    /// What the hash is made of, beside the hash before; nil where the entry is not there.
    public let text: String?

    /// A link.
    public init(position: Int64, hash: String, entry: AuditEntryID, text: String?) {
        self.position = position
        self.hash = hash
        self.entry = entry
        self.text = text
    }
}

/// How far an organisation's chain goes.
public struct AuditHead: Sendable, Codable, Hashable {
    /// How many entries are sealed.
    public let position: Int64
    /// The hash of the chain.
    public let hash: String

    /// A head.
    public init(position: Int64, hash: String) {
        self.position = position
        self.hash = hash
    }

    /// The head of a chain without an entry.
    public static let none = AuditHead(position: 0, hash: String(repeating: "0", count: 64))
}

/// What is signed of a chain, to be kept where whoever can change the database cannot reach it.
public struct AuditCheckpoint: Sendable, Codable, Hashable {
    /// Whose chain.
    public let organization: OrganizationID
    /// How many entries it had.
    public let position: Int64
    /// Its hash.
    public let hash: String
    /// When.
    public let at: Date

    /// A checkpoint of a head.
    public init(_ head: AuditHead, of organization: OrganizationID, at: Date) {
        self.organization = organization
        position = head.position
        hash = head.hash
        self.at = at
    }
}

/// Signs checkpoints, and says whether one is genuine.
public protocol AuditCheckpointSigner: Sendable {
    /// The checkpoint, signed.
    func text(for checkpoint: AuditCheckpoint) throws -> String
    /// The checkpoint of a signed text. Throws `invalid` where this installation has not signed it.
    func checkpoint(of text: String) throws -> AuditCheckpoint
}

/// The chains of the audit log.
public protocol AuditChainStore: Sendable {
    /// The organisations that have entries which are not sealed yet.
    func organizationsToSeal() async throws -> [OrganizationID]
    /// Seals entries whose transactions have ended, at most `limit`, in the order of their transactions. Returns how many;
    /// 0 also where another process is at it.
    func seal(limit: Int, in scope: OrganizationScope) async throws -> Int
    /// How far the chain goes by what is noted of it.
    func head(in scope: OrganizationScope) async throws -> AuditHead
    /// Seals after `position`, with their entries, in their order.
    func links(after position: Int64, limit: Int, in scope: OrganizationScope) async throws -> [AuditLink]
    /// Entries that should have a seal by their transactions, and have none; at most ten.
    func unsealed(in scope: OrganizationScope) async throws -> [AuditEntryID]
    /// Keeps a signed checkpoint.
    func keep(_ text: String, position: Int64, in scope: OrganizationScope) async throws
    /// The texts of the checkpoints that are kept, oldest first.
    func checkpoints(in scope: OrganizationScope) async throws -> [String]
}
