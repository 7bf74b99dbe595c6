public import Foundation

/// What is to be written for some drafts, given what is there. Pure, so that every store decides alike.
public struct RecordPlan<Kind: RecordKind>: Sendable {
    /// A record that is written.
    public struct Entry: Sendable {
        /// As it is to be.
        public var record: GymRecord<Kind>
        /// As it is now; nil for a new one.
        public let old: GymRecord<Kind>?
    }

    /// One for each draft.
    public private(set) var outcomes: [RecordOutcome<Kind>] = []
    /// Other records that change because of them.
    public private(set) var consequences: [GymRecord<Kind>] = []
    /// Bookings that get a place because of records of another kind.
    public private(set) var promotions: [Booking] = []
    private var entries: [Identifier<Kind>: Entry] = [:]
    private var current: [Identifier<Kind>: GymRecord<Kind>] = [:]
    private var externalIds: [String: Identifier<Kind>] = [:]
    private var keys: [String: Identifier<Kind>] = [:]
    private let setting: RecordSetting

    /// Plans drafts in their order: a later one finds what an earlier one makes.
    ///
    /// - Parameters:
    ///   - existing: what there is of the records that the drafts mean.
    ///   - known: what there is of those they refer to; see ``references(of:existing:_:)``.
    public init(
        _ drafts: [RecordDraft<Kind>], existing: [GymRecord<Kind>], known: KnownRecords, _ setting: RecordSetting
    ) {
        self.setting = setting
        for record in existing { note(record) }
        var rules = Kind.Rules(known)
        for draft in drafts {
            do {
                outcomes.append(try admit(draft, known, &rules))
            } catch let error as SpotterError {
                outcomes.append(.refused(error))
            } catch {
                outcomes.append(.refused(SpotterError(.internal, "Something went wrong.", cause: error)))
            }
        }
        for record in rules.consequences(setting) {
            let old = entries[record.id].map(\.old) ?? current[record.id]
            entries[record.id] = Entry(record: record, old: old ?? record)
            note(record)
            consequences.append(record)
        }
        promotions = rules.promotions(setting)
        refresh()
    }

    /// In the order of their ids.
    public var written: [Entry] { entries.values.sorted { $0.record.id < $1.record.id } }

    /// Whether a draft was refused.
    public var hasRefusals: Bool { outcomes.contains(where: \.isRefused) }

    private mutating func note(_ record: GymRecord<Kind>) {
        if let old = current[record.id]?.externalId, old != record.externalId { externalIds[old] = nil }
        current[record.id] = record
        if let external = record.externalId { externalIds[external] = record.id }
        if let key = (record.fields as? any KeyedFields)?.idempotencyKey { keys[key] = record.id }
    }

    private func found(_ draft: RecordDraft<Kind>) throws -> GymRecord<Kind>? {
        switch draft.target {
        case .new: return nil
        case .external(let external): return externalIds[external].flatMap { current[$0] }
        case .key(let key): return keys[key].flatMap { current[$0] }
        case .id(let id, let version):
            guard let record = current[id] else { throw SpotterError.notFound(Kind.noun) }
            if let version, version != record.version {
                throw SpotterError(
                    .preconditionFailed, "The \(Kind.noun) has changed: its current version is \(record.version).")
            }
            return record
        }
    }

    private mutating func admit(
        _ draft: RecordDraft<Kind>, _ known: KnownRecords, _ rules: inout Kind.Rules
    ) throws -> RecordOutcome<Kind> {
        let old = try found(draft)
        if case .key = draft.target, let old { return .unchanged(old) }
        var record = try Self.record(of: draft, old, setting)
        try checkExternalId(record)
        // Only what changes has to be there: what was named before may be gone since, and its name with it.
        if let old, old.fields == record.fields, old.externalId == record.externalId { return .unchanged(old) }
        try Self.checkReferences(of: record, known)
        try rules.admit(&record, replacing: old, setting)
        if let old {
            if old.fields == record.fields, old.externalId == record.externalId { return .unchanged(old) }
            record.version = old.version + 1
            record.updatedAt = Self.moment(of: record, after: old, setting)
        }
        entries[record.id] = Entry(record: record, old: entries[record.id].map(\.old) ?? old)
        note(record)
        return old == nil ? .created(record) : .updated(record)
    }

    /// When a change is made. Whoever waited for the record came by an older clock than what is there by now; the steps
    /// of a status follow each other all the same, and each has a time of its own.
    private static func moment(
        of record: GymRecord<Kind>, after old: GymRecord<Kind>, _ setting: RecordSetting
    ) -> Date {
        let isStep = record.fields.trackedStatus != old.fields.trackedStatus
        return max(setting.now, isStep ? old.updatedAt + StatusChange.shortestStep : old.updatedAt)
    }

