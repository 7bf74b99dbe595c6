import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension SpotterProduct {
    func approvals(_ filter: ApprovalFilter, organization: String, limit: Int) async throws -> [Approval] {
        try await withScope(organization) { application, scope in
            var found: [Approval] = []
            var after: Cursor?
            repeat {
                let page = try await application.stores.approvals.list(
                    filter, PageRequest(limit: min(limit - found.count, 200), after: after), in: scope)
                found += page.items
                after = page.next
            } while after != nil && found.count < limit
            return found
        }
    }

    func approval(_ id: ApprovalID, organization: String) async throws -> Approval {
        try await withScope(organization) { application, scope in
            try await application.stores.approvals.approval(id, in: scope)
        }
    }

    func decide(_ decision: ConsoleDecision, on id: ApprovalID, organization: String) async throws -> Approval {
        try await withScope(organization) { application, scope in
            try await application.decide(decision, on: id, in: scope)
        }
    }
}

extension Application {
    /// Whoever is at the console reaches the database and could issue a token of any role; the vote is theirs by name, so
    /// that one person has one here, too. Workers that are running hear of it as of any other.
    func decide(
        _ decision: ConsoleDecision, on id: ApprovalID, in scope: OrganizationScope
    ) async throws -> Approval {
        let asked = try await stores.approvals.approval(id, in: scope)
        let caller = Caller(
            token: ids.id(at: clock.now()), subject: "console \(NSUserName())", role: decision.role,
            permissions: decision.role.permissions, scope: scope)
        let vote = ApprovalVote(
            approved: decision.approved, comment: decision.comment, argumentsHash: decision.argumentsHash, by: caller)
        return try await workforce.control.decide(id, of: asked.execution, vote, in: scope)
    }
}
