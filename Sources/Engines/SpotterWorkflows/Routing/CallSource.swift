import Foundation
public import SpotterDomain
public import SpotterEngine

/// Makes assignments of calls: chooses the agent, if the call has none yet.
///
/// The choice is written before the program exists, under the call's id; whoever takes the call up after a crash is told
/// of the same agent.
public struct CallSource: ProgramSource {
    private let router: CallRouter
    private let agents: any AgentStore
    private let organizations: any OrganizationStore
    private let contracts: any ContractStore
    private let clock: any WallClock
    /// For how long a process may work on a call without a wait: an external agent may take this long to reply.
    private static let timeout = Duration.seconds(120)

    /// A source that chooses by `router` and reads from the stores.
    public init(
        router: CallRouter, agents: any AgentStore, organizations: any OrganizationStore,
        contracts: any ContractStore, clock: any WallClock
    ) {
        self.contracts = contracts
        self.router = router
        self.agents = agents
        self.organizations = organizations
        self.clock = clock
    }

    /// The call of `journal`. Its input is a ``CallOrder``.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        let order = try Self.order(of: journal.execution)
        let now = clock.now()
        let organization = try await organizations.organization(in: scope)
        let block: SessionBlock? =
            if let session = order.sessionId { try await contracts.block(ofSession: session, in: scope) } else { nil }
        let (choice, agent) = try await choose(order, journal.execution, at: now, in: scope)
        return Assignment(
            journal: journal,
            program: CallProgram(
                order: order, choice: choice, deadline: Self.deadline(of: order, journal.execution), now: now,
                session: block?.summary),
            scope: scope, organization: organization, agent: agent, tools: [CallProgram.tool], timeout: Self.timeout)
    }

    private static func order(of execution: Execution) throws -> CallOrder {
        var input = execution.input.object ?? JSONObject()
        input["origin"] = nil
        let order: CallOrder
        do {
            order = try JSONValue.object(input).decodedUnchecked(as: CallOrder.self)
        } catch {
            throw ExecutionError(code: "parameters_invalid", message: "The call cannot be read: \(error).")
        }
        try require(order.issues)
        return order
    }

    private static func require(_ issues: [FieldIssue]) throws {
        guard !issues.isEmpty else { return }
        let text = issues.map { "\($0.pointer) \($0.message)" }.joined(separator: "; ")
        throw ExecutionError(code: "parameters_invalid", message: text)
    }

    /// Its own limit counts from when it was asked for.
    private static func deadline(of order: CallOrder, _ execution: Execution) -> Date {
        let own = execution.createdAt.addingTimeInterval(
            Double(order.timeoutMs ?? CallOrder.usualTimeoutMs) / 1_000)
        return execution.deadlineAt.map { min($0, own) } ?? own
    }

    private func choose(
        _ order: CallOrder, _ execution: Execution, at now: Date, in scope: OrganizationScope
    ) async throws -> (CallProgram.Choice, Agent?) {
        let call: ReservedCall
        switch try await router.choose(order, for: execution.id, at: now, in: scope) {
        case .busy(let reasons): return (.busy(reasons), nil)
        case .reserved(let reserved): call = reserved
        }
        do {
            let version = try await agents.version(call.version, of: call.agent, in: scope)
            let agent = Agent(
                id: call.agent, version: version.version, settings: version.settings.resolved,
                createdAt: version.createdAt, updatedAt: version.createdAt)
            let issues = CallBrief.issues(in: order, for: agent)
            guard issues.isEmpty else {
                let text = issues.map { "/parameters\($0.pointer) \($0.message)" }.joined(separator: "; ")
                return (.impossible(ExecutionError(code: "parameters_invalid", message: text)), agent)
            }
            return (agent.settings.external == nil ? .inHouse(call, agent) : .external(call, agent), agent)
        } catch let error as SpotterError where error.code == .notFound {
            let error = ExecutionError(code: "agent_unknown", message: "The agent was deleted.")
            return (.impossible(error), nil)
        }
    }
}
