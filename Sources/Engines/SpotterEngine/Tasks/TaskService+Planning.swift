import Foundation
import SpotterDomain

extension TaskService {
    /// Whether a task with these settings could be made now.
    ///
    /// - Throws: `invalid`, which names the field.
    func check(_ settings: WorkItemSettings, at now: Date, in scope: OrganizationScope) async throws {
        let (settings, _) = try await planned(settings, id: nil, at: now, in: scope)
        if let runAt = settings.runAt, runAt <= now { throw SpotterError.invalid("/run_at", "has passed") }
        _ = try await agent(for: settings, in: scope)
    }

    /// The settings with every default spelled out, and when their schedule fires first.
    func planned(
        _ wanted: WorkItemSettings, id: WorkItemID?, at now: Date, in scope: OrganizationScope
    ) async throws -> (WorkItemSettings, nextFireAt: Date?) {
        var issues = wanted.issues
        if let id, let index = wanted.dependsOn?.firstIndex(of: id) {
            issues.append(FieldIssue(pointer: "/depends_on/\(index)", message: "is the task itself"))
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        var settings = wanted.resolved
        // Times are shown in milliseconds, and what is shown can be sent back.
        settings.runAt = wanted.runAt.flatMap { Timestamp.date(from: Timestamp.string(from: $0)) }
        guard let rule = settings.schedule else { return (settings, nil) }
        let timezone = try await organizations.organization(in: scope).timezone
        let schedule = try Schedule(rule, timezone: timezone, key: id?.description ?? "")
        guard let next = schedule.nextSlot(after: now) else {
            throw SpotterError.invalid("/schedule/cron", "never fires again")
        }
        settings.schedule = schedule.rule
        return (settings, next)
    }

    /// Who works on a task: the agent that it names, or the best of those that can do it.
    func agent(for settings: WorkItemSettings, in scope: OrganizationScope) async throws -> Agent {
        if let id = settings.agentId {
            let agent: Agent
            do {
                agent = try await agents.agent(id, in: scope)
            } catch let error as SpotterError where error.code == .notFound {
                throw SpotterError.invalid("/agent_id", "is not an agent of this organisation")
            }
            guard agent.settings.enabled ?? true else {
                throw SpotterError.invalid("/agent_id", "is an agent that is disabled")
            }
            return agent
        }
        guard let best = try await best(for: settings.requiredCapabilities ?? [], in: scope) else {
            throw SpotterError.invalid("/required_capabilities", "are not all had by any agent that is enabled")
        }
        return best
    }

    /// By the score that calls are routed by: who is free goes before who is not. A task is worked on in the house.
    private func best(for capabilities: [String], in scope: OrganizationScope) async throws -> Agent? {
        let candidates = try await routing.candidates(in: scope).filter { $0.isEnabled && !$0.isExternal }
        let match =
            RoutingMatch.best(1, of: candidates, required: capabilities, onlyFree: true).first
            ?? RoutingMatch.best(1, of: candidates, required: capabilities, onlyFree: false).first
        guard let match else { return nil }
        return try await agents.agent(match.candidate.id, in: scope)
    }

    /// What a change does to the run at `run_at`: before its time another one takes its place, with the new settings;
    /// after its time it is let be, unless the task no longer asks for one.
    func plan(
        _ item: WorkItem, insteadOf old: WorkItem, at now: Date, in scope: OrganizationScope
    ) async throws -> PlannedRun {
        let settings = item.settings
        let isNewAgent =
            settings.agentId != old.settings.agentId
            || settings.requiredCapabilities != old.settings.requiredCapabilities
        guard let runAt = settings.runAt, settings.enabled ?? true else {
            if isNewAgent { _ = try await agent(for: settings, in: scope) }
            return .replace(nil)
        }
        guard runAt > now else {
            if isNewAgent { _ = try await agent(for: settings, in: scope) }
            return .keep
        }
        let agent = try await agent(for: settings, in: scope)
        return .replace(try item.execution(ids.id(at: now), by: agent, runAt: runAt, at: now))
    }
}
