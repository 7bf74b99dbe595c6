import Foundation
import PostgresKit
import SpotterDomain

/// Deletes a record in one transaction: reads and locks it and what the rules have to know of it, lets them decide, and
/// writes what follows.
struct RecordDeletion<Kind: RecordKind>: Sendable {
    private let id: Identifier<Kind>
    private let setting: RecordSetting
    private let table: RecordTable
    private let draft: RecordDraft<Kind>
    private let reader: RecordBatchWriter<Kind>

    init(id: Identifier<Kind>, version: Int?, setting: RecordSetting) throws {
        self.id = id
        self.setting = setting
        table = try RecordTable.of(Kind.self)
        // A change of nothing: it says whether there is such a record, of this version.
        draft = .change(id, version: version) { _ in }
        reader = try RecordBatchWriter(drafts: [draft], setting: setting, isAtomic: true)
    }

    func run(_ transaction: Transaction) async throws {
        let sessions = try await lockSessions(transaction)
        var (existing, known) = try await reader.read(transaction)
        let plan = RecordPlan([draft], existing: existing, known: known, setting)
        guard let record = try plan.outcomes.first?.record() else { throw SpotterError.notFound(Kind.noun) }
        if isOfPerson { known.rooms = try await rooms(sessions, transaction) }
        let following = try RecordPlan.deletion(of: record, known: known, setting)
        var statements = [Statement(table.delete, id.uuid)]
        if let kind = table.wordKind { statements.append(RecordWordsSQL.forget(kind, id.uuid)) }
        if !following.consequences.isEmpty {
            statements.append(try RecordBatchWriter.save(following.consequences, table))
        }
        if !following.promotions.isEmpty {
            statements.append(try RecordBatchWriter<Kind>.save(promoted: following.promotions))
        }
        _ = try await transaction.batch(statements)
    }

    // MARK: The places of people

    private var isOfPerson: Bool { Kind.prefix == ClientKind.prefix || Kind.prefix == LeadKind.prefix }

    /// The sessions in which somebody's places become free. Whoever books locks the session before the person, and so
    /// is done here.
    private func lockSessions(_ transaction: Transaction) async throws -> [UUID] {
        guard isOfPerson else { return [] }
        let rows = try await transaction.query(
            RecordReferencesSQL.lockSessions(bookedBy: [id.uuid], after: setting.now))
        return try rows.decoded { try $0.get(0) }
    }

    /// - Throws: `RecordOvertaken` where another session was booked before the person was locked.
    private func rooms(
        _ sessions: [UUID], _ transaction: Transaction
    ) async throws -> [ClassSessionID: KnownRecords.Room] {
        let rows = try await transaction.batch([
            RecordReferencesSQL.sessions(bookedBy: [id.uuid], after: setting.now),
            RecordReferencesSQL.sessions(sessions), RecordReferencesSQL.bookings(of: sessions),
        ])
        let booked = Set(try rows[0].decoded { try $0.get(0, as: UUID.self) })
        guard booked.isSubset(of: sessions) else { throw RecordOvertaken(constraint: "", noun: Kind.noun) }
        return try RecordReferencesSQL.rooms(rows[1], rows[2])
    }
}
