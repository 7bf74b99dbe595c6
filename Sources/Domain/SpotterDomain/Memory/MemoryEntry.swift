public import Foundation

/// Marks the ids of what is kept in working memory.
public enum MemoryEntryKind: IdentifierKind {
    /// Ids begin with `mem_`.
    public static let prefix = "mem"
}

/// The id of an entry, such as `mem_01h…`.
public typealias MemoryEntryID = Identifier<MemoryEntryKind>

/// Who shares an entry of working memory.
public enum MemoryScope: Sendable, Hashable {
    /// Everybody of the organisation.
    case organization
    /// One agent, whatever it works on.
    case agent(AgentID)
    /// One conversation.
    case conversation(ConversationID)

    /// The names that the API and the tools use.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case organization, agent, conversation
    }

    /// Which of the three it is.
    public var kind: Kind {
        switch self {
        case .organization: .organization
        case .agent: .agent
        case .conversation: .conversation
        }
    }

    /// The agent or the conversation; nil for the organisation.
    public var owner: UUID? {
        switch self {
        case .organization: nil
        case .agent(let id): id.uuid
        case .conversation(let id): id.uuid
        }
    }
}

/// Something that was noted under a name, to be found again.
public struct MemoryEntry: Sendable, Hashable {
    /// Never changes.
    public let id: MemoryEntryID
    /// Who shares it.
    public let scope: MemoryScope
    /// Its name, unique in its scope.
    public let key: String
    /// What was noted: any JSON.
    public var value: JSONValue
    /// Raised by every change, for ETags.
    public var version: Int
    /// When it was first noted.
    public let createdAt: Date
    /// When it last changed.
    public var updatedAt: Date

    /// An entry; with the defaults, a new one.
    public init(
        id: MemoryEntryID, scope: MemoryScope, key: String, value: JSONValue, version: Int = 1, createdAt: Date,
        updatedAt: Date
    ) {
        self.id = id
        self.scope = scope
        self.key = key
        self.value = value
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Bytes that a value may have as JSON.
    public static let largestValue = 32 * 1024
    /// Entries that one scope may have.
    public static let mostEntries = 1_000
    /// What every key looks like.
    public static let keyPattern = "^[A-Za-z0-9_.:-]{1,128}$"

    /// - Throws: `SpotterError` at `/key` or `/value`.
    public static func check(key: String, value: JSONValue) throws {
        try check(key: key)
        guard value.bytes.count <= largestValue else {
            throw SpotterError.invalid("/value", "must have at most \(largestValue) bytes as JSON")
        }
    }

    /// - Throws: `SpotterError` at `/key`.
    public static func check(key: String) throws {
        let isKnown: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_.:-".utf8.contains(byte)
            }
        }
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy(isKnown) else {
            throw SpotterError.invalid("/key", "must be 1 to 128 of A-Z a-z 0-9 _ . : -")
        }
    }
}

/// Which entries a list shows.
public struct MemoryFilter: Sendable, Hashable {
    /// Only those of this scope; nil means of any.
    public var scope: MemoryScope?
    /// A part of the key; nil means any.
    public var search: String?

    /// A filter; what is nil lets everything pass.
    public init(scope: MemoryScope? = nil, search: String? = nil) {
        self.scope = scope
        self.search = search
    }
}

/// Where working memory is kept.
public protocol WorkingMemoryStore: Sendable {
    /// Throws `notFound`.
    func entry(_ key: String, of owner: MemoryScope, in scope: OrganizationScope) async throws -> MemoryEntry
    /// Newest first.
    func list(
        _ filter: MemoryFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<MemoryEntry>
    /// Notes it under its key, in place of what was there: that keeps its id and its first time, and its version is
    /// raised.
    ///
    /// - Parameter version: what must be the current one, if anything is there; nil replaces whatever is.
    /// - Returns: the entry as it is then.
    /// - Throws: `notFound` for an agent or a conversation that is not there, `preconditionFailed` for another version
    ///   or none, `limitReached` when the scope is full.
    func put(_ entry: MemoryEntry, version: Int?, in scope: OrganizationScope) async throws -> MemoryEntry
    /// With `version`, only if that is the current one. Throws `notFound`.
    func delete(
        _ key: String, of owner: MemoryScope, version: Int?, in scope: OrganizationScope
    ) async throws
    /// What was last changed of each of these scopes, at most `limit` of each, newest first, in the order of the scopes.
    func recall(
        _ owners: [MemoryScope], limit: Int, in scope: OrganizationScope
    ) async throws -> [MemoryEntry]
}

extension SpotterError {
    /// What a full scope says to one entry more.
    public static var tooManyEntries: SpotterError {
        SpotterError(
            .limitReached,
            "There are \(MemoryEntry.mostEntries) entries here already, which is all that one memory may have. Delete some."
        )
    }
}
