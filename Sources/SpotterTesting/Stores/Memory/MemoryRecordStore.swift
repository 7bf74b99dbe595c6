import Foundation
import SpotterDomain

/// The gym's records in memory, of every kind.
struct MemoryRecordStore: RecordStore {
    let database: MemoryDatabase

    func record<Kind: RecordKind>(
        _ id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> GymRecord<Kind> {
        try database.read(scope) { records in
            guard let record = records.gym[id] else { throw SpotterError.notFound(Kind.noun) }
            return records.gym.shown(record)
        }
    }

    func list<Kind: RecordKind>(
        _ kind: Kind.Type, _ filter: RecordFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<GymRecord<Kind>> {
        try database.read(scope) { records in
            let matches = try records.gym.all(kind).map(records.gym.shown).filter { try filter.lets($0) }
            return newestFirst(matches, page) { $0.id }
        }
    }

    func save<Kind: RecordKind>(
        _ drafts: [RecordDraft<Kind>], _ setting: RecordSetting, atomic: Bool,
        receipt: (@Sendable (SavedRecords<Kind>) throws -> Receipt?)?, in scope: OrganizationScope
    ) async throws -> SavedRecords<Kind> {
        try database.write(scope) { records in
            let existing = records.gym.all(Kind.self).map(records.gym.shown)
            let known = records.known(for: drafts, existing, setting)
            let plan = RecordPlan(drafts, existing: existing, known: known, setting)
            guard !(atomic && plan.hasRefusals) else {
                return SavedRecords(outcomes: plan.outcomes, isWritten: false)
            }
            let saved = SavedRecords(
                outcomes: plan.outcomes, isWritten: true, consequences: plan.consequences, promotions: plan.promotions)
            try records.insert(try receipt?(saved))
            records.gym.write(plan, setting)
            try records.gym.requireTemplateNames()
            return saved
        }
    }

    func delete<Kind: RecordKind>(
        _ id: Identifier<Kind>, version: Int?, _ setting: RecordSetting, in scope: OrganizationScope
    ) async throws {
        try database.write(scope) { records in
            let draft = RecordDraft<Kind>.change(id, version: version) { _ in }
            let existing = records.gym.all(Kind.self)
            let known = records.known(for: [draft], existing, setting, isDeleting: true)
            let plan = RecordPlan([draft], existing: existing, known: known, setting)
            guard let record = try plan.outcomes.first?.record() else { throw SpotterError.notFound(Kind.noun) }
            let following = try RecordPlan.deletion(of: record, known: known, setting)
            records.gym.delete(id)
            for record in following.consequences { records.gym[record.id] = record }
            for booking in following.promotions { records.gym[booking.id] = booking }
        }
    }

    func find(
        _ handles: Set<RecordReference.Handle>, in scope: OrganizationScope
    ) async throws -> [RecordReference.Handle: [UUID]] {
        database.read(scope) { records in
            var found: [RecordReference.Handle: [UUID]] = [:]
            for handle in handles {
                let ids = records.gym.ids(of: handle)
                if !ids.isEmpty { found[handle] = ids }
            }
            return found
        }
    }

    func statusChanges<Kind: RecordKind>(
        of id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> [StatusChange] {
        database.read(scope) { $0.gym.statusChanges[id.uuid] ?? [] }
    }

    func changes(of id: SubscriptionID, in scope: OrganizationScope) async throws -> [SubscriptionChange] {
        database.read(scope) { $0.gym.subscriptionChanges[id] ?? [] }
    }
}

extension OrganizationRecords {
    /// What the rules of a kind have to know.
    fileprivate func known<Kind: RecordKind>(
        for drafts: [RecordDraft<Kind>], _ existing: [GymRecord<Kind>], _ setting: RecordSetting,
        isDeleting: Bool = false
    ) -> KnownRecords {
        var known = KnownRecords()
        for (target, ids) in RecordPlan.references(of: drafts, existing: existing, setting) {
            known.ids[target] =
                target == .conversation
                ? ids.filter { conversations[ConversationID($0)] != nil } : gym.ids(of: target, among: ids)
        }
        for gymClass in gym.all(GymClassKind.self) { known.classNames[gymClass.id.uuid] = gymClass.name }
        let isOfPerson = [ClientKind.prefix, LeadKind.prefix].contains(Kind.prefix)
        if [BookingKind.prefix, ClassSessionKind.prefix].contains(Kind.prefix) || (isOfPerson && isDeleting) {
            let bookings = Dictionary(grouping: gym.all(BookingKind.self), by: \.sessionId)
            for session in gym.all(ClassSessionKind.self) {
                known.rooms[session.id] = .init(session: session, bookings: bookings[session.id] ?? [])
            }
        }
        if [RefundKind.prefix, PaymentKind.prefix].contains(Kind.prefix) {
            let refunds = Dictionary(grouping: gym.all(RefundKind.self), by: \.paymentId)
            for payment in gym.all(PaymentKind.self) {
                known.payments[payment.id] = .init(payment: payment, refunds: refunds[payment.id] ?? [])
            }
        }
        return known
    }
}

extension GymShelf {
    /// Writes what a plan says, with the histories.
    fileprivate mutating func write<Kind: RecordKind>(_ plan: RecordPlan<Kind>, _ setting: RecordSetting) {
        for entry in plan.written {
            self[entry.record.id] = entry.record
            guard let subscription = entry.record as? Subscription else { continue }
            var changes = subscriptionChanges[subscription.id] ?? []
            let following = SubscriptionChange.following(changes.last, subscription, at: setting.now)
            if let end = following.end { changes[changes.count - 1].validUntil = end }
            subscriptionChanges[subscription.id] = changes + following.next
        }
        for booking in plan.promotions { self[booking.id] = booking }
        for (id, change) in plan.statusChanges { statusChanges[id.uuid, default: []].append(change) }
    }

    fileprivate func ids(of handle: RecordReference.Handle) -> [UUID] {
        switch handle {
        case .external(.staff, let text): external(StaffKind.self, text)
        case .external(.client, let text): external(ClientKind.self, text)
        case .external(.lead, let text): external(LeadKind.self, text)
        case .external(.gymClass, let text): external(GymClassKind.self, text)
        case .external(.session, let text): external(ClassSessionKind.self, text)
        case .external(.booking, let text): external(BookingKind.self, text)
        case .external(.plan, let text): external(MembershipPlanKind.self, text)
        case .external(.subscription, let text): external(SubscriptionKind.self, text)
        case .external(.payment, let text): external(PaymentKind.self, text)
        case .external(.conversation, _): []
        case .email(.staff, let text): email(StaffKind.self, text, \.email)
        case .email(.client, let text): email(ClientKind.self, text, \.email)
        case .email(.lead, let text): email(LeadKind.self, text, \.email)
        case .email: []
        }
    }

    private func external<Kind: RecordKind>(_ kind: Kind.Type, _ text: String) -> [UUID] {
        all(kind).filter { $0.externalId == text }.map(\.id.uuid)
    }

    private func email<Kind: RecordKind>(
        _ kind: Kind.Type, _ text: String, _ email: KeyPath<Kind.Fields, String?>
    ) -> [UUID] {
        all(kind).filter { $0.fields[keyPath: email]?.lowercased() == text.lowercased() }.map(\.id.uuid)
    }
}

extension RecordFilter {
    /// Whether a record passes.
    fileprivate func lets<Kind: RecordKind>(_ record: GymRecord<Kind>) throws -> Bool {
        let fields = try JSONValue(encoding: record.fields)
        func text(_ member: String) -> String? { fields[member]?.string }
        let parents = ["class_id", "session_id", "plan_id", "subscription_id", "payment_id"]
        let isSound: [Bool] = [
            externalId.map { $0 == record.externalId } ?? true,
            status.map { $0 == Self.status(of: fields) } ?? true,
            kind.map { wanted in
                ["kind", "source", "role", "category", "platform", "channel"].contains { text($0) == wanted }
            } ?? true,
            email.map { $0.lowercased() == text("email")?.lowercased() } ?? true,
            phone.map { FoldedText.digits($0) == FoldedText.digits(text("phone")) } ?? true,
            tag.map { fields["tags"]?.array?.contains(.string($0)) ?? false } ?? true,
            client.map { $0.description == text("client_id") } ?? true,
            lead.map { $0.description == text("lead_id") } ?? true,
            staff.map { [text("staff_id"), text("assigned_to")].contains($0.description) } ?? true,
            parent.map { id in
                Kind.references.contains { parents.contains($0.member) && text($0.member) == $0.text(of: id) }
            } ?? true,
            words.isEmpty || RecordWords.match(RecordWords.words(of: record.fields), words),
        ]
        return isSound.allSatisfy(\.self) && isInTime(record, fields)
    }

    private static func status(of fields: JSONValue) -> String? {
        if let isActive = fields["is_active"]?.bool { return isActive ? "active" : "inactive" }
        if let isCancelled = fields["is_cancelled"]?.bool { return isCancelled ? "cancelled" : "planned" }
        return fields["status"]?.string
    }

    private func isInTime<Kind: RecordKind>(_ record: GymRecord<Kind>, _ fields: JSONValue) -> Bool {
        let members = ["starts_at", "started_at", "paid_at", "refunded_at", "checked_in_at", "scheduled_at"]
        let day = fields["joined_on"]?.string.flatMap { Day($0) }
        let own = members.compactMap { fields[$0]?.string.flatMap(Timestamp.date) }.first
        let time = day?.start ?? own ?? record.createdAt
        return from.map { time >= $0 } ?? true && to.map { time < $0 } ?? true
    }
}
