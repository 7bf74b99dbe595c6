import Foundation
import SpotterDomain
import Testing

/// What seeding does with an agent that is there already, told by the outcomes and by what the store holds after.
struct AgentSeedingTests {
    private let store = RacingAgentStore()
    private let scope = OrganizationScope(OrganizationID(UUID()))
    private let support = AgentTemplate(slug: "support", settings: settings("Support Assistant", prompt: "Be kind."))
    private let finance = AgentTemplate(slug: "finance", settings: settings("Financial Analyst", prompt: "Be exact."))

    private struct FixedClock: WallClock {
        func now() -> Date { Date(timeIntervalSince1970: 1_790_000_000) }
    }

    private static func settings(_ name: String, prompt: String) -> AgentSettings {
        AgentSettings(name: name, systemPrompt: prompt, model: "offline", metadata: ["pack": "gym"])
    }

    private var seeder: AgentSeeder { AgentSeeder(agents: store, ids: RandomIDGenerator(), clock: FixedClock()) }

    @discardableResult
    private func seed(
        _ templates: AgentTemplate..., mode: SeedMode = .update, dryRun: Bool = false
    ) async throws -> [SeedOutcome] {
        try await seeder.seed(templates, mode: mode, dryRun: dryRun, in: scope)
    }

    private func changed(_ template: AgentTemplate, prompt: String) -> AgentTemplate {
        var settings = template.settings
        settings.systemPrompt = prompt
        return AgentTemplate(slug: template.slug, settings: settings)
    }

    private func only() async throws -> Agent { try #require(await store.all.first) }

    @Test func `an empty organisation gets an agent of every template, resolved, at version 1`() async throws {
        let outcomes = try await seed(support, finance)
        #expect(outcomes.map(\.action) == [.created, .created])
        #expect(outcomes.map(\.template) == ["gym/support", "gym/finance"])
        let agents = await store.all
        #expect(agents.map(\.settings) == [support.settings.resolved, finance.settings.resolved])
        #expect(agents.map(\.template) == ["gym/support", "gym/finance"])
        #expect(outcomes.map(\.agentId) == agents.map(\.id))
        #expect(agents.allSatisfy { $0.version == 1 && $0.createdAt == FixedClock().now() })
    }

    @Test(arguments: [(SeedMode.skipExisting, SeedOutcome.Action.skipped), (.update, .unchanged)])
    func `seeding twice changes nothing`(mode: SeedMode, action: SeedOutcome.Action) async throws {
        try await seed(support, finance)
        #expect(try await seed(support, finance, mode: mode).map(\.action) == [action, action])
        #expect(await store.writes == 2)
    }

    @Test func `skip existing leaves an outdated agent alone`() async throws {
        try await seed(support)
        #expect(try await seed(changed(support, prompt: "New."), mode: .skipExisting).map(\.action) == [.skipped])
        #expect(try await only().settings.systemPrompt == "Be kind.")
    }

    @Test func `a changed template makes new versions, again and again`() async throws {
        try await seed(support)
        for (version, prompt) in [(2, "Second."), (3, "Third.")] {
            let outcome = try #require(await seed(changed(support, prompt: prompt)).first)
            let agent = try await only()
            #expect(outcome.action == .updated)
            #expect(outcome.agentId == agent.id)
            #expect(agent.version == version)
            #expect(agent.settings.systemPrompt == prompt)
            #expect(try await seed(changed(support, prompt: prompt)).map(\.action) == [.unchanged])
        }
    }

    @Test func `an agent that people edited is never overwritten`() async throws {
        try await seed(support)
        let id = try await only().id
        try await store.edit(id) { $0.temperature = 0.1 }
        #expect(try await seed(changed(support, prompt: "New.")).map(\.action) == [.edited])
        #expect(try await only().settings.temperature == 0.1)
        #expect(try await only().settings.systemPrompt == "Be kind.")
    }

    @Test func `an edit after an update from the template counts, too`() async throws {
        try await seed(support)
        try await seed(changed(support, prompt: "Second."))
        try await store.edit(only().id) { $0.enabled = false }
        #expect(try await seed(changed(support, prompt: "Third.")).map(\.action) == [.edited])
        #expect(try await only().version == 3)
    }

    @Test func `a rollback is an edit and is not undone by the next seeding`() async throws {
        try await seed(support)
        try await seed(changed(support, prompt: "Second."))
        let first = try await store.version(1, of: only().id, in: scope)
        try await store.edit(only().id) { $0 = first.settings }
        #expect(try await seed(changed(support, prompt: "Second.")).map(\.action) == [.edited])
        #expect(try await only().settings.systemPrompt == "Be kind.")
    }

    @Test func `an edit that says what the template says is no edit`() async throws {
        try await seed(support)
        try await store.edit(only().id) { $0.systemPrompt = "New." }
        #expect(try await seed(changed(support, prompt: "New.")).map(\.action) == [.unchanged])
    }

    @Test func `a renamed agent is still known by its template`() async throws {
        try await seed(support)
        try await store.edit(only().id) { $0.name = "Front Desk" }
        #expect(try await seed(support).map(\.action) == [.edited])
        #expect(await store.all.count == 1)
    }

    @Test func `a renamed template renames its agent`() async throws {
        try await seed(support)
        let renamed = AgentTemplate(slug: "support", settings: Self.settings("Front Desk", prompt: "Be kind."))
        #expect(try await seed(renamed).map(\.action) == [.updated])
        #expect(try await only().settings.name == "Front Desk")
        #expect(await store.all.count == 1)
    }

    @Test func `names that differ only in how Unicode composes or folds them are one name`() async throws {
        let template = AgentTemplate(slug: "desk", settings: Self.settings("Caf\u{E9} Stra\u{DF}e", prompt: "Be kind."))
        let own = Agent(
            id: AgentID(UUID()), version: 1, settings: Self.settings("CAFE\u{301} STRASSE", prompt: "Mine."),
            createdAt: .distantPast, updatedAt: .distantPast)
        #expect(
            AgentSeeding.plan(templates: [template], existing: [own], mode: .skipExisting)
                == [.leave(own, template, .skipped)])
    }

