import Foundation
import PostgresKit
import SpotterDomain

/// Writes drafts of one kind in one transaction: reads and locks what they mean, then what they refer to, lets the plan
/// decide, and writes in one round trip.
struct RecordBatchWriter<Kind: RecordKind>: Sendable {
    let drafts: [RecordDraft<Kind>]
    let setting: RecordSetting
    let isAtomic: Bool
    private let table: RecordTable

    init(drafts: [RecordDraft<Kind>], setting: RecordSetting, isAtomic: Bool) throws {
        self.drafts = drafts
        self.setting = setting
        self.isAtomic = isAtomic
        table = try RecordTable.of(Kind.self)
    }

    func run(
        _ transaction: Transaction, _ receipt: (@Sendable (SavedRecords<Kind>) throws -> Receipt?)?
    ) async throws -> SavedRecords<Kind> {
        let (existing, known) = try await read(transaction)
        let plan = RecordPlan(drafts, existing: existing, known: known, setting)
        let isWritten = !(isAtomic && plan.hasRefusals)
        let saved = SavedRecords(
            outcomes: plan.outcomes, isWritten: isWritten, consequences: isWritten ? plan.consequences : [],
            promotions: isWritten ? plan.promotions : [])
        guard isWritten else { return saved }
        var statements = try self.statements(for: plan, known)
        statements += PostgresReceiptStore.insert(try receipt?(saved))
        do {
            _ = try await transaction.batch(statements)
        } catch let error as PostgresError where error.isOvertaking {
            throw RecordOvertaken(constraint: error.constraint ?? "", noun: Kind.noun)
        }
        return saved
    }

    // MARK: Reading

    /// What there is of the records that the drafts mean and refer to.
    func read(_ transaction: Transaction) async throws -> ([GymRecord<Kind>], KnownRecords) {
        let (ids, externals, keys) = targets
        var statements: [Statement] = []
        // Whoever books locks the session before any booking of it, so that two never wait for each other.
        let isOfSessions = Kind.prefix == BookingKind.prefix
        if isOfSessions {
            let wanted = RecordPlan.references(of: drafts, existing: [], setting)[.session] ?? []
            statements.append(RecordReferencesSQL.lockSessions(of: ids, externals, and: wanted))
        }
        if !(ids.isEmpty && externals.isEmpty && keys.isEmpty) {
            statements.append(Statement(table.lock, ids, externals, keys))
        }
        let isRead = statements.count > (isOfSessions ? 1 : 0)
        let rows = try await transaction.batch(statements)
        let existing = isRead ? try rows[rows.count - 1].decoded { try RecordRow.record($0, as: Kind.self) } : []
        return (existing, try await known(existing, transaction))
    }

    private var targets: (ids: [UUID], externals: [String], keys: [String]) {
        var (ids, externals, keys): ([UUID], [String], [String]) = ([], [], [])
        for draft in drafts {
            switch draft.target {
            case .new: break
            case .id(let id, _): ids.append(id.uuid)
            case .external(let external): externals.append(external)
            case .key(let key): keys.append(key)
            }
        }
        return (ids, externals, keys)
    }

    private func known(_ existing: [GymRecord<Kind>], _ transaction: Transaction) async throws -> KnownRecords {
        var wanted = RecordPlan.references(of: drafts, existing: existing, setting)
        // What is deleted frees a place, too.
        for case let booking as Booking in existing { wanted[.session, default: []].insert(booking.sessionId.uuid) }
        let targets = wanted.keys.sorted { $0.rawValue < $1.rawValue }
        var statements = targets.map { RecordReferencesSQL.exist($0, Array(wanted[$0] ?? [])) }
        let first = statements.count
        statements += supplements(wanted, existing)
        let rows = try await transaction.batch(statements)
        var known = KnownRecords()
        for (target, rows) in zip(targets, rows) { known.ids[target] = Set(try rows.decoded { try $0.get(0) }) }
        try read(rows[first...], existing, into: &known)
        return known
    }

