import Foundation
import SpotterDomain

extension StoreConformance {
    /// How approvals are found, whatever has become of them.
    static let approvals: [StoreBehaviour] = [
        StoreBehaviour("an approval is found as it was asked, and as it was decided") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let asked = try await gym.askedApproval("Send it?")
            let found = try await stores.approvals.approval(asked.id, in: gym.scope)
            try requireEqual(found, asked)
            try requireEqual(found.state, .pending)
            try requireEqual(found.arguments, ["to": "ana@gym.test", "text": "Hello"])
            let decided = try await gym.settle(asked, gym.vote(true, subject: "ana", comment: "Fine."))
            let after = try await stores.approvals.approval(asked.id, in: gym.scope)
            try requireEqual(after, decided)
            try requireEqual(after.state, .approved)
            try requireEqual(after.decisions.map(\.comment), ["Fine."])
            try await requireError(.notFound) { try await stores.approvals.approval(gym.id(), in: gym.scope) }
        },
        StoreBehaviour("what was said before an approval is settled is kept with it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let asked = try await gym.askedApproval(terms: ApprovalTerms(mode: .quorum(2)))
            _ = try await gym.settle(asked, gym.vote(true))
            let half = try await stores.approvals.approval(asked.id, in: gym.scope)
            try requireEqual(half.state, .pending)
            try requireEqual(half.decisions.count, 1)
            _ = try await gym.settle(asked, gym.vote(true))
            let whole = try await stores.approvals.approval(asked.id, in: gym.scope)
            try requireEqual(whole.state, .approved)
            try requireEqual(whole.decisions.count, 2)
        },
        StoreBehaviour("approvals are listed newest first, by state and by execution, page by page") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var all: [Approval] = []
            for number in 0..<5 { all.append(try await gym.askedApproval("\(number)")) }
            _ = try await gym.settle(all[0], gym.vote(true))
            _ = try await gym.settle(all[1], gym.vote(false))
            _ = try await gym.cancel(all[2].execution)
            let newest = all.map(\.id).sorted(by: >)
            func list(_ filter: ApprovalFilter, limit: Int = 50, after: Cursor? = nil) async throws -> Page<Approval> {
                try await stores.approvals.list(filter, PageRequest(limit: limit, after: after), in: gym.scope)
            }
            try requireEqual(try await list(ApprovalFilter()).items.map(\.id), newest)
            let pending = newest.filter { [all[3].id, all[4].id].contains($0) }
            try requireEqual(try await list(ApprovalFilter(state: .pending)).items.map(\.id), pending)
            try requireEqual(try await list(ApprovalFilter(state: .approved)).items.map(\.id), [all[0].id])
            try requireEqual(try await list(ApprovalFilter(state: .rejected)).items.map(\.id), [all[1].id])
            try requireEqual(try await list(ApprovalFilter(state: .expired)).items.map(\.id), [all[2].id])
            let own = ApprovalFilter(execution: all[1].execution)
            try requireEqual(try await list(own).items.map(\.id), [all[1].id])
            let other = ApprovalFilter(state: .pending, execution: all[1].execution)
            try requireEqual(try await list(other).items.count, 0)
            let first = try await list(ApprovalFilter(), limit: 3)
            let second = try await list(ApprovalFilter(), limit: 3, after: first.next)
            try requireEqual((first.items + second.items).map(\.id), newest)
            try require(second.next == nil)
            let one = try await list(ApprovalFilter(state: .pending), limit: 1)
            let two = try await list(ApprovalFilter(state: .pending), limit: 1, after: one.next)
            try requireEqual((one.items + two.items).map(\.id), pending)
        },
        StoreBehaviour("no organisation finds another's approvals") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let asked = try await gym.askedApproval()
            try await requireError(.notFound) { try await stores.approvals.approval(asked.id, in: other.scope) }
            let listed = try await stores.approvals.list(ApprovalFilter(), PageRequest(limit: 10), in: other.scope)
            try requireEqual(listed.items.count, 0)
            let own = ApprovalFilter(execution: asked.execution)
            try requireEqual(
                try await stores.approvals.list(own, PageRequest(limit: 10), in: other.scope).items.count, 0)
        },
    ]
}

extension TestOrganization {
    /// Takes a vote as the engine does: under the lock of the execution.
    fileprivate func settle(_ approval: Approval, _ vote: ApprovalVote) async throws -> Approval {
        _ = try await stores.executions.change(approval.execution, at: Self.start, in: scope) { journal in
            guard let step = journal.steps.first(where: { $0.id == approval.step }),
                let stored = Approval(step, of: approval.execution)
            else { return nil }
            let decided = try stored.taking(vote, at: Self.start)
            return ExecutionChange(execution: journal.execution, steps: [try decided.entered(in: step)])
        }
        return try await stores.approvals.approval(approval.id, in: scope)
    }

    fileprivate func cancel(_ run: ExecutionID) async throws -> Execution {
        try await stores.executions.change(run, at: Self.start, in: scope) { $0.cancellation(at: Self.start) }
    }
}
