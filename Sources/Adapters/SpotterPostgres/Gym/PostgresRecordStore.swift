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
        guard let record = try await door.read(scope, statement).firstDecoded({ try RecordRow.record($0, as: Kind.self) })
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
        for _ in 1..<Self.attempts {
            do {
                return try await door.transaction(scope) { try await batch.run($0, receipt) }
            } catch is RecordOvertaken {
                // Somebody has just taken an external id or a place that was free: look again.
                continue
            }
        }
        do {
            return try await door.transaction(scope) { try await batch.run($0, receipt) }
        } catch let error as RecordOvertaken {
            throw error.conflict
        }
    }

    func delete<Kind: RecordKind>(
        _ id: Identifier<Kind>, version: Int?, _ setting: RecordSetting, in scope: OrganizationScope
    ) async throws {
        let table = try RecordTable.of(Kind.self)
        try await door.transaction(scope) { transaction in
            let draft = RecordDraft<Kind>.change(id, version: version) { _ in }
            let writer = try RecordBatchWriter(drafts: [draft], setting: setting, isAtomic: true)
            let (existing, known) = try await writer.read(transaction)
            // A change of nothing: it says whether there is such a record, of this version.
            let plan = RecordPlan([draft], existing: existing, known: known, setting)
            guard let record = try plan.outcomes.first?.record() else { throw SpotterError.notFound(Kind.noun) }
            let consequences = RecordPlan.consequences(ofDeleting: record, known: known, setting)
            var statements = [Statement(table.delete, id.uuid)]
            if let kind = table.wordKind { statements.append(RecordWordsSQL.forget(kind, id.uuid)) }
            if !consequences.isEmpty {
                statements.append(Statement(table.save, PostgresValue.document(.array(try consequences.map { try RecordRow.row(of: $0) }))))
            }
            _ = try await transaction.batch(statements)
        }
    }
}

/// Another transaction has just written what this one was about to: a unique constraint says so.
struct RecordOvertaken: Error {
    /// The constraint.
    let constraint: String

    /// What is said when it happens again and again.
    var conflict: SpotterError {
        SpotterError(.conflict, "There is already such a record.")
    }
}
