import Foundation
public import SpotterDomain

extension StoreConformance {
    /// Who can be called, who is called, and what came of it.
    static let routings: [StoreBehaviour] = [
        StoreBehaviour("an agent can be called for its capabilities and its actions, and says so") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.callable("Desk", limit: 2)
            let found = try await stores.routing.candidates(in: gym.scope)
            try requireEqual(found.map(\.id), [agent.id])
            try requireEqual(found.map(\.offers), [["answer", "upper"]])
            try requireEqual(found.map(\.maxConcurrent), [2])
            try requireEqual(found.map(\.status), [.available])
            try requireEqual(try await stores.routing.candidate(agent.id, in: gym.scope), try unwrap(found.first))
            try requireEqual(try await stores.agents.agent(agent.id, in: gym.scope), agent)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.routing.candidates(in: other.scope), [])
            try await requireError(.notFound) { try await stores.routing.candidate(agent.id, in: other.scope) }
        },
        StoreBehaviour("a call gets an agent once, and no agent more calls than it takes") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.callable("Desk", limit: 1)
            let (first, second) = (try await gym.begunCall(), try await gym.begunCall())
            let reserved = try unwrap(try await stores.routing.reserve(gym.wish(first, agent), in: gym.scope))
            try requireEqual(reserved.version, 1)
            try requireEqual(reserved.reasons, ["free"])
            let again = try await stores.routing.reserve(gym.wish(first, agent, reasons: ["other"]), in: gym.scope)
            try requireEqual(again, reserved)
            try requireEqual(try await stores.routing.reservation(of: first.id, in: gym.scope), reserved)
            try requireEqual(try await stores.routing.reserve(gym.wish(second, agent), in: gym.scope), nil)
            try requireEqual(try await stores.routing.candidate(agent.id, in: gym.scope).active, 1)
            try await gym.end(first, as: .completed)
            try requireEqual(try await stores.routing.reservation(of: first.id, in: gym.scope), nil)
            try require(try await stores.routing.reserve(gym.wish(second, agent), in: gym.scope) != nil)
        },
        StoreBehaviour("of many calls at once only as many get an agent as it takes") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.callable("Desk", limit: 3)
            var calls: [Execution] = []
            for _ in 0..<12 { calls.append(try await gym.begunCall()) }
            let wishes = calls.map { gym.wish($0, agent) }
            let had = try await withThrowingTaskGroup(of: Bool.self) { group in
                for wish in wishes {
                    group.addTask { try await stores.routing.reserve(wish, in: gym.scope) != nil }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(had, 3)
        },
        StoreBehaviour("who is disabled, lacks what is needed, is away or deleted is not had") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.callable("Desk")
            let call = try await gym.begunCall()
            let order = CallOrder(capability: "fly", parameters: ["content": "x"])
            try requireEqual(try await stores.routing.reserve(gym.wish(call, agent, order: order), in: gym.scope), nil)
            for status in [AgentStatus.busy, .offline, .error] {
                _ = try await stores.routing.setStatus(
                    status, note: nil, of: agent.id, at: TestOrganization.start, in: gym.scope)
                try requireEqual(try await stores.routing.candidate(agent.id, in: gym.scope).status, status)
                try requireEqual(try await stores.routing.reserve(gym.wish(call, agent), in: gym.scope), nil)
            }
            _ = try await stores.routing.setStatus(
                .available, note: nil, of: agent.id, at: TestOrganization.start, in: gym.scope)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.routing.reserve(gym.wish(call, agent), in: other.scope), nil)
            try await stores.agents.delete(agent.id, version: nil, in: gym.scope)
            try requireEqual(try await stores.routing.reserve(gym.wish(call, agent), in: gym.scope), nil)
        },
        StoreBehaviour("the end of a call counts for its agent, and writes what was answered") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.callable("Desk")
            let order = CallOrder(
                capability: "answer", parameters: ["content": "x"], sessionId: "s", writeContracts: true)
            let (good, bad) = (try await gym.begunCall(), try await gym.begunCall())
            for call in [good, bad] {
                _ = try await stores.routing.reserve(gym.wish(call, agent, order: order), in: gym.scope)
            }
            try await gym.end(good, as: .completed)
            try await gym.end(bad, as: .failed)
            let figures = try await stores.routing.candidate(agent.id, in: gym.scope).figures
            try requireEqual(figures.calls, 2)
            try requireEqual(figures.failures, 1)
            try require(abs((figures.recentSuccess ?? 0) - 0.8) < 0.000_001)
            try requireEqual(figures.recentMs, 5_000)
            let all = try await stores.contracts.contracts(ofSession: "s", limit: 10, in: gym.scope)
            try requireEqual(all.map(\.type), [.request, .request, .response, .response])
            let answers = all.filter { $0.type == .response }
            try requireEqual(Set(answers.map(\.status)), [.completed, .failed])
            let said = try unwrap(answers.first { $0.executionId == good.id })
            try requireEqual(said.payload, ["success": true, "data": ["content": "done"]])
            let failed = try unwrap(answers.first { $0.executionId == bad.id })
            try requireEqual(
                failed.payload, ["success": false, "error": ["code": "no_luck", "message": "It went wrong."]])
            let filter = ContractFilter(session: "s", agent: agent.id, capability: "answer", type: .response)
            let page = try await stores.contracts.list(filter, PageRequest(limit: 1), in: gym.scope)
            try requireEqual(page.items.map(\.type), [.response])
            try require(page.next != nil)
            try requireEqual(try await stores.contracts.contract(said.id, in: gym.scope), said)
            let other = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) { try await stores.contracts.contract(said.id, in: other.scope) }
            let none = try await stores.contracts.list(ContractFilter(), PageRequest(limit: 9), in: other.scope)
            try requireEqual(none.items.count, 0)
        },
        StoreBehaviour("an external agent counts as offline until it is heard, and news of it is told") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.callable(
                "Outside", external: ExternalAgent(endpoint: "https://agent.test/", heartbeatSeconds: 60))
            let routing = stores.routing
            try requireEqual(try await routing.candidate(agent.id, in: gym.scope).status, .offline)
            let presence = try await routing.heartbeat(of: agent.id, at: TestOrganization.start, in: gym.scope)
            try requireEqual(presence.status, .available)
            try require(presence.expiresAt.map { $0 > presence.heardAt ?? $0 } ?? false)
            _ = try await routing.heartbeat(of: agent.id, at: TestOrganization.start, in: gym.scope)
            _ = try await routing.setStatus(
                .busy, note: "lunch", of: agent.id, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await routing.candidate(agent.id, in: gym.scope).status, .busy)
            try requireEqual(
                try await routing.heartbeat(of: agent.id, at: TestOrganization.start, in: gym.scope).status, .busy)
            let told = try await stores.events.events(
                after: 0, execution: nil, types: .all, limit: 50, in: gym.scope
            ).events.filter { $0.type == "agent.status" }
            try requireEqual(told.map { $0.data["status"]?.string }, ["available", "busy"])
            try requireEqual(
                try await routing.expirePresence(limit: 10, at: TestOrganization.start, in: gym.scope), 0)
            try await requireError(.notFound) {
                try await routing.heartbeat(of: gym.id(), at: TestOrganization.start, in: gym.scope)
            }
        },
        StoreBehaviour("the newest block of a session is the one that counts, and each is kept once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            func block(_ summary: String, after seconds: Double) -> SessionBlock {
                SessionBlock(
                    id: gym.id(), sessionId: "s", summary: summary, method: .extractive, model: nil, contracts: 2,
                    throughContractId: gym.id(), executionId: gym.id(),
                    createdAt: TestOrganization.start.addingTimeInterval(seconds))
            }
            try requireEqual(try await stores.contracts.block(ofSession: "s", in: gym.scope), nil)
            let (old, new) = (block("old", after: 0), block("new", after: 1))
            for block in [new, old, new] { try await stores.contracts.keep(block, in: gym.scope) }
            try requireEqual(try await stores.contracts.block(ofSession: "s", in: gym.scope), new)
            try requireEqual(try await stores.contracts.block(ofSession: "t", in: gym.scope), nil)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.contracts.block(ofSession: "s", in: other.scope), nil)
        },
        StoreBehaviour("messages between agents are read by urgency, once acknowledged never again") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (one, two) = (try await gym.callable("One"), try await gym.callable("Two"))
            let now = TestOrganization.start
            func message(_ topic: String, _ priority: Priority, expiresAt: Date? = nil) -> AgentMessage {
                AgentMessage(
                    id: gym.id(), fromAgentId: one.id, toAgentId: two.id, topic: topic, content: ["n": 1],
                    priority: priority, expiresAt: expiresAt, createdAt: now)
            }
            let first = try await stores.agentMessages.send(message("first", .medium), key: "1", in: gym.scope)
            let same = try await stores.agentMessages.send(message("again", .medium), key: "1", in: gym.scope)
            try requireEqual(same, first)
            _ = try await stores.agentMessages.send(message("urgent", .critical), key: "2", in: gym.scope)
            let late = try await stores.agentMessages.send(
                message("late", .high, expiresAt: now.addingTimeInterval(10)), key: "3", in: gym.scope)
            func open(after seconds: Double = 0) async throws -> [String] {
                try await stores.agentMessages.open(
                    for: two.id, limit: 10, at: now.addingTimeInterval(seconds), in: gym.scope
                ).map(\.topic)
            }
            try requireEqual(try await open(), ["urgent", "late", "first"])
            try requireEqual(try await open(after: 60), ["urgent", "first"])
            let foreign = try await stores.agentMessages.acknowledge([first.id], by: one.id, at: now, in: gym.scope)
            try requireEqual(foreign, [])
            let done = try await stores.agentMessages.acknowledge([first.id], by: two.id, at: now, in: gym.scope)
            try requireEqual(done, [first.id])
            let twice = try await stores.agentMessages.acknowledge([first.id], by: two.id, at: now, in: gym.scope)
            try requireEqual(twice, [])
            let tooLate = try await stores.agentMessages.acknowledge(
                [late.id], by: two.id, at: now.addingTimeInterval(10), in: gym.scope)
            try requireEqual(tooLate, [])
            try requireEqual(try await stores.agentMessages.message(late.id, in: gym.scope).acknowledgedAt, nil)
            try requireEqual(try await open(), ["urgent", "late"])
            let all = try await stores.agentMessages.list(to: two.id, PageRequest(limit: 10), in: gym.scope)
            try requireEqual(all.items.count, 3)
            let other = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) {
                try await stores.agentMessages.list(to: two.id, PageRequest(limit: 10), in: other.scope)
            }
            try await requireError(.notFound) {
                try await stores.agentMessages.send(message("x", .low), key: "9", in: other.scope)
            }
        },
    ]
}

