import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting

@testable import SpotterWorkflows

/// A gym with agents whose turns end at once.
struct CallWorld {
    let world: TestEngine.World
    private let source: CallSource
    private let tools: [any Tool]
    var gym: TestOrganization { world.gym }
    var stores: StoreSet { world.stores }
    var clock: ManualClock { world.clock }
    var scope: OrganizationScope { world.gym.scope }

    init(tools: [any Tool] = []) async throws {
        let world = try await TestEngine.World()
        self.world = world
        let router = CallRouter(
            store: world.stores.routing, index: AgentIndex(store: world.stores.routing, lifetime: .zero),
            ids: RandomIDGenerator())
        source = CallSource(
            router: router, agents: world.stores.agents, organizations: world.stores.organizations,
            contracts: world.stores.contracts, clock: world.clock)
        self.tools = tools
    }

    /// Another process.
    func engine(takingTurns: Bool = true) -> TestEngine {
        TestEngine(in: world, tools: tools, programs: [.call: source, .task: Turns(isIdle: !takingTurns)])
    }

    func agent(
        _ name: String, offers: [String] = ["answer"], actions: [AgentAction]? = nil, priority: Priority? = nil,
        limit: Int? = nil, external: ExternalAgent? = nil
    ) async throws -> Agent {
        let settings = AgentSettings(
            name: name, systemPrompt: "You help.", model: "offline", capabilities: offers, priority: priority,
            actions: actions, maxConcurrent: limit, external: external)
        let agent = Agent(
            id: gym.id(), version: 1, settings: settings.resolved, createdAt: TestOrganization.start,
            updatedAt: TestOrganization.start)
        try await stores.agents.create(agent, receipt: nil, in: scope)
        return agent
    }

    func call(_ order: CallOrder) async throws -> ExecutionID {
        let call = Execution(
            id: gym.id(), kind: .call, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: try JSONValue(encoding: order), createdAt: clock.now())
        _ = try await stores.executions.enqueue([call], receipt: nil, in: scope)
        return call.id
    }

    func execution(_ id: ExecutionID) async throws -> Execution {
        try await stores.executions.execution(id, in: scope)
    }

    /// One round; without turns, agents begin theirs and come to an end later.
    func round(takingTurns: Bool = true) async throws {
        let engine = engine(takingTurns: takingTurns)
        try await engine.working { _ = try await engine.turn() }
    }

    /// Rounds until nothing is left to do; five seconds go by between two.
    func finish(rounds: Int = 4) async throws {
        for _ in 0..<rounds {
            try await round()
            clock.advance(by: 5)
        }
    }

    /// Turns of agents of the house: each says what it was given.
    private struct Turns: ProgramSource {
        var isIdle = false

        private struct Saying: Program {
            let isIdle: Bool

            func decide(_ journal: Journal) -> [Command] {
                if isIdle, journal.steps.isEmpty {
                    let later = journal.execution.createdAt.addingTimeInterval(3)
                    return [.wait(.timer(until: later), name: "idle")]
                }
                if journal.steps.contains(where: { $0.state == .waiting }) { return [] }
                let input = journal.execution.input
                let words = [input["title"], input["description"], input["input"]].compactMap { part in
                    part?.string ?? (part?.object?.isEmpty ?? true ? nil : part?.description)
                }.filter { !$0.isEmpty }
                var output = JSONObject()
                output["content"] = .string("Done: \(words.joined(separator: " "))")
                if words.contains("Without a model") { output["is_offline"] = true }
                return [.finish(output: .object(output), answer: nil)]
            }
        }

        func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
            Assignment(
                journal: journal, program: Saying(isIdle: isIdle), scope: scope, organization: nil, agent: nil,
                timeout: .seconds(60))
        }
    }
}
