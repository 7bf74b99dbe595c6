public import Foundation

/// Where the gym's records are kept, of every kind.
///
/// Whoever writes gives a ``RecordSetting`` and drafts; the store reads and locks what they mean and refer to, has
/// ``RecordPlan`` decide, and writes all of it in one transaction: the records, the words that they are found by, the
/// steps of statuses, and the history of subscriptions.
public protocol RecordStore: Sendable {
    /// Throws `notFound`.
    func record<Kind: RecordKind>(
        _ id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> GymRecord<Kind>
    /// The records that a filter lets pass, newest first.
    func list<Kind: RecordKind>(
        _ kind: Kind.Type, _ filter: RecordFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<GymRecord<Kind>>
    /// Writes drafts: all that can be, or with `atomic` all or none.
    ///
    /// - Parameter receipt: makes the receipt of the request from what there is to answer; asked only if something is
    ///   written or nothing had to be. Throws `ReceiptExists`.
    func save<Kind: RecordKind>(
        _ drafts: [RecordDraft<Kind>], _ setting: RecordSetting, atomic: Bool,
        receipt: (@Sendable (SavedRecords<Kind>) throws -> Receipt?)?, in scope: OrganizationScope
    ) async throws -> SavedRecords<Kind>
    /// Deletes a record, and what hangs on it; with `version`, only if that is the current one. Throws `notFound` or
    /// `preconditionFailed`.
    func delete<Kind: RecordKind>(
        _ id: Identifier<Kind>, version: Int?, _ setting: RecordSetting, in scope: OrganizationScope
    ) async throws
    /// The records that are told by something else than their ids; at most two of a handle, which is enough to know
    /// that there are several.
    func find(
        _ handles: Set<RecordReference.Handle>, in scope: OrganizationScope
    ) async throws -> [RecordReference.Handle: [UUID]]
    /// The steps of a member's or a lead's status, in their order; none of any other kind, or of what is not there.
    func statusChanges<Kind: RecordKind>(
        of id: Identifier<Kind>, in scope: OrganizationScope
    ) async throws -> [StatusChange]
    /// What a subscription was from when until when, in order; empty where there is none.
    func changes(of id: SubscriptionID, in scope: OrganizationScope) async throws -> [SubscriptionChange]
}

extension RecordStore {
    /// Writes one new record.
    public func create<Kind: RecordKind>(
        _ id: Identifier<Kind>, _ fields: Kind.Fields, externalId: String? = nil, _ setting: RecordSetting,
        in scope: OrganizationScope
    ) async throws -> GymRecord<Kind> {
        try await save(.new(id, fields, externalId: externalId), setting, in: scope)
    }

    /// Changes one record.
    public func update<Kind: RecordKind>(
        _ id: Identifier<Kind>, version: Int? = nil, _ setting: RecordSetting, in scope: OrganizationScope,
        _ edit: @escaping @Sendable (inout GymRecord<Kind>) throws -> Void
    ) async throws -> GymRecord<Kind> {
        try await save(.change(id, version: version, edit), setting, in: scope)
    }

    /// Writes one draft.
    ///
    /// - Returns: the record as it is then.
    /// - Throws: why it is refused.
    public func save<Kind: RecordKind>(
        _ draft: RecordDraft<Kind>, _ setting: RecordSetting, in scope: OrganizationScope
    ) async throws -> GymRecord<Kind> {
        let report = try await save([draft], setting, atomic: true, receipt: nil, in: scope)
        guard let outcome = report.outcomes.first else { throw SpotterError.notFound(Kind.noun) }
        return try outcome.record()
    }
}