    /// What the rules of the kind have to know besides.
    private func supplements(
        _ wanted: [RecordReference.Target: Set<UUID>], _ existing: [GymRecord<Kind>]
    ) -> [Statement] {
        switch Kind.prefix {
        case BookingKind.prefix:
            let ids = Array(wanted[.session] ?? [])
            return [RecordReferencesSQL.sessions(ids), RecordReferencesSQL.bookings(of: ids)]
        case RefundKind.prefix:
            let ids = Array(wanted[.payment] ?? [])
            return [RecordReferencesSQL.payments(ids), RecordReferencesSQL.refunds(of: ids)]
        case PaymentKind.prefix: return [RecordReferencesSQL.refunds(of: existing.map(\.id.uuid))]
        case ClassSessionKind.prefix:
            // The sessions are locked, and whoever books locks them first.
            return [
                RecordReferencesSQL.classNames(Array(wanted[.gymClass] ?? [])),
                RecordReferencesSQL.bookings(of: existing.map(\.id.uuid)),
            ]
        case SubscriptionKind.prefix: return [RecordReferencesSQL.openChanges(of: existing.map(\.id.uuid))]
        default: return []
        }
    }

    private func read(
        _ rows: ArraySlice<Rows>, _ existing: [GymRecord<Kind>], into known: inout KnownRecords
    ) throws {
        guard let first = rows.first, let last = rows.last else { return }
        switch Kind.prefix {
        case BookingKind.prefix: known.rooms = try RecordReferencesSQL.rooms(first, last)
        case RefundKind.prefix:
            let payments = try first.decoded { try RecordRow.record($0, as: PaymentKind.self) }
            known.payments = try RecordReferencesSQL.paid(payments, last)
        case PaymentKind.prefix:
            known.payments = try RecordReferencesSQL.paid(existing.compactMap { $0 as? Payment }, last)
        case ClassSessionKind.prefix:
            known.rooms = try RecordReferencesSQL.rooms(existing.compactMap { $0 as? ClassSession }, last)
            for (id, name) in try first.decoded({ (try $0.get(0, as: UUID.self), try $0.get(1, as: String.self)) }) {
                known.classNames[id] = name
            }
        case SubscriptionKind.prefix:
            for change in try first.decoded(SubscriptionChange.init) {
                known.openChanges[change.subscriptionId] = change
            }
        default: break
        }
    }

    // MARK: Writing

    private func statements(for plan: RecordPlan<Kind>, _ known: KnownRecords) throws -> [Statement] {
        let written = plan.written
        guard !written.isEmpty else { return [] }
        var statements = [try Self.save(written.map(\.record), table)]
        if !plan.promotions.isEmpty { statements.append(try Self.save(promoted: plan.promotions)) }
        if let kind = table.wordKind {
            let changed = written.filter { entry in
                entry.old.map { RecordWords.words(of: $0.fields) } != RecordWords.words(of: entry.record.fields)
            }
            if !changed.isEmpty {
                let words = changed.map { ($0.record.id.uuid, RecordWords.words(of: $0.record.fields)) }
                statements.append(RecordWordsSQL.keep(kind, words))
            }
        }
        let steps = plan.statusChanges
        if !steps.isEmpty {
            statements.append(
                RecordHistorySQL.steps(
                    steps.map { ($0.id.uuid, $0.change) }, ofClients: Kind.prefix == ClientKind.prefix))
        }
        return statements + subscriptionHistory(written, known)
    }

    /// Writes records as they are to be.
    static func save(_ records: [GymRecord<Kind>], _ table: RecordTable) throws -> Statement {
        Statement(table.save, PostgresValue.document(.array(try records.map { try RecordRow.row(of: $0) })))
    }

    /// Writes bookings that get a place, whatever the kind of records that they get it by.
    static func save(promoted bookings: [Booking]) throws -> Statement {
        try RecordBatchWriter<BookingKind>.save(bookings, try RecordTable.of(BookingKind.self))
    }

    private func subscriptionHistory(_ written: [RecordPlan<Kind>.Entry], _ known: KnownRecords) -> [Statement] {
        let subscriptions = written.compactMap { $0.record as? Subscription }
        guard !subscriptions.isEmpty else { return [] }
        var ended: [(SubscriptionID, Date)] = []
        var next: [SubscriptionChange] = []
        for subscription in subscriptions {
            let following = SubscriptionChange.following(
                known.openChanges[subscription.id], subscription, at: setting.now)
            if let end = following.end { ended.append((subscription.id, end)) }
            next += following.next
        }
        var statements: [Statement] = []
        if !ended.isEmpty { statements.append(RecordHistorySQL.end(ended)) }
        if !next.isEmpty { statements.append(RecordHistorySQL.goOn(next)) }
        return statements
    }
}

extension PostgresError {
    /// Whether it says that another transaction has just written such a record.
    fileprivate var isOvertaking: Bool {
        guard sqlState == "23505", let constraint else { return false }
        return constraint.hasSuffix("_external_key") || constraint.hasSuffix("_idempotency_key")
            || constraint == "bookings_client_key" || constraint == "bookings_lead_key"
    }
}
