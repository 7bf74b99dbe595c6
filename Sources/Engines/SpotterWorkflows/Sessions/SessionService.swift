public import Foundation
public import SpotterDomain
public import SpotterEngine

/// Sessions of several agents, each opened by the plan of a template.
public struct SessionService: Sendable {
    private let store: any AgentSessionStore
    private let agents: any AgentStore
    private let executions: any ExecutionStore
    private let plans: PlanService
    private let control: ExecutionControl
    private let ids: any IDGenerator
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameters:
    ///   - plans: makes the plans that open sessions.
    ///   - control: breaks off the opening of a session that is ended.
    ///   - onStart: told of every run that is ready, to wake whom it concerns.
    public init(
        store: any AgentSessionStore, agents: any AgentStore, executions: any ExecutionStore, plans: PlanService,
        control: ExecutionControl, ids: any IDGenerator,
        onStart: @escaping @Sendable (OrganizationScope) -> Void = { _ in }
    ) {
        self.store = store
        self.agents = agents
        self.executions = executions
        self.plans = plans
        self.control = control
        self.ids = ids
        self.onStart = onStart
    }

    /// Asks for a session; its opening is in the queue then.
    ///
    /// - Parameters:
    ///   - subject: whom or what it is about.
    ///   - data: whatever else the opening is given.
    /// - Throws: `unprocessable` where an agent is missing, with the pack that it comes in; `ReceiptExists`.
    public func start(
        _ template: SessionTemplate, subject: String, data: JSONValue, origin: ExecutionOrigin, at now: Date,
        in scope: OrganizationScope, receipt: (ExecutionID) -> Receipt? = { _ in nil }
    ) async throws -> AgentSession {
        let members = try await members(of: template, in: scope)
        let plan = template.plan(subject: subject, data: data)
        try await plans.check(plan, in: scope)
        let opening = try plans.execution(of: plan, priority: .high, origin: origin, at: now)
        let session = AgentSession(
            id: ids.id(at: now), template: template.slug, subject: subject, data: data, agents: members,
            execution: opening.id, idleMinutes: template.document.idleMinutes ?? Self.usualIdleMinutes,
            createdAt: now)
        try await store.create(session, opening: opening, receipt: receipt(opening.id), in: scope)
        onStart(scope)
        return session
    }

    private static let usualIdleMinutes = 30

    private func members(
        of template: SessionTemplate, in scope: OrganizationScope
    ) async throws -> [String: AgentID] {
        let wanted = template.document.agents
        let known = wanted.isEmpty ? [:] : try await agents.ids(named: Set(wanted.values.map(\.reference)), in: scope)
        let missing = wanted.filter { known[$0.value.reference] == nil }.sorted { $0.key < $1.key }
        guard missing.isEmpty else {
            throw SpotterError.invalid(
                missing.map { role, agent in
                    let way =
                        agent.template == nil ? "create an agent of this name" : "seed the pack \(template.pack)"
                    return FieldIssue(
                        pointer: "/template", message: "needs \(agent.reference) as its \(role): \(way) first")
                }
            ).unprocessable
        }
        return wanted.compactMapValues { known[$0.reference] }
    }

    /// Throws `notFound`.
    public func session(_ id: AgentSessionID, in scope: OrganizationScope) async throws -> AgentSession {
        try await store.session(id, in: scope)
    }

    /// The session that this run opens.
    public func session(openedBy execution: ExecutionID, in scope: OrganizationScope) async throws -> AgentSession? {
        try await store.session(openedBy: execution, in: scope)
    }

    /// A call names this session: it lasts longer. Names that are no ids of sessions are anybody's own.
    public func hear(_ name: String, at now: Date, in scope: OrganizationScope) async throws {
        if let id = AgentSessionID(name) { try await store.hear(id, at: now, in: scope) }
    }

    /// Ends a session, and its opening if that still runs.
    ///
    /// - Throws: `notFound`.
    public func end(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws {
        let session = try await store.session(id, in: scope)
        try await store.end(id, at: now, in: scope)
        guard !(try await executions.execution(session.execution, in: scope).state.isTerminal) else { return }
        do {
            _ = try await control.cancel(session.execution, in: scope)
        } catch let error as SpotterError where error.code == .conflict {
            // It has ended meanwhile.
        }
    }
}
