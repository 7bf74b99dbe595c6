public import Foundation

/// A record as it is to be: a new one, or a change of one there is. What is there is read, and locked, by the store.
public struct RecordDraft<Kind: RecordKind>: Sendable {
    /// Which record is meant.
    public enum Target: Sendable, Hashable {
        /// None that there is.
        case new
        /// That of an id; with a version, only if it is the current one.
        case id(Identifier<Kind>, version: Int?)
        /// That of an external id, or a new one with it.
        case external(String)
        /// That of a tool's idempotency key, which is left as it is, or a new one with it.
        case key(String)
    }

    /// What the record is to say.
    public struct Content: Sendable {
        /// Its fields.
        public var fields: Kind.Fields
        /// What the gym's own system calls it.
        public var externalId: String?
        /// When it was made, if that is not now; of new ones only.
        public var createdAt: Date?

        /// What a record is to say.
        public init(_ fields: Kind.Fields, externalId: String? = nil, createdAt: Date? = nil) {
            self.fields = fields
            self.externalId = externalId
            self.createdAt = createdAt
        }
    }

    /// Which record is meant.
    public let target: Target
    /// The id that a new record gets.
    public let newID: Identifier<Kind>
    /// What it is to say, given what is there. Pure: it may be asked more than once.
    public let content: @Sendable (GymRecord<Kind>?) throws -> Content

    /// A record as it is to be.
    public init(
        _ target: Target, newID: Identifier<Kind>,
        _ content: @escaping @Sendable (GymRecord<Kind>?) throws -> Content
    ) {
        self.target = target
        self.newID = newID
        self.content = content
    }

    /// A new record.
    public static func new(
        _ id: Identifier<Kind>, _ fields: Kind.Fields, externalId: String? = nil, createdAt: Date? = nil
    ) -> RecordDraft {
        RecordDraft(.new, newID: id) { _ in Content(fields, externalId: externalId, createdAt: createdAt) }
    }

    /// A change of a record there is.
    public static func change(
        _ id: Identifier<Kind>, version: Int? = nil, _ edit: @escaping @Sendable (inout GymRecord<Kind>) throws -> Void
    ) -> RecordDraft {
        RecordDraft(.id(id, version: version), newID: id) { stored in
            guard var record = stored else { throw SpotterError.notFound(Kind.noun) }
            try edit(&record)
            return Content(record.fields, externalId: record.externalId)
        }
    }

    /// A row of a bulk upsert, its references told by ids: a merge patch of the record that the target means, or, by
    /// an external id, a new one.
    public static func row(
        _ row: JSONObject, _ target: Target, externalId: String?, newID: Identifier<Kind>, _ setting: RecordSetting
    ) -> RecordDraft {
        RecordDraft(target, newID: newID) { stored in
            var members = row
            for member in ["id", "external_id", "created_at"] { members[member] = nil }
            if let stored {
                return Content(
                    try stored.fields(changing: members, setting), externalId: externalId ?? stored.externalId)
            }
            // One that is to be there by its id is not made.
            if case .id = target { throw SpotterError.notFound(Kind.noun) }
            // In a new record null says no more than nothing.
            for (member, value) in members where value.isNull { members[member] = nil }
            let created = row["created_at"]?.string.flatMap(Timestamp.date)
            if let created, created > setting.now {
                throw SpotterError.invalid("/created_at", "must not be in the future")
            }
            return Content(
                try GymRecord<Kind>.fields(creating: members, setting), externalId: externalId, createdAt: created)
        }
    }
}

/// What became of a draft.
public enum RecordOutcome<Kind: RecordKind>: Sendable {
    /// There is a new record.
    case created(GymRecord<Kind>)
    /// The record has changed.
    case updated(GymRecord<Kind>)
    /// The record says so already.
    case unchanged(GymRecord<Kind>)
    /// It cannot be so.
    case refused(SpotterError)

    /// The record as it is now.
    ///
    /// - Throws: why there is none.
    public func record() throws -> GymRecord<Kind> {
        switch self {
        case .created(let record), .updated(let record), .unchanged(let record): return record
        case .refused(let error): throw error
        }
    }

    /// Whether it cannot be so.
    public var isRefused: Bool { if case .refused = self { true } else { false } }
}

/// What became of drafts, in their order.
public struct SavedRecords<Kind: RecordKind>: Sendable {
    /// One for each draft.
    public var outcomes: [RecordOutcome<Kind>]
    /// Whether those that are not refused were written; false where all or none were to be, and one was refused.
    public let isWritten: Bool
    /// Other records of the kind that changed because of them, such as bookings that got a place.
    public let consequences: [GymRecord<Kind>]
    /// Bookings that got a place because of them, where they are no bookings themselves.
    public let promotions: [Booking]

    /// What became of drafts.
    public init(
        outcomes: [RecordOutcome<Kind>], isWritten: Bool, consequences: [GymRecord<Kind>] = [],
        promotions: [Booking] = []
    ) {
        self.outcomes = outcomes
        self.isWritten = isWritten
        self.consequences = consequences
        self.promotions = promotions
    }
}
