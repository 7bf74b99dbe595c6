import Foundation
public import SpotterDomain
import SpotterTokens

extension TestOrganization {
    /// What people may be asked: whether a message goes out.
    public func order(_ message: String = "May it go out?", terms: ApprovalTerms = ApprovalTerms()) -> ApprovalOrder {
        let call = ToolCall(
            id: "call-\(word())", name: "send_mail", arguments: ["to": "ana@gym.test", "text": "Hello"])
        return ApprovalOrder(message: message, call: call, terms: terms)
    }

    /// Stores an execution that waits for people to decide; nobody takes it up.
    public func askedApproval(
        _ message: String = "May it go out?",
        terms: ApprovalTerms = ApprovalTerms(approvers: [.role(.owner), .role(.admin), .role(.operator)])
    ) async throws -> Approval {
        let order = order(message, terms: terms)
        let run = work()
        let step = Step(
            id: id(), index: 0, name: "approve send_mail", kind: .approval, state: .waiting, attempt: 0,
            input: try order.input(hash: SHA256Digest().hex(order.content), at: Self.start.addingTimeInterval(1e9)),
            startedAt: Self.start)
        _ = try await stores.executions.enqueue([run], receipt: nil, in: scope)
        _ = try await stores.executions.change(run.id, at: Self.start, in: scope) { journal in
            var execution = journal.execution
            execution.state = .waiting
            return ExecutionChange(execution: execution, steps: [step])
        }
        guard let approval = Approval(step, of: run.id) else {
            throw SpotterError(.internal, "What was just asked cannot be read.")
        }
        return approval
    }

    /// A vote of somebody with a token of their own.
    public func vote(
        _ approved: Bool = true, as role: Role = .owner, subject: String? = nil, token: TokenID? = nil,
        comment: String? = nil, hash: String? = nil
    ) -> ApprovalVote {
        ApprovalVote(
            approved: approved, comment: comment, argumentsHash: hash,
            by: Caller(
                token: token ?? id(), subject: subject ?? word(), role: role, permissions: role.permissions,
                scope: scope))
    }
}
