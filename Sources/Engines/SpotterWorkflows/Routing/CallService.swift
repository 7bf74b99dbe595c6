public import Foundation
public import SpotterDomain
public import SpotterEngine

/// Begins calls of agents for those who ask by the API.
public struct CallService: Sendable {
    private let executions: any ExecutionStore
    private let control: ExecutionControl
    private let agents: any AgentStore
    private let routing: any RoutingStore
    private let secrets: any AgentSecrets
    private let ids: any IDGenerator
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameter onStart: tells those who work that there is something to do.
    public init(
        executions: any ExecutionStore, control: ExecutionControl, agents: any AgentStore, routing: any RoutingStore,
        secrets: any AgentSecrets, ids: any IDGenerator, onStart: @escaping @Sendable (OrganizationScope) -> Void
    ) {
        self.executions = executions
        self.control = control
        self.agents = agents
        self.routing = routing
        self.secrets = secrets
        self.ids = ids
        self.onStart = onStart
    }

    /// Begins a call.
    ///
    /// - Parameter receipt: made for the execution that begins.
    /// - Throws: `invalid`, which names the field; `ReceiptExists`.
    public func start(
        _ order: CallOrder, by caller: Caller, at now: Date, receipt: (ExecutionID) -> Receipt?
    ) async throws -> ExecutionID {
        let issues = order.issues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        let execution = Execution(
            id: ids.id(at: now), kind: .call, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: try JSONValue(encoding: order).with(ExecutionOrigin(caller)), priority: .high,
            createdAt: now)
        _ = try await executions.enqueue([execution], receipt: receipt(execution.id), in: caller.scope)
        onStart(caller.scope)
        return execution.id
    }

    /// Takes the later answer of an external agent: `{data}` or `{error}`.
    ///
    /// - Throws: `notFound` for a call that is not there, or whose agent the token is not of; `conflict` for one that
    ///   waits for no answer.
    public func answer(
        _ id: ExecutionID, token: String, with answer: JSONValue, in scope: OrganizationScope
    ) async throws -> Execution {
        guard let call = try await routing.reservation(of: id, in: scope) else {
            guard try await executions.execution(id, in: scope).kind == .call else {
                throw SpotterError.notFound("execution")
            }
            throw SpotterError(.conflict, "The call waits for no answer.")
        }
        guard let known = try secrets.answerToken(for: id, of: call.agent, in: scope),
            Self.isSame(Array(known.utf8), Array(token.utf8))
        else { throw SpotterError.notFound("execution") }
        let journal = try await executions.journal(of: id, in: scope)
        let open = journal.steps.first { $0.name == Execution.lateAnswerStep && $0.state == .waiting }
        guard let open else { throw SpotterError(.conflict, "The call waits for no answer.") }
        return try await control.answer(id, step: open.id, with: answer, in: scope)
    }

    /// In a time that depends on the length alone.
    private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Makes a new secret for an external agent; shown once.
    public func renewSecret(of id: AgentID, at now: Date, in scope: OrganizationScope) async throws -> String {
        guard try await agents.agent(id, in: scope).settings.external != nil else {
            throw SpotterError(.conflict, "Only an external agent has a secret: give it `external` first.")
        }
        return try await secrets.renew(for: id, at: now, in: scope)
    }
}
