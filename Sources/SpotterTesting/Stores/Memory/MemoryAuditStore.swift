import Foundation
import SpotterDomain

/// The audit log in memory: what it is told by hand. Nothing in memory is sealed, and writes do not tell it of themselves.
struct MemoryAuditStore: AuditStore {
    let database: MemoryDatabase

    func note(_ draft: AuditDraft, in scope: OrganizationScope) async throws {
        let now = database.clock.now()
        try database.write(scope) { records in
            guard records.audit[draft.id] == nil else { return }
            records.audit[draft.id] = AuditEntry(draft, at: now)
        }
    }

    func list(
        _ filter: AuditFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<AuditEntry> {
        database.read(scope) { records in
            newestFirst(records.audit.values.filter { $0.passes(filter) }, page, id: \.id)
        }
    }
}

extension AuditEntry {
    fileprivate func passes(_ filter: AuditFilter) -> Bool {
        if let wanted = filter.actor, actor.id != wanted, actor.kind.rawValue != wanted { return false }
        if let wanted = filter.action, action != wanted { return false }
        if let wanted = filter.resource, resourceId != wanted { return false }
        if let from = filter.from, at < from { return false }
        if let until = filter.until, at >= until { return false }
        guard let search = filter.search?.lowercased() else { return true }
        let words = [action, actor.id, resourceId, requestId].compactMap { $0 } + fields
        return words.joined(separator: " ").lowercased().contains(search)
    }
}
