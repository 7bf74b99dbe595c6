import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// Agents on their own, in processes that share stores in memory.
struct AutonomousFixture {
    let world: TestEngine.World
    let agent: Agent
    var gym: TestOrganization { world.gym }

    init(tools: [String] = ["act"]) async throws {
        world = try await TestEngine.World()
        agent = try await world.gym.change(try await world.gym.agent(named: "Coach")) {
            $0.model = "m"
            $0.tools = tools
            $0.role = "coach"
        }
    }

    /// Texts that show what they were filled with.
    static let prompts = AutonomyPrompts([
        .system: "{{agent.prompt}} | by {{user}} | {{preferences}} | {{colleagues}}",
        .task: "TASK {{title}} {{description}} {{input}}",
        .observation: "STATE {{iteration}}/{{max_iterations}} {{plan}} {{last}} {{warning}}",
        .errorRecovery: "RECOVER {{attempt}}/{{max_attempts}} {{errors}}",
        .completion: "OPEN {{open}}",
    ])

    /// A process whose model says this.
    func engine(
        _ model: ScriptedModel, tools: [any Tool] = [], store: FaultyExecutionStore? = nil,
        policy: ToolPolicy = ToolPolicy()
    ) throws -> TestEngine {
        let caller = ToolCaller.scripted(ToolSet(tools), policy: policy, clock: world.clock)
        let prompts = try #require(Self.prompts)
        let source = AutonomousSource(
            organizations: world.stores.organizations, agents: world.stores.agents, memory: world.stores.memory,
            tools: caller, models: model, prompts: { prompts })
        return TestEngine(
            in: world, store: store, model: model, tools: tools, policy: policy, programs: [.autonomous: source])
    }

    /// A run that was asked for.
    func start(
        _ title: String = "Find out", input: JSONValue = [:], options: AutonomyOptions = AutonomyOptions()
    ) async throws -> Execution {
        let now = world.clock.now()
        let order = WorkItemOrder(
            title: title, description: nil, input: input, timeoutSeconds: 600, limits: options.limits,
            dryRun: options.dryRun, requestedBy: options.requestedBy, preferences: options.preferences)
        let run = Execution(
            id: gym.id(), kind: .autonomous, state: .queued, attempt: 0, conversationId: nil, agentId: agent.id,
            agentVersion: agent.version, input: try JSONValue(encoding: order), createdAt: now)
        _ = try await world.stores.executions.enqueue([run], receipt: nil, in: gym.scope)
        return run
    }

    func run(_ engine: TestEngine, _ execution: Execution) async throws -> Execution {
        _ = try await engine.working { try await engine.turn() }
        return try await world.stores.executions.execution(execution.id, in: gym.scope)
    }

    func journal(_ execution: Execution) async throws -> Journal {
        try await world.stores.executions.journal(of: execution.id, in: gym.scope)
    }

    func events(of execution: Execution) async throws -> [Event] {
        try await world.stores.events.events(after: 0, execution: execution.id, limit: 1_000, in: gym.scope)
    }

    static func call(_ name: String, _ arguments: JSONValue = [:], id: String = UUID().uuidString) -> ToolCall {
        ToolCall(id: id, name: name, arguments: arguments)
    }

    static func plan(_ titles: String...) -> ToolCall {
        call(
            "update_plan",
            ["goal": "The goal", "phases": .array(titles.map { ["title": .string($0)] })])
    }
}