    /// What a draft makes of what is there, brought in order and checked by itself.
    private static func record(
        of draft: RecordDraft<Kind>, _ old: GymRecord<Kind>?, _ setting: RecordSetting
    ) throws -> GymRecord<Kind> {
        var content = try draft.content(old)
        if let external = content.externalId, !(1...GymRecord<Kind>.longestExternalId).contains(external.count) {
            throw SpotterError.invalid("/external_id", "must have 1 to \(GymRecord<Kind>.longestExternalId) characters")
        }
        try content.fields.settle(after: old?.fields, setting)
        let issues = content.fields.issues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        guard var record = old else {
            return GymRecord(
                id: draft.newID, externalId: content.externalId, fields: content.fields,
                createdAt: content.createdAt ?? setting.now, updatedAt: setting.now)
        }
        record.fields = content.fields
        record.externalId = content.externalId
        return record
    }

    private func checkExternalId(_ record: GymRecord<Kind>) throws {
        guard let external = record.externalId, let owner = externalIds[external], owner != record.id else { return }
        throw SpotterError.externalIdTaken(Kind.noun)
    }

    private static func checkReferences(of record: GymRecord<Kind>, _ known: KnownRecords) throws {
        guard !Kind.references.isEmpty else { return }
        let issues = try references(of: record).compactMap { reference, id -> FieldIssue? in
            guard known.ids[reference.target]?.contains(id) != true else { return nil }
            return FieldIssue(
                pointer: "/\(reference.member)", message: "names no \(reference.target.noun) of this organisation")
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
    }

    private static func references(of record: GymRecord<Kind>) throws -> [(RecordReference, UUID)] {
        let members = try JSONValue(encoding: record.fields)
        return Kind.references.compactMap { reference in
            members[reference.member]?.string.flatMap(reference.uuid).map { (reference, $0) }
        }
    }

    /// The records that drafts refer to, by kind: what a store has to look for. Drafts that are refused for something
    /// else are left out.
    public static func references(
        of drafts: [RecordDraft<Kind>], existing: [GymRecord<Kind>], _ setting: RecordSetting
    ) -> [RecordReference.Target: Set<UUID>] {
        guard !Kind.references.isEmpty else { return [:] }
        let byID = Dictionary(existing.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let byExternal = Dictionary(
            existing.compactMap { record in record.externalId.map { ($0, record) } }, uniquingKeysWith: { a, _ in a })
        var wanted: [RecordReference.Target: Set<UUID>] = [:]
        for draft in drafts {
            let old: GymRecord<Kind>? =
                switch draft.target {
                case .id(let id, _): byID[id]
                case .external(let external): byExternal[external]
                case .new, .key: nil
                }
            guard let record = try? record(of: draft, old, setting), let found = try? references(of: record) else {
                continue
            }
            for (reference, id) in found { wanted[reference.target, default: []].insert(id) }
        }
        return wanted
    }

    /// What changes because a record is deleted: others of its kind, and bookings that get a place.
    ///
    /// - Throws: `conflict` where it cannot be deleted.
    public static func deletion(
        of record: GymRecord<Kind>, known: KnownRecords, _ setting: RecordSetting
    ) throws -> (consequences: [GymRecord<Kind>], promotions: [Booking]) {
        var rules = Kind.Rules(known)
        try rules.remove(record)
        return (rules.consequences(setting), rules.promotions(setting))
    }

    /// Lets each outcome tell the last of what becomes of its record.
    private mutating func refresh() {
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .created(let record): outcomes[index] = .created(current[record.id] ?? record)
            case .updated(let record): outcomes[index] = .updated(current[record.id] ?? record)
            case .unchanged, .refused: break
            }
        }
    }

    /// The steps of statuses that are to be kept.
    public var statusChanges: [(id: Identifier<Kind>, change: StatusChange)] {
        written.compactMap { entry in
            guard let status = entry.record.fields.trackedStatus, status != entry.old?.fields.trackedStatus else {
                return nil
            }
            let change = StatusChange(
                fromStatus: entry.old?.fields.trackedStatus, toStatus: status,
                reason: entry.record.fields.statusReason, changedBy: setting.actor,
                changedAt: entry.old == nil ? entry.record.createdAt : entry.record.updatedAt)
            return (entry.record.id, change)
        }
    }
}

/// Fields of records that tools make under a key.
public protocol KeyedFields: RecordFields {
    /// The same key is the same record.
    var idempotencyKey: String? { get set }
}

extension CampaignFields: KeyedFields {}
extension SocialPostFields: KeyedFields {}
extension CalendarEventFields: KeyedFields {}

extension SpotterError {
    /// Another record of the kind has this external id.
    public static func externalIdTaken(_ noun: String) -> SpotterError {
        SpotterError(
            .conflict, "Another \(noun) of this organisation has this external_id.",
            issues: [FieldIssue(pointer: "/external_id", message: "is that of another \(noun)")])
    }
}
