import Foundation
public import SpotterDomain
import Synchronization

extension ExecutionControl {
    /// Takes somebody's vote on an approval of `execution`. When that settles it, the execution goes on; it is written in
    /// one transaction, so that of two who vote at once the second sees what the first has said.
    ///
    /// - Parameters:
    ///   - receipt: of the request that votes, if that has a key, with its answer.
    /// - Throws: `notFound`, and as `Approval.taking`.
    public func decide(
        _ id: ApprovalID, of execution: ExecutionID, _ vote: ApprovalVote, receipt: Receipt? = nil,
        answer: @escaping @Sendable (Approval) throws -> Receipt.Response = { _ in .init(status: 200, body: []) },
        in scope: OrganizationScope
    ) async throws -> Approval {
        let result = Mutex<Approval?>(nil)
        let receipt = receipt.map { receipt in
            ExecutionReceipt(receipt) { _ in
                guard let approval = result.withLock({ $0 }) else { throw SpotterError.notFound("approval") }
                return try answer(approval)
            }
        }
        _ = try await change(execution, receipt: receipt, in: scope) { journal, now in
            guard let step = journal.steps.first(where: { $0.id == StepID(id.uuid) }),
                let asked = Approval(step, of: execution)
            else { throw SpotterError.notFound("approval") }
            let approval = try asked.taking(vote, at: now)
            result.withLock { $0 = approval }
            return try journal.change(by: [(step, approval, .approvalDecided)])
        }
        guard let approval = result.withLock({ $0 }) else { throw SpotterError.notFound("approval") }
        return approval
    }

    /// Does with an execution's approvals what is due: those who may decide are told again, others are asked, too, and
    /// what nobody has decided in time ends. Returns the execution as it is then.
    func turnApprovals(of id: ExecutionID, at now: Date, in scope: OrganizationScope) async throws -> Execution {
        let turned = Mutex<[(Approval, EventType)]>([])
        let execution = try await change(id, receipt: nil, in: scope) { journal, _ in
            let due = journal.steps.filter { $0.state == .waiting }.compactMap { step in
                Approval(step, of: id)?.turn(at: now).map { (step, $0.0, $0.1) }
            }
            turned.withLock { $0 = due.map { ($0.1, $0.2) } }
            return due.isEmpty ? nil : try journal.change(by: due)
        }
        for (approval, type) in turned.withLock({ $0 }) where approval.state == .pending {
            await onApproval(approval, type, scope)
        }
        return execution
    }
}

extension Journal {
    /// What is written of approvals; an execution that waited for one that is settled goes on.
    fileprivate func change(by approvals: [(Step, Approval, EventType)]) throws -> ExecutionChange {
        var execution = execution
        let settled = approvals.filter { $0.1.state != .pending }
        if !settled.isEmpty, execution.state == .waiting {
            execution.state = .queued
            execution.wakeAt = nil
        }
        let ends = settled.map { step, approval, _ in
            EventDraft(
                approval.state == .expired ? .stepFailed : .stepCompleted, execution: execution.id,
                data: ["step": .string(step.name)])
        }
        return ExecutionChange(
            execution: execution, steps: try approvals.map { try $0.1.entered(in: $0.0) },
            events: approvals.map { $0.1.event($0.2) } + ends)
    }
}
