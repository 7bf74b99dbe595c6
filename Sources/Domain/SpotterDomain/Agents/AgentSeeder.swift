import Foundation

/// Gives an organisation the agents of its templates.
///
/// Several processes may seed one organisation at once: names are unique in the store and updates name the version
/// they replace, so each agent is made once and nobody's change is lost. What was done stays done if a later template
/// fails; seeding again finishes the rest.
public struct AgentSeeder: Sendable {
    /// How often a template is looked at again because somebody changed its agent in the same moment.
    private static let attempts = 3

    private let agents: any AgentStore
    private let ids: any IDGenerator
    private let clock: any WallClock

    /// Seeds into `agents`, with ids and times from the generators given.
    public init(agents: any AgentStore, ids: any IDGenerator, clock: any WallClock) {
        self.agents = agents
        self.ids = ids
        self.clock = clock
    }

    /// Seeds `templates`, or with `dryRun` only says what that would do.
    ///
    /// - Returns: one outcome for each template, in their order.
    public func seed(
        _ templates: [AgentTemplate], mode: SeedMode, dryRun: Bool = false, in scope: OrganizationScope
    ) async throws -> [SeedOutcome] {
        let existing = try await existingAgents(for: templates, in: scope)
        var outcomes: [SeedOutcome] = []
        for step in AgentSeeding.plan(templates: templates, existing: existing, mode: mode) {
            outcomes.append(dryRun ? step.outcome : try await perform(step, mode: mode, in: scope))
        }
        return outcomes
    }

    private func existingAgents(for templates: [AgentTemplate], in scope: OrganizationScope) async throws -> [Agent] {
        var existing = try await agents.seeded(in: scope)
        let references = Set(existing.compactMap(\.template))
        for template in templates where !references.contains(template.reference) {
            if let namesake = try await agents.agent(named: template.settings.name, in: scope) {
                existing.append(namesake)
            }
        }
        return existing
    }

    private func perform(
        _ planned: AgentSeeding.Step, mode: SeedMode, in scope: OrganizationScope
    ) async throws -> SeedOutcome {
        var step = planned
        for _ in 1..<Self.attempts {
            do {
                return try await performOnce(step, in: scope)
            } catch let error as SpotterError where error.code == .preconditionFailed || error.code == .notFound {
                // Changed or deleted since it was read: decide again on what is there now.
                let existing = try await existingAgents(for: [step.template], in: scope)
                step = AgentSeeding.step(for: step.template, existing: existing, mode: mode)
            }
        }
        return try await performOnce(step, in: scope)
    }

    private func performOnce(_ step: AgentSeeding.Step, in scope: OrganizationScope) async throws -> SeedOutcome {
        do {
            switch step {
            case .create(let template): return try await create(from: template, in: scope)
            case .update(let agent, let template): return try await update(agent, from: template, in: scope)
            case .leave: return step.outcome
            }
        } catch let error as SpotterError where error.code == .conflict {
            // The name was taken in the meantime: another process seeds too, or a person was quicker.
            guard let namesake = try await agents.agent(named: step.template.settings.name, in: scope) else {
                throw error
            }
            return step.template.outcome(.skipped, agent: namesake.id)
        }
    }

    private func create(from template: AgentTemplate, in scope: OrganizationScope) async throws -> SeedOutcome {
        let now = clock.now()
        let agent = Agent(
            id: ids.id(at: now), version: 1, settings: AgentSeeding.settings(of: template, version: 1),
            template: template.reference, createdAt: now, updatedAt: now)
        try await agents.create(agent, receipt: nil, in: scope)
        return template.outcome(.created, agent: agent.id)
    }

    private func update(
        _ current: Agent, from template: AgentTemplate, in scope: OrganizationScope
    ) async throws -> SeedOutcome {
        let version = current.version + 1
        let agent = Agent(
            id: current.id, version: version, settings: AgentSeeding.settings(of: template, version: version),
            template: template.reference, createdAt: current.createdAt, updatedAt: clock.now())
        try await agents.update(agent, in: scope)
        return template.outcome(.updated, agent: agent.id)
    }
}

extension AgentSeeding.Step {
    var template: AgentTemplate {
        switch self {
        case .create(let template), .update(_, let template), .leave(_, let template, _): template
        }
    }

    /// What the step does when nothing comes between.
    var outcome: SeedOutcome {
        switch self {
        case .create(let template): template.outcome(.created, agent: nil)
        case .update(let agent, let template): template.outcome(.updated, agent: agent.id)
        case .leave(let agent, let template, let action): template.outcome(action, agent: agent.id)
        }
    }
}

extension AgentTemplate {
    fileprivate func outcome(_ action: SeedOutcome.Action, agent: AgentID?) -> SeedOutcome {
        SeedOutcome(template: reference, name: settings.name, action: action, agentId: agent)
    }
}