extension TestOrganization {
    /// A stored agent that can be called for `answer` and `upper`.
    public func callable(
        _ name: String, limit: Int? = nil, external: ExternalAgent? = nil
    ) async throws -> Agent {
        let settings = AgentSettings(
            name: name, systemPrompt: "You help.", model: "offline", capabilities: ["answer"],
            actions: [AgentAction(name: "upper", parameters: ["type": "object"])], maxConcurrent: limit,
            external: external)
        let agent = Agent(
            id: id(), version: 1, settings: settings.resolved, createdAt: Self.start, updatedAt: Self.start)
        try await stores.agents.create(agent, receipt: nil, in: scope)
        return agent
    }

    /// A stored call that nobody has taken up.
    public func begunCall() async throws -> Execution {
        let call = Execution(
            id: id(), kind: .call, state: .queued, attempt: 0, conversationId: nil, agentId: nil, agentVersion: nil,
            input: [:], wakeAt: Self.start.addingTimeInterval(1_000_000_000), createdAt: Self.start)
        _ = try await stores.executions.enqueue([call], receipt: nil, in: scope)
        return call
    }

    /// Wants `agent` for `call`.
    public func wish(
        _ call: Execution, _ agent: Agent, reasons: [String] = ["free"],
        order: CallOrder = CallOrder(capability: "answer", parameters: ["content": "x"])
    ) -> CallReservation {
        CallReservation(
            call: call.id, agent: agent.id, score: 0.5, reasons: reasons, order: order,
            contracts: order.writeContracts == true ? .init(request: id(), response: id()) : nil, at: Self.start)
    }

    fileprivate func end(_ call: Execution, as state: ExecutionState) async throws {
        let now = Self.start.addingTimeInterval(5)
        _ = try await stores.executions.change(call.id, at: now, in: scope) { journal in
            var execution = journal.execution
            execution.state = state
            execution.completedAt = now
            execution.wakeAt = nil
            if state == .completed {
                execution.output = ["data": ["content": "done"]]
            } else {
                execution.error = ExecutionError(code: "no_luck", message: "It went wrong.")
            }
            return ExecutionChange(execution: execution)
        }
    }
}
