import Foundation
import SpotterDomain

/// An approval as the API shows it.
struct ApprovalResource: Codable, Sendable {
    let id: ApprovalID
    let executionId: ExecutionID
    let message: String
    let tool: String?
    let arguments: JSONValue?
    let argumentsHash: String
    let approvers: [Approver]
    let mode: ApprovalMode
    let state: Approval.State
    let onTimeout: Approval.Timeout
    let createdAt: Date
    let expiresAt: Date?
    let remindAt: Date?
    let escalation: Approval.Escalation?
    let decidedAt: Date?
    let decisions: [Decision]

    /// What somebody said.
    struct Decision: Codable, Sendable {
        let approved: Bool
        let comment: String?
        let tokenId: TokenID
        let subject: String
        let role: Role
        let at: Date
    }

    init(_ approval: Approval) {
        id = approval.id
        executionId = approval.execution
        message = approval.message
        tool = approval.tool
        arguments = approval.arguments
        argumentsHash = approval.argumentsHash
        approvers = approval.approvers
        mode = approval.mode
        state = approval.state
        onTimeout = approval.onTimeout
        createdAt = approval.createdAt
        expiresAt = approval.expiresAt
        remindAt = approval.remindAt
        escalation = approval.escalation
        decidedAt = approval.decidedAt
        decisions = approval.decisions.map { decision in
            Decision(
                approved: decision.approved, comment: decision.comment, tokenId: decision.token,
                subject: decision.subject, role: decision.role, at: decision.at)
        }
    }
}
