import Foundation
import PostgresKit
import SpotterDomain

/// The gym's records in PostgreSQL, of every kind.
struct PostgresRecordStore: RecordStore {
    let door: StoreDoor

    func record<Kind: RecordKind>(
        _ id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> GymRecord<Kind> {
        let statement = Statement(try RecordTable.of(Kind.self).one, id.uuid)
        guard
            let record = try await door.read(scope, statement).firstDecoded({ try RecordRow.record($0, as: Kind.self) })
        else { throw SpotterError.notFound(Kind.noun) }
        return record
    }

    func list<Kind: RecordKind>(
        _ kind: Kind.Type, _ filter: RecordFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<GymRecord<Kind>> {
        let statement = try RecordTable.of(Kind.self).list(filter, page)
        let records = try await door.read(scope, statement).decoded { try RecordRow.record($0, as: Kind.self) }
        return Page(fetched: records, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func find(
        _ handles: Set<RecordReference.Handle>, in scope: OrganizationScope
    ) async throws -> [RecordReference.Handle: [UUID]] {
        guard !handles.isEmpty else { return [:] }
        return try await RecordFinder.find(handles, scope, door)
    }

    func statusChanges<Kind: RecordKind>(
        of id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> [StatusChange] {
        let statement = Statement(
            """
            SELECT from_status, to_status, reason, changed_by, changed_at FROM spotter.status_changes
            WHERE (client_id = $1 AND $2) OR (lead_id = $1 AND $3)
            ORDER BY changed_at, from_status NULLS FIRST
            """, id.uuid, Kind.prefix == ClientKind.prefix, Kind.prefix == LeadKind.prefix)
        return try await door.read(scope, statement).decoded { row in
            StatusChange(
                fromStatus: try row.get(0), toStatus: try row.get(1), reason: try row.get(2),
                changedBy: try row.get(3), changedAt: try row.get(4))
        }
    }

    func changes(of id: SubscriptionID, in scope: OrganizationScope) async throws -> [SubscriptionChange] {
        let statement = Statement(
            """
            SELECT subscription_id, client_id, plan_id, status, trim_scale(monthly_amount)::text, currency, valid_from,
                valid_until
            FROM spotter.subscription_changes WHERE subscription_id = $1 ORDER BY valid_from, valid_until NULLS LAST
            """, id.uuid)
        return try await door.read(scope, statement).decoded(SubscriptionChange.init)
    }
}

// MARK: Writing

extension PostgresRecordStore {
    /// How often a batch is tried again that another one has overtaken.
    private static let attempts = 3

    func save<Kind: RecordKind>(
        _ drafts: [RecordDraft<Kind>], _ setting: RecordSetting, atomic: Bool,
        receipt: (@Sendable (SavedRecords<Kind>) throws -> Receipt?)?, in scope: OrganizationScope
    ) async throws -> SavedRecords<Kind> {
        guard !drafts.isEmpty else { return SavedRecords(outcomes: [], isWritten: true) }
        let batch = try RecordBatchWriter(drafts: drafts, setting: setting, isAtomic: atomic)
        return try await retried(scope) { try await batch.run($0, receipt) }
    }

    func delete<Kind: RecordKind>(
        _ id: Identifier<Kind>, version: Int?, _ setting: RecordSetting, in scope: OrganizationScope
    ) async throws {
        let deletion = try RecordDeletion(id: id, version: version, setting: setting)
        try await retried(scope) { try await deletion.run($0) }
    }

    /// Looks again where somebody else was quicker: has just taken an external id or a place that was free.
    private func retried<Value: Sendable>(
        _ scope: OrganizationScope, _ work: (Transaction) async throws -> Value
    ) async throws -> Value {
        for _ in 1..<Self.attempts {
            do { return try await door.transaction(scope, work) } catch is RecordOvertaken { continue }
        }
        do {
            return try await door.transaction(scope, work)
        } catch let error as RecordOvertaken {
            throw error.conflict
        }
    }
}

/// Another transaction has just written what this one was about to, as a unique constraint says, or what it should have
/// locked.
struct RecordOvertaken: Error {
    /// The constraint; empty where it is none.
    let constraint: String
    /// What people call such a record.
    let noun: String

    /// What is said when it happens again and again.
    var conflict: SpotterError {
        guard !constraint.isEmpty else {
            return SpotterError(.conflict, "This \(noun) is being booked for just now: try again.")
        }
        guard constraint.hasSuffix("_external_key") else {
            return SpotterError(.conflict, "There is already such a record.")
        }
        return SpotterError.externalIdTaken(noun)
    }
}
