import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterWorkflows

/// Plans and workflows, in processes that share stores in memory. Agents answer as a test says.
struct FlowFixture {
    let world: TestEngine.World
    let workflows: WorkflowService
    let plans: PlanService
    let library: FlowLibrary
    let agents = Agents()
    var gym: TestOrganization { world.gym }
    var executions: any ExecutionStore { world.stores.executions }

    /// What agents answer: by what they are asked, and how often they were asked it.
    final class Agents: Sendable {
        typealias Answer =
            @Sendable (_ content: String, _ call: CallOrder, _ time: Int) -> Result<JSONValue, ExecutionError>?
        private let state = Mutex<(answer: Answer, asked: [String])>(({ _, _, _ in nil }, []))

        /// Everything that was asked, in order.
        var asked: [String] { state.withLock(\.asked) }
        func answer(_ answer: @escaping Answer) { state.withLock { $0.answer = answer } }

        fileprivate func commands(for order: CallOrder) -> [Command] {
            let content = order.parameters["content"]?.string ?? order.parameters.description
            let (answer, time) = state.withLock { state in
                state.asked.append(content)
                return (state.answer, state.asked.count { $0 == content })
            }
            switch answer(content, order, time) ?? .success(["content": .string("done: \(content)")]) {
            case .success(.null): return [.wait(.input(question: "?", timeout: nil), name: "held")]
            case .success(let data): return [.finish(output: ["data": data], answer: nil)]
            case .failure(let error): return [.fail(error)]
            }
        }
    }

    init() async throws {
        world = try await TestEngine.World()
        workflows = WorkflowService(
            store: world.stores.workflows, agents: world.stores.agents, tokens: world.stores.tokens,
            executions: world.stores.executions,
            tools: ToolSet([RecordingTool(effect: .keyed)]), ids: RandomIDGenerator())
        plans = PlanService(
            executions: world.stores.executions, workflows: workflows, ids: RandomIDGenerator())
        library = FlowLibrary(workflows: world.stores.workflows)
        _ = try await world.gym.agent(named: "Coach")
    }

    /// A process.
    func engine(
        tools: [any Tool] = [RecordingTool(effect: .keyed)], policy: ToolPolicy = ToolPolicy(),
        store: FaultyExecutionStore? = nil
    ) -> TestEngine {
        let flows = FlowSource(
            library: FlowLibrary(workflows: world.stores.workflows), organizations: world.stores.organizations,
            agents: world.stores.agents)
        let agents = agents
        let calls = ScriptedSource(of: gym.organization, tools: []) { journal in
            let order = try journal.execution.input.decodedUnchecked(as: CallOrder.self)
            return ScriptedProgram { journal in
                journal.steps.isEmpty
                    ? agents.commands(for: order)
                    : journal.steps[0].state == .waiting
                        ? [] : [.finish(output: ["data": ["content": "late"]], answer: nil)]
            }
        }
        return TestEngine(
            in: world, store: store, tools: tools, policy: policy,
            programs: [.plan: flows, .workflow: flows, .call: calls])
    }

    // MARK: Documents

    /// A task of the coach.
    static func task(_ id: String, _ content: String? = nil, _ more: JSONValue = [:]) -> WorkflowNode {
        let config: JSONValue = ["agent": "Coach", "input": ["content": .string(content ?? id)]]
        return WorkflowNode(id: id, type: .task, config: config.merging(patch: more))
    }

    static func node(_ id: String, _ type: WorkflowNode.NodeType, _ config: JSONValue? = nil) -> WorkflowNode {
        WorkflowNode(id: id, type: type, config: config)
    }

    /// `a > b`, `a > b if condition`, and, where it leads back, `a > b if condition max 3`.
    static func edge(_ text: String) -> WorkflowEdge {
        var text = text
        var most: Int?
        if let range = text.range(of: " max ") {
            most = Int(text[range.upperBound...])
            text = String(text[..<range.lowerBound])
        }
        let parts = text.split(separator: " if ", maxSplits: 1).map(String.init)
        let ends = parts[0].split(separator: " > ").map { $0.trimmingCharacters(in: .whitespaces) }
        return WorkflowEdge(
            from: ends[0], to: ends[1], condition: parts.count > 1 ? parts[1] : nil, maxIterations: most)
    }

    static func definition(
        _ nodes: [WorkflowNode], _ edges: [String], variables: [String: WorkflowVariable]? = nil,
        timeoutMs: Int? = nil, maxParallel: Int? = nil, name: String = "Flow"
    ) -> WorkflowDefinition {
        WorkflowDefinition(
            name: name, variables: variables, nodes: nodes, edges: edges.map(edge), timeoutMs: timeoutMs,
            maxParallel: maxParallel)
    }

    // MARK: Running

    func start(_ definition: WorkflowDefinition, input: JSONValue = [:]) async throws -> ExecutionID {
        let now = world.clock.now()
        let workflow = try await workflows.create(definition, at: now, in: gym.scope)
        return try await workflows.start(
            workflow.id, WorkflowService.StartOptions(input: input), at: now, in: gym.scope)
    }

    func start(_ plan: PlanOrder) async throws -> ExecutionID {
        try await plans.start(plan, at: world.clock.now(), in: gym.scope)
    }

    /// Works until nothing is ready.
    func work(_ engine: TestEngine? = nil) async throws {
        let engine = engine ?? self.engine()
        try await engine.working { while !(try await engine.turn().isEmpty) {} }
    }

    /// Time goes on, and the work with it.
    func pass(_ seconds: Int, _ engine: TestEngine? = nil) async throws {
        world.clock.advance(by: Double(seconds))
        try await work(engine)
    }

    func journal(_ id: ExecutionID) async throws -> Journal {
        try await executions.journal(of: id, in: gym.scope)
    }

    func run(_ definition: WorkflowDefinition, input: JSONValue = [:]) async throws -> Execution {
        let id = try await start(definition, input: input)
        try await work()
        return try await journal(id).execution
    }

    func progress(_ id: ExecutionID) async throws -> FlowProgress {
        try #require(try await library.progress(of: try await journal(id), in: gym.scope))
    }

    func report(_ id: ExecutionID) async throws -> PlanReport {
        try await library.report(on: try await journal(id), in: gym.scope)
    }

    /// Everything that an execution began.
    func children(of id: ExecutionID) async throws -> [Execution] {
        try await executions.list(ExecutionFilter(parent: id), PageRequest(limit: 200), in: gym.scope).items
    }
}
