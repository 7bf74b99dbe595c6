import Foundation
import Synchronization

/// Goes with a task that acts for somebody, and becomes an entry of the audit log with the first transaction in which that
/// task changes anything.
///
/// Whoever lets a task act puts a slip into `current`: the pipeline of requests, the command line. The stores' one door
/// to the database appends the entry to the transaction of the write, so that both are committed or neither is. Nobody
/// in between has to remember it. A request that changes nothing, is refused or is rolled back leaves no entry.
public final class AuditSlip: Sendable {
    private struct State {
        var draft: AuditDraft
        var kept: Set<OrganizationID> = []
    }

    private let state: Mutex<State>
    /// Of a slip for several acts that are written together.
    private let others: [AuditSlip]

    /// The slip of the present task.
    @TaskLocal public static var current: AuditSlip?

    /// A slip that nothing has been written of yet.
    public convenience init(_ draft: AuditDraft) { self.init(draft, others: []) }

    private init(_ draft: AuditDraft, others: [AuditSlip]) {
        state = Mutex(State(draft: draft))
        self.others = others
    }

    /// One slip for several acts of different people that one transaction does: each becomes an entry of its own.
    ///
    /// - Returns: nil where there is none.
    public static func together(_ slips: [AuditSlip]) -> AuditSlip? {
        guard let first = slips.first, slips.count > 1 else { return slips.first }
        return AuditSlip(first.state.withLock(\.draft), others: slips)
    }

    /// What is to be written with a change in this organisation; nothing where that has been done.
    public func drafts(in organization: OrganizationID) -> [AuditDraft] {
        guard others.isEmpty else { return others.flatMap { $0.drafts(in: organization) } }
        return state.withLock { $0.kept.contains(organization) ? [] : [$0.draft] }
    }

    /// Notes that the entries are written and committed.
    public func wasKept(in organization: OrganizationID) {
        state.withLock { _ = $0.kept.insert(organization) }
        for other in others { other.wasKept(in: organization) }
    }

    /// Names what is acted on, where that is not known yet: the first id that is made belongs to what is being made.
    func noteMade<Kind>(_ id: Identifier<Kind>) {
        state.withLock { state in
            guard state.kept.isEmpty, state.draft.resource == nil else { return }
            state.draft.resource = id.description
        }
    }

    /// Names who acts and on what, where only the message itself says so, such as a signed link.
    public func note(_ actor: AuditActor, on resource: String) {
        state.withLock { state in
            guard state.kept.isEmpty else { return }
            state.draft.actor = actor
            state.draft.resource = resource
        }
    }

    /// Names what is acted on, where it has a name and no id.
    public func note(resource: String) {
        state.withLock { state in
            guard state.kept.isEmpty, state.draft.resource == nil else { return }
            state.draft.resource = resource
        }
    }

    /// Names the fields that are given.
    public func note(fields: [String]) {
        state.withLock { state in
            guard state.draft.fields.isEmpty else { return }
            state.draft.fields = fields.prefix(AuditDraft.mostFields).map { name in
                String(name.prefix(AuditDraft.longestField))
            }
        }
    }
}
