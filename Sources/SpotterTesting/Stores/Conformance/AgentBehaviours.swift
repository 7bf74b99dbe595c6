import Foundation
import SpotterDomain

extension StoreConformance {
    static let agents: [StoreBehaviour] = agentChanges + agentNames + agentLists

    private static let agentChanges: [StoreBehaviour] = [
        StoreBehaviour("an agent is kept with every default spelled out") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let settings = AgentSettings(name: "Plain", systemPrompt: "Be kind.\n", model: "offline")
            let agent = Agent(
                id: gym.id(), version: 1, settings: settings, createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start)
            try await stores.agents.create(agent, receipt: nil, in: gym.scope)
            let stored = try await stores.agents.agent(agent.id, in: gym.scope)
            try requireEqual(stored.settings, settings.resolved)
            try requireEqual(stored.settings.temperature, 0.7)
        },
        StoreBehaviour("every setting of an agent comes back as it was") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let settings = AgentSettings(
                name: "Überagent \"x\"", description: "100 % \\ _", role: "support", systemPrompt: "Grüße 👋\n\t",
                model: "claude-sonnet-4-5", tools: ["a", "b,c", "d\"e", ""], capabilities: ["{x}", "NULL"],
                priority: .critical, temperature: 0.1, maxOutputTokens: 17,
                limits: AgentLimits(
                    maxSteps: 3, timeoutSeconds: 45, maxCost: Decimal(sign: .plus, exponent: -3, significand: 1_250),
                    maxTokens: 9_000), enabled: false,
                metadata: ["pack": "gym", "ä": "ö\"\n"])
            let agent = Agent(
                id: gym.id(), version: 1, settings: settings, template: "gym/x", createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start + 1)
            try await stores.agents.create(agent, receipt: nil, in: gym.scope)
            try requireEqual(try await stores.agents.agent(agent.id, in: gym.scope), agent)
            try requireEqual(
                try await stores.agents.version(1, of: agent.id, in: gym.scope),
                AgentVersion(agentId: agent.id, version: 1, settings: settings, createdAt: agent.updatedAt))
        },
        StoreBehaviour("each change of an agent makes a version, and old ones stay as they were") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var agent = try await gym.agent(named: "Coach")
            let first = agent.settings
            for _ in 2...4 { agent = try await gym.change(agent) { $0.temperature = ($0.temperature ?? 0) + 0.1 } }
            try requireEqual(try await stores.agents.agent(agent.id, in: gym.scope), agent)
            let versions = try await stores.agents.versions(of: agent.id, PageRequest(), in: gym.scope)
            try requireEqual(versions.map(\.version), [4, 3, 2, 1])
            try requireEqual(versions.last?.settings, first)
            let limited = try await stores.agents.versions(of: agent.id, PageRequest(limit: 2), in: gym.scope)
            try requireEqual(limited.map(\.version), [4, 3])
            let rest = PageRequest(limit: 2, after: Cursor(version: 3))
            try requireEqual(
                try await stores.agents.versions(of: agent.id, rest, in: gym.scope).map(\.version), [2, 1])
            try requireEqual(try await stores.agents.version(1, of: agent.id, in: gym.scope).settings, first)
            try await requireError(.notFound) { try await stores.agents.version(5, of: agent.id, in: gym.scope) }
        },
        StoreBehaviour("a change of a stale version of an agent is refused") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let changed = try await gym.change(agent) { $0.model = "gpt-4o-mini" }
            try await requireError(.preconditionFailed) { try await gym.change(agent) { $0.model = "other" } }
            try requireEqual(try await stores.agents.agent(agent.id, in: gym.scope), changed)
            try requireEqual(
                try await stores.agents.versions(of: agent.id, PageRequest(), in: gym.scope).map(\.version), [2, 1])
        },
        StoreBehaviour("of many changes of one version at once exactly one is made") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        do {
                            _ = try await gym.change(agent) { $0.model = "model-\(number)" }
                            return true
                        } catch let error as SpotterError where error.code == .preconditionFailed { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(made, 1)
            try requireEqual(try await stores.agents.agent(agent.id, in: gym.scope).version, 2)
        },
        StoreBehaviour("a deleted agent is found nowhere, and its name is free again") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach", template: "gym/coach")
            try await requireError(.preconditionFailed) {
                try await stores.agents.delete(agent.id, version: 2, in: gym.scope)
            }
            try await stores.agents.delete(agent.id, version: 1, in: gym.scope)
            try await requireError(.notFound) { try await stores.agents.agent(agent.id, in: gym.scope) }
            try await requireError(.notFound) {
                try await stores.agents.delete(agent.id, version: nil, in: gym.scope)
            }
            try await requireError(.notFound) {
                try await stores.agents.versions(of: agent.id, PageRequest(), in: gym.scope)
            }
            try await requireError(.notFound) { try await gym.change(agent) { $0.model = "x" } }
            try requireEqual(try await stores.agents.agent(named: "Coach", in: gym.scope), nil)
            try requireEqual(try await stores.agents.seeded(in: gym.scope), [])
            try requireEqual(try await stores.agents.count(in: gym.scope), 0)
            try requireEqual(try await stores.agents.list(AgentFilter(), PageRequest(), in: gym.scope).items, [])
            _ = try await gym.agent(named: "Coach")
        },
        StoreBehaviour("a used idempotency key comes before every other complaint about an agent") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = gym.draftAgent(named: "Coach")
            try await stores.agents.create(agent, receipt: gym.receipt("a"), in: gym.scope)
            try await requireThrows(ReceiptExists.self) {
                try await stores.agents.create(
                    gym.draftAgent(named: "Coach"), receipt: gym.receipt("a"), in: gym.scope)
            }
            // A request that fails for itself leaves its key unused.
            try await requireError(.conflict) {
                try await stores.agents.create(
                    gym.draftAgent(named: "Coach"), receipt: gym.receipt("b"), in: gym.scope)
            }
            try requireEqual(try await stores.receipts.receipt(forKey: "b", in: gym.scope), nil)
            try requireEqual(try await stores.agents.count(in: gym.scope), 1)
        },
    ]

    private static let agentNames: [StoreBehaviour] = [
        StoreBehaviour("names of agents are unique whatever their case and composition") { stores in
            let gym = try await TestOrganization.make(in: stores)
            _ = try await gym.agent(named: "Café Straße")
            for name in ["Café Straße", "CAFÉ STRASSE", "cafe\u{301} straße", "Cafe\u{301} STRASSE"] {
                let error = try await requireError(.conflict) { try await gym.agent(named: name) }
                try requireEqual(error.issues.map(\.pointer), ["/name"])
            }
            let found = try await stores.agents.agent(named: "cafe\u{301} STRASSE", in: gym.scope)
            try requireEqual(found?.settings.name, "Café Straße")
            try requireEqual(try await stores.agents.agent(named: "Café", in: gym.scope), nil)
            let other = try await gym.agent(named: "Cafe Strasse")
            try await requireError(.conflict) { try await gym.change(other) { $0.name = "café straße" } }
            // One's own name in another case is free.
            _ = try await gym.change(other) { $0.name = "CAFE STRASSE" }
        }
    ]

    private static let agentLists: [StoreBehaviour] = [
        StoreBehaviour("agents are listed newest first, and inserts between two pages neither repeat nor hide any") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            var created: [AgentID] = []
            for number in 0..<7 { created.append(try await gym.agent(named: "Agent \(number)").id) }
            var late = 0
            let listed = try await allPages(limit: 3) { page in
                late += 1
                _ = try await gym.agent(named: "Late \(late)")
                return try await stores.agents.list(AgentFilter(), page, in: gym.scope)
            }
            // One came before the first page was read.
            try requireEqual(listed.dropFirst().map(\.id), created.reversed())
            let whole = try await stores.agents.list(AgentFilter(), PageRequest(limit: 200), in: gym.scope)
            try requireEqual(whole.items.count, 7 + late)
            try requireEqual(whole.next, nil)
        },
        StoreBehaviour("agents are found by words of name, description and role, and by state") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let coach = try await gym.agent(named: "Head Coach", role: "training")
            let desk = try await gym.agent(named: "Front Desk 100%", role: "support_team")
            _ = try await gym.change(desk) { $0.enabled = false }
            func names(_ filter: AgentFilter) async throws -> [String] {
                try await stores.agents.list(filter, PageRequest(), in: gym.scope).items.map(\.settings.name)
            }
            try requireEqual(try await names(AgentFilter(search: "COACH head")), ["Head Coach"])
            try requireEqual(try await names(AgentFilter(search: "coach desk")), [])
            try requireEqual(try await names(AgentFilter(search: "members' quest")).count, 2)
            try requireEqual(try await names(AgentFilter(search: "  ")).count, 2)
            // Signs of patterns are ordinary characters.
            try requireEqual(try await names(AgentFilter(search: "100%")), ["Front Desk 100%"])
            try requireEqual(try await names(AgentFilter(search: "100_")), [])
            try requireEqual(try await names(AgentFilter(search: "t_team")), ["Front Desk 100%"])
            try requireEqual(try await names(AgentFilter(search: "\\")), [])
            try requireEqual(try await names(AgentFilter(enabled: false)), ["Front Desk 100%"])
            try requireEqual(try await names(AgentFilter(enabled: true)), ["Head Coach"])
            try requireEqual(try await names(AgentFilter(role: "training")), ["Head Coach"])
            try requireEqual(try await names(AgentFilter(search: "desk", role: "training")), [])
            try requireEqual(coach.settings.role, "training")
        },
        StoreBehaviour("seeded agents are those with a template") { stores in
            let gym = try await TestOrganization.make(in: stores)
            _ = try await gym.agent(named: "By hand")
            let seeded = try await gym.agent(named: "Seeded", template: "gym/seeded")
            try requireEqual(try await stores.agents.seeded(in: gym.scope), [seeded])
            try requireEqual(try await stores.agents.count(in: gym.scope), 2)
        },
    ]
}
