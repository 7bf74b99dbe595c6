import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterWorkflows

/// Triggers over a set of stores, with as many processes that look as a test wants.
struct TriggerFixture {
    let gym: TestOrganization
    let workflows: WorkflowService
    let plans: PlanService
    let tasks: TaskService
    let triggers: TriggerService
    let clock: any WallClock
    var stores: StoreSet { gym.stores }

    init(_ gym: TestOrganization, clock: any WallClock = SystemClock()) {
        let (stores, ids) = (gym.stores, RandomIDGenerator())
        self.gym = gym
        self.clock = clock
        workflows = WorkflowService(
            store: stores.workflows, agents: stores.agents, tokens: stores.tokens, executions: stores.executions,
            tools: ToolSet([RecordingTool(effect: .keyed)]), ids: ids)
        plans = PlanService(executions: stores.executions, workflows: workflows, ids: ids)
        tasks = TaskService(
            store: stores.tasks, agents: stores.agents, organizations: stores.organizations, routing: stores.routing,
            ids: ids)
        triggers = TriggerService(store: stores.triggers, workflows: workflows, plans: plans, tasks: tasks, ids: ids)
    }

    /// A process that looks when it is told to.
    func process(_ store: (any TriggerStore)? = nil) -> TriggerDispatcher {
        TriggerDispatcher(
            store: store ?? stores.triggers, events: stores.events, executions: stores.executions,
            receipts: stores.receipts, workflows: workflows, plans: plans, tasks: tasks, clock: clock, log: .silent)
    }

    /// A workflow that ends soon after it begins, and calls nobody.
    func workflow(_ name: String, in gym: TestOrganization? = nil) async throws -> Workflow {
        let definition = WorkflowDefinition(
            name: name, variables: ["count": WorkflowVariable(type: .integer)],
            nodes: [WorkflowNode(id: "only", type: .wait, config: ["duration_ms": 5])], edges: [])
        return try await workflows.create(definition, at: clock.now(), in: (gym ?? self.gym).scope)
    }

    @discardableResult
    func trigger(
        on event: String, if condition: String? = nil, input: JSONValue? = nil, _ target: TriggerTarget,
        in gym: TestOrganization? = nil
    ) async throws -> Trigger {
        try await triggers.create(
            TriggerSettings(name: "On \(event)", event: event, condition: condition, input: input, target: target),
            at: clock.now(), in: (gym ?? self.gym).scope)
    }

    @discardableResult
    func publish(_ type: String, _ data: JSONValue = [:], by run: ExecutionID? = nil) async throws -> Event {
        let draft = try EventDraft(publishing: type, execution: run, data: data)
        return try #require(
            try await stores.events.append([draft], at: clock.now(), receipt: nil, in: gym.scope).first)
    }

    /// Every run of this kind, oldest first.
    func runs(_ kind: Execution.Kind = .workflow, in gym: TestOrganization? = nil) async throws -> [Execution] {
        var (runs, after): ([Execution], Cursor?) = ([], nil)
        repeat {
            let page = try await stores.executions.list(
                ExecutionFilter(), PageRequest(limit: 200, after: after), in: (gym ?? self.gym).scope)
            runs += page.items.filter { $0.kind == kind }
            after = page.next
        } while after != nil
        return runs.reversed()
    }

    func told(_ type: EventType) async throws -> [Event] {
        try await stores.events.events(
            after: 0, execution: nil, types: EventTypeFilter(type.rawValue), limit: 1_000, in: gym.scope
        ).events
    }

    /// What the run was given.
    func input(_ run: Execution) -> JSONValue? { run.input["input"] }
}

/// Triggers whose moves fail once, before or after they are written: as if the process had been killed then.
final class KilledTriggerStore: TriggerStore {
    enum Moment: CaseIterable { case before, after }

    struct Killed: Error {}

    private let store: any TriggerStore
    private let moment: Mutex<Moment?>

    init(_ store: any TriggerStore, _ moment: Moment) {
        self.store = store
        self.moment = Mutex(moment)
    }

    func advance(_ pass: TriggerPass, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        let killed = moment.withLock { moment in
            defer { moment = nil }
            return moment
        }
        if killed == .before { throw Killed() }
        let isMoved = try await store.advance(pass, at: now, in: scope)
        if killed == .after { throw Killed() }
        return isMoved
    }

    func create(_ trigger: Trigger, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try await store.create(trigger, receipt: receipt, in: scope)
    }
    func trigger(_ id: TriggerID, in scope: OrganizationScope) async throws -> Trigger {
        try await store.trigger(id, in: scope)
    }
    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Trigger> {
        try await store.list(page, in: scope)
    }
    func update(_ trigger: Trigger, in scope: OrganizationScope) async throws {
        try await store.update(trigger, in: scope)
    }
    func delete(_ id: TriggerID, version: Int?, in scope: OrganizationScope) async throws {
        try await store.delete(id, version: version, in: scope)
    }
    func organizationsWithNews() async throws -> [OrganizationID] { try await store.organizationsWithNews() }
    func behind(limit: Int, in scope: OrganizationScope) async throws -> [Trigger] {
        try await store.behind(limit: limit, in: scope)
    }
}
