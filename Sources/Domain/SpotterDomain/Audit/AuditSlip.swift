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

    /// The slip of the present task.
    @TaskLocal public static var current: AuditSlip?

    /// A slip that nothing has been written of yet.
    public init(_ draft: AuditDraft) { state = Mutex(State(draft: draft)) }

    /// What is to be written with a change in this organisation; nil where that has been done.
    public func draft(in organization: OrganizationID) -> AuditDraft? {
        state.withLock { $0.kept.contains(organization) ? nil : $0.draft }
    }

    /// Notes that the entry is written and committed.
    public func wasKept(in organization: OrganizationID) {
        state.withLock { _ = $0.kept.insert(organization) }
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
