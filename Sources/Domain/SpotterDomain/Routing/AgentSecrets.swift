public import Foundation

/// The secrets that requests to external agents are signed with, and what follows from them.
public protocol AgentSecrets: Sendable {
    /// Makes a new secret in place of the one there was. What is returned is shown once and kept sealed.
    func renew(for agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> String
    /// The signature of a request, as Standard Webhooks 1.0 has it; nil where the agent has no secret.
    func signature(
        of body: [UInt8], id: String, timestamp: Int, for agent: AgentID, in scope: OrganizationScope
    ) throws -> String?
    /// What whoever answers a call later shows; nil where the agent has no secret.
    func answerToken(for call: ExecutionID, of agent: AgentID, in scope: OrganizationScope) throws -> String?
}

extension SecretName {
    /// What requests to an agent are signed with.
    public static func agent(_ id: AgentID) -> SecretName? { SecretName("agent:\(id)") }
}

extension Execution {
    /// The step of a call that waits for an answer that comes later.
    public static let lateAnswerStep = "answer"
}
