public import Foundation

/// The tables of a gym's past that can be filled as they were, without the rules that changes of today go through.
public enum GymTable: String, Sendable, CaseIterable {
    // In the order in which rows may refer to each other.
    case staff, plans, classes
    case sessions = "class_sessions"
    case clients, leads
    case statusChanges = "status_changes"
    case subscriptions
    case subscriptionChanges = "subscription_changes"
    case payments, refunds
    case checkIns = "check_ins"
    case bookings, consents, tickets
}

/// Rows of a gym's past.
public struct GymHistoryBatch: Sendable {
    /// By table: objects with every column that has no default in the table, as PostgreSQL reads JSON. The column
    /// `organization_id` is left out.
    public var rows: [GymTable: [JSONValue]] = [:]
    /// The words that records are found by.
    public var words: [Words] = []

    /// What one record is found by.
    public struct Words: Sendable {
        /// Such as `client`.
        public let kind: String
        /// The record's id.
        public let record: JSONValue
        /// Folded words.
        public let words: [String]

        /// Words of a record.
        public init(kind: String, record: JSONValue, words: [String]) {
            self.kind = kind
            self.record = record
            self.words = words
        }
    }

    /// No rows.
    public init() {}

    /// Adds a row.
    public mutating func add(_ row: JSONObject, to table: GymTable) { rows[table, default: []].append(.object(row)) }

    /// How many rows there are in all.
    public var count: Int { rows.values.reduce(0) { $0 + $1.count } }
}

/// Fills a gym with a past.
public protocol GymHistoryStore: Sendable {
    /// Adds rows, all or none; those whose id is there already are left alone.
    ///
    /// - Returns: how many were added.
    func load(_ batch: GymHistoryBatch, in scope: OrganizationScope) async throws -> Int
    /// When one of the staff was entered: it tells that a history was loaded, and when that begins. nil if there is none.
    func staffEntered(_ id: UUID, in scope: OrganizationScope) async throws -> Date?
}
