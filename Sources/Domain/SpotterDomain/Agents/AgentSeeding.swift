/// Decides what seeding does with each template: pure, so that a dry run and the real one cannot differ.
///
/// What people made of an agent is never overwritten. Every change makes a new version, a rollback too; so an agent is
/// as it was seeded exactly while its version is the one that seeding made. That is version 1, or, after an update
/// from a template, the version noted in the agent's `metadata.template_version`.
public enum AgentSeeding {
    /// The member of an agent's metadata that names the version which an update from its template made.
    public static let versionKey = "template_version"

    /// What is to be done with one template.
    public enum Step: Sendable, Hashable {
        /// Nobody has its name: a new agent.
        case create(AgentTemplate)
        /// The agent becomes what the template says now.
        case update(Agent, from: AgentTemplate)
        /// The agent stays as it is, for the reason given: `unchanged`, `skipped` or `edited`.
        case leave(Agent, AgentTemplate, SeedOutcome.Action)
    }

    /// One step for each template, in their order.
    ///
    /// - Parameter existing: the organisation's seeded agents, and those that bear a template's name. Others do no harm.
    public static func plan(templates: [AgentTemplate], existing: [Agent], mode: SeedMode) -> [Step] {
        templates.map { step(for: $0, existing: existing, mode: mode) }
    }

    static func step(for template: AgentTemplate, existing: [Agent], mode: SeedMode) -> Step {
        let name = folded(template.settings.name)
        let offspring = existing.filter { $0.template == template.reference }.sorted { $0.id < $1.id }
        // Two of one template can only come from a person's copy; the one that kept the name is the original.
        if let agent = offspring.first(where: { folded($0.settings.name) == name }) ?? offspring.first {
            return step(for: template, agent: agent, mode: mode)
        }
        if let namesake = existing.first(where: { folded($0.settings.name) == name }) {
            return .leave(namesake, template, .skipped)
        }
        return .create(template)
    }

    private static func step(for template: AgentTemplate, agent: Agent, mode: SeedMode) -> Step {
        switch mode {
        case .skipExisting: .leave(agent, template, .skipped)
        case .update where content(of: agent.settings) == content(of: template.settings):
            .leave(agent, template, .unchanged)
        case .update where !isAsSeeded(agent): .leave(agent, template, .edited)
        case .update: .update(agent, from: template)
        }
    }

    /// Whether nobody has touched the agent since it was seeded.
    static func isAsSeeded(_ agent: Agent) -> Bool {
        let seeded = agent.settings.metadata?[versionKey].flatMap { Int($0) } ?? 1
        return agent.version == seeded
    }

    /// What an agent of `version`, made from the template, is set to.
    static func settings(of template: AgentTemplate, version: Int) -> AgentSettings {
        var settings = content(of: template.settings)
        if version > 1 { settings.metadata?[versionKey] = "\(version)" }
        return settings
    }

    /// Settings without seeding's own note, every default spelled out.
    private static func content(of settings: AgentSettings) -> AgentSettings {
        var settings = settings.resolved
        settings.metadata?[versionKey] = nil
        return settings
    }

    /// Names are the same name when they differ only in case or in how Unicode composes them.
    private static func folded(_ name: String) -> String { FoldedText.fold(name) }
}