    @Test(arguments: ["Support Assistant", "SUPPORT assistant"])
    func `an agent made by hand keeps its name`(name: String) async throws {
        let own = Agent(
            id: AgentID(UUID()), version: 1, settings: Self.settings(name, prompt: "Mine."), createdAt: .distantPast,
            updatedAt: .distantPast)
        try await store.insert(own)
        let outcome = try #require(await seed(support).first)
        #expect(outcome.action == .skipped)
        #expect(outcome.agentId == own.id)
        #expect(await store.all == [own])
    }

    @Test func `a dry run says the same and writes nothing`() async throws {
        try await seed(support)
        let outcomes = try await seed(changed(support, prompt: "New."), finance, dryRun: true)
        #expect(outcomes.map(\.action) == [.updated, .created])
        #expect(outcomes.last?.agentId == nil)
        #expect(await store.writes == 1)
        #expect(try await only().settings.systemPrompt == "Be kind.")
    }

    @Test func `a name taken in the same moment is skipped`() async throws {
        let rival = Agent(
            id: AgentID(UUID()), version: 1, settings: support.settings.resolved, template: support.reference,
            createdAt: .distantPast, updatedAt: .distantPast)
        await store.interruptNextWrite { try $0.insert(rival) }
        let outcomes = try await seed(support, finance)
        #expect(outcomes.map(\.action) == [.skipped, .created])
        #expect(outcomes.first?.agentId == rival.id)
        #expect(await store.all.count == 2)
    }

    @Test func `an edit in the same moment as an update wins`() async throws {
        try await seed(support)
        let id = try await only().id
        await store.interruptNextWrite { store in try store.edit(id) { $0.enabled = false } }
        #expect(try await seed(changed(support, prompt: "New.")).map(\.action) == [.edited])
        #expect(try await only().settings.enabled == false)
        #expect(try await only().settings.systemPrompt == "Be kind.")
    }

    @Test func `an agent deleted in the same moment as an update is made anew`() async throws {
        try await seed(support)
        let id = try await only().id
        await store.interruptNextWrite { $0.remove(id) }
        #expect(try await seed(changed(support, prompt: "New.")).map(\.action) == [.created])
        #expect(try await only().id != id)
    }

    @Test func `many seeders at once make each agent once`() async throws {
        let (seeder, scope, templates) = (seeder, scope, [support, finance])
        let outcomes = try await withThrowingTaskGroup(of: [SeedOutcome].self) { group in
            for _ in 0..<16 {
                group.addTask { try await seeder.seed(templates, mode: .update, in: scope) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes.filter { $0.action == .created }.count == 2)
        #expect(outcomes.allSatisfy { [.created, .skipped, .unchanged].contains($0.action) })
        #expect(await store.all.count == 2)
    }
}
