import Foundation

/// Takes in rows from outside, which name their records by external ids or ids: for bulk upserts and for imports.
public struct RecordIntake<Kind: RecordKind>: Sendable {
    private let store: any RecordStore
    private let ids: any IDGenerator

    /// The most rows at a time.
    public static var largestBatch: Int { 1_000 }

    /// Takes rows into a store.
    public init(_ store: any RecordStore, ids: any IDGenerator) {
        self.store = store
        self.ids = ids
    }

    /// Writes rows: by an id merge patches of records there are, by an external id these or new ones. Doing it again
    /// changes nothing.
    ///
    /// - Parameters:
    ///   - isAtomic: all or none.
    ///   - isRehearsal: nothing is written, and the answer says what would be.
    public func upsert(
        _ rows: [JSONValue], _ setting: RecordSetting, isAtomic: Bool = false, isRehearsal: Bool = false,
        in scope: OrganizationScope
    ) async throws -> SavedRecords<Kind> {
        let schema = RecordSchemas.of(Kind.self).row
        var outcomes = [RecordOutcome<Kind>?](repeating: nil, count: rows.count)
        var sound: [(index: Int, row: JSONObject)] = []
        for (index, row) in rows.enumerated() {
            let issues = schema.issues(in: row)
            if issues.isEmpty, let row = row.object {
                sound.append((index, row))
            } else {
                outcomes[index] = .refused(.invalid(issues))
            }
        }
        let found = try await store.find(handles(of: sound.map(\.row)), in: scope)
        var drafts: [(index: Int, draft: RecordDraft<Kind>)] = []
        for (index, row) in sound {
            do {
                drafts.append((index, try draft(of: row, found, setting)))
            } catch let error as SpotterError {
                outcomes[index] = .refused(error)
            }
        }
        let spoiler = isRehearsal || (isAtomic && outcomes.contains { $0 != nil })
        var batch = drafts.map(\.draft)
        // All or none, and one that cannot be: nothing is written, and everything is looked at.
        if spoiler { batch.append(RecordDraft(.new, newID: ids.id(at: setting.now)) { _ in throw Spoiler.error }) }
        let saved = try await store.save(batch, setting, atomic: isAtomic || spoiler, receipt: nil, in: scope)
        for ((index, draft), outcome) in zip(drafts, saved.outcomes) { outcomes[index] = Self.told(outcome, draft) }
        return SavedRecords(
            outcomes: outcomes.compactMap(\.self), isWritten: saved.isWritten, consequences: saved.consequences,
            promotions: saved.promotions)
    }

    /// Of a row whose id nothing has, the error says which member is at fault.
    private static func told(_ outcome: RecordOutcome<Kind>, _ draft: RecordDraft<Kind>) -> RecordOutcome<Kind> {
        guard case .id = draft.target, case .refused(let error) = outcome, error.code == .notFound else {
            return outcome
        }
        return .refused(.invalid("/id", "is of no \(Kind.noun) of this organisation"))
    }

    private func handles(of rows: [JSONObject]) -> Set<RecordReference.Handle> {
        var handles: Set<RecordReference.Handle> = []
        for row in rows {
            for reference in Kind.references {
                if let member = reference.externalMember, let text = row[member]?.string {
                    handles.insert(.external(reference.target, text))
                }
                if let member = reference.emailMember, let text = row[member]?.string {
                    handles.insert(.email(reference.target, text))
                }
            }
        }
        return handles
    }

    private func draft(
        of row: JSONObject, _ found: [RecordReference.Handle: [UUID]], _ setting: RecordSetting
    ) throws -> RecordDraft<Kind> {
        var row = row
        let external = row["external_id"]?.string
        let target: RecordDraft<Kind>.Target
        if let text = row["id"]?.string {
            guard let id = Identifier<Kind>(text) else {
                throw SpotterError.invalid("/id", "must be the id of a \(Kind.noun), which begins with \(Kind.prefix)_")
            }
            target = .id(id, version: nil)
        } else if let external {
            target = .external(external)
        } else {
            throw SpotterError.invalid("/external_id", "is required where there is no id")
        }
        for reference in Kind.references {
            var ways: [(member: String, handle: RecordReference.Handle)] = []
            if let member = reference.externalMember, let text = row[member]?.string {
                ways.append((member, .external(reference.target, text)))
            }
            if let member = reference.emailMember, let text = row[member]?.string {
                ways.append((member, .email(reference.target, text)))
            }
            for (member, handle) in ways {
                row[member] = nil
                let matches = found[handle] ?? []
                let noun = reference.target.noun
                guard let id = matches.first else {
                    throw SpotterError.invalid("/\(member)", "names no \(noun) of this organisation")
                }
                guard matches.count == 1 else {
                    throw SpotterError.invalid("/\(member)", "names more than one \(noun): use its external id")
                }
                // Two ways to say it have to say the same.
                let text = reference.text(of: id)
                if let other = row[reference.member]?.string, other != text {
                    throw SpotterError.invalid("/\(member)", "names another \(noun) than the rest of the row")
                }
                row[reference.member] = .string(text)
            }
        }
        let id: Identifier<Kind> = ids.id(at: setting.now)
        return .row(row, target, externalId: external, newID: id, setting)
    }
}

/// Why a batch is not written that only was to be looked at.
private enum Spoiler {
    static let error = SpotterError(.cancelled, "Nothing is to be written.")
}
