import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// Calls of agents on the real engine, with stores in memory; what an agent says, a test has written.
@Suite struct CallTests {
    @Test func `a call by id has the agent's turn and answers what it said`() async throws {
        let world = try await CallWorld()
        let agent = try await world.agent("Front desk")
        let id = try await world.call(CallOrder(agentId: agent.id, parameters: ["content": "Hello"]))
        try await world.finish()
        let execution = try await world.execution(id)
        #expect(execution.state == .completed)
        #expect(execution.output?["data"] == ["content": "Done: Hello"])
        #expect(execution.output?["agent_id"]?.string == agent.id.description)
        #expect(execution.output?["route"]?["reasons"]?.array?.count == 5)
        let candidate = try await world.stores.routing.candidate(agent.id, in: world.scope)
        #expect(candidate.active == 0)
        #expect(candidate.figures.calls == 1 && candidate.figures.failures == 0)
    }

    @Test func `what the offline model says is no answer where a model is required`() async throws {
        let world = try await CallWorld()
        let agent = try await world.agent("Writer")
        var order = CallOrder(agentId: agent.id, parameters: ["content": "Without a model"])
        let careless = try await world.call(order)
        order.requiresModel = true
        let careful = try await world.call(order)
        order.parameters = ["content": "With one"]
        let fine = try await world.call(order)
        try await world.finish()
        #expect(try await world.execution(careless).output?["data"] == ["content": "Done: Without a model"])
        let error = try #require(try await world.execution(careful).error)
        #expect(error.code == "no_model" && error.message.contains("OPENAI_API_KEY"))
        #expect(try await world.execution(fine).output?["data"] == ["content": "Done: With one"])
    }

    @Test func `a call by capability takes the most special agent, and keeps contracts`() async throws {
        let world = try await CallWorld()
        _ = try await world.agent("Generalist", offers: ["answer", "draw", "sing"])
        let special = try await world.agent("Specialist", offers: ["answer"])
        let order = CallOrder(
            capability: "answer", parameters: ["content": "Hello"], sessionId: "s1", writeContracts: true)
        let id = try await world.call(order)
        try await world.finish()
        let output = try #require(try await world.execution(id).output)
        #expect(output["agent_id"]?.string == special.id.description)
        let contracts = try await world.stores.contracts.contracts(ofSession: "s1", limit: 10, in: world.scope)
        #expect(contracts.map(\.type) == [.request, .response])
        #expect(
            contracts.map(\.id.description) == [
                output["request_contract_id"]?.string, output["response_contract_id"]?.string,
            ])
        #expect(contracts[1].payload == ["success": true, "data": ["content": "Done: Hello"]])
        #expect(contracts[1].correlationId == contracts[0].id)
    }

    @Test func `an agent whose calls keep failing is left alone for a while, and then tried with one call`()
        async throws
    {
        let world = try await CallWorld()
        let agent = try await world.agent("Shaky", offers: ["answer"])
        let store = world.stores.routing
        // Five calls that are never answered in time.
        for _ in 0..<5 {
            let order = CallOrder(agentId: agent.id, parameters: ["content": "x"], timeoutMs: 1_000)
            let id = try await world.call(order)
            try await world.round(takingTurns: false)
            world.clock.advance(by: 5)
            try await world.round(takingTurns: false)
            #expect(try await world.execution(id).state == .failed)
        }
        #expect(try await store.candidate(agent.id, in: world.scope).hindrance == .failing)
        let named = try await world.call(CallOrder(agentId: agent.id, parameters: ["content": "x"]))
        try await world.round()
        let error = try #require(try await world.execution(named).error)
        #expect(error.code == "agent_failing" && error.retryAfter == 30)
        // What nobody waits for, such as a message to a hook, has patience.
        var patient = CallOrder(agentId: agent.id, parameters: ["content": "Later"], timeoutMs: 3_600_000)
        patient.isPatient = true
        let later = try await world.call(patient)
        try await world.round()
        #expect(try await world.execution(later).state == .waiting)
        // Who asks for the capability waits for it.
        let order = CallOrder(capability: "answer", parameters: ["content": "Hello"])
        let waiting = try await world.call(order)
        try await world.round()
        #expect(try await world.execution(waiting).state == .waiting)
        world.clock.advance(by: 31)
        #expect(try await store.candidate(agent.id, in: world.scope).hindrance == nil)
        try await world.finish()
        #expect(try await world.execution(waiting).state == .completed)
        #expect(try await world.execution(later).state == .completed)
        #expect(try await store.candidate(agent.id, in: world.scope).isFailing == false)
    }

    @Test func `a named action is given its parameters, which fit its schema`() async throws {
        let world = try await CallWorld()
        let schema: JSONValue = [
            "type": "object", "properties": ["text": ["type": "string"]], "required": ["text"],
        ]
        let action = AgentAction(name: "upper", description: "Says it loudly.", parameters: schema)
        _ = try await world.agent("Shouter", actions: [action])
        let good = try await world.call(CallOrder(action: "upper", parameters: ["text": "hi"]))
        let bad = try await world.call(CallOrder(action: "upper", parameters: ["words": "hi"]))
        try await world.finish()
        let said = try await world.execution(good)
        #expect(said.state == .completed)
        let text = said.output?["data"]?["content"]?.string ?? ""
        #expect(text.contains("upper") && text.contains("Says it loudly.") && text.contains("hi"))
        let error = try #require(try await world.execution(bad).error)
        #expect(error.code == "parameters_invalid")
        #expect(error.message.contains("/parameters/text is required"))
    }

    @Test func `when nobody is free a call waits at the cost of a row, and goes on when a place is given back`()
        async throws
    {
        let world = try await CallWorld()
        let agent = try await world.agent("Only one", limit: 1)
        let first = try await world.call(CallOrder(agentId: agent.id, parameters: ["content": "1"]))
        // The first is given its agent and waits for its turn; the second finds no place.
        let second = try await world.call(CallOrder(capability: "answer", parameters: ["content": "2"]))
        try await world.round(takingTurns: false)
        #expect(try await world.stores.routing.candidate(agent.id, in: world.scope).active == 1)
        let waiting = [try await world.execution(first), try await world.execution(second)]
        #expect(waiting.map(\.state) == [.waiting, .waiting])
        try await world.finish()
        #expect(try await world.execution(first).state == .completed)
        #expect(try await world.execution(second).state == .completed)
        let journal = try await world.stores.executions.journal(of: second, in: world.scope)
        #expect(!journal.steps.contains { $0.state == .waiting })
    }

    @Test func `a call for which nobody is free in time fails and says why`() async throws {
        let world = try await CallWorld()
        let agent = try await world.agent("Tired")
        _ = try await world.stores.routing.setStatus(
            .busy, note: nil, of: agent.id, at: world.clock.now(), in: world.scope)
        let id = try await world.call(
            CallOrder(capability: "answer", parameters: ["content": "2"], timeoutMs: 10_000))
        try await world.finish(rounds: 8)
        let error = try #require(try await world.execution(id).error)
        #expect(error.code == "no_agent_available")
        #expect(error.message.contains("Tired has said that it is busy"))
        #expect(error.isTransient == true)
    }

    @Test func `what cannot be done at all fails at once`() async throws {
        let world = try await CallWorld()
        let agent = try await world.agent("Asleep")
        _ = try await world.stores.routing.setStatus(
            .offline, note: nil, of: agent.id, at: world.clock.now(), in: world.scope)
        let orders: [(CallOrder, String)] = [
            (CallOrder(capability: "fly", parameters: ["content": "x"]), "capability_unknown"),
            (CallOrder(capability: "answer", parameters: ["content": "x"]), "no_agent_available"),
            (CallOrder(agentId: agent.id, parameters: ["content": "x"]), "agent_offline"),
            (CallOrder(action: "fly", agentId: agent.id, parameters: [:]), "action_unknown"),
            (CallOrder(agentId: world.gym.id(), parameters: ["content": "x"]), "agent_unknown"),
            (CallOrder(agentId: agent.id, parameters: [:]), "parameters_invalid"),
        ]
        for (order, code) in orders {
            let id = try await world.call(order)
            try await world.finish()
            #expect(try await world.execution(id).error?.code == code)
        }
    }

    @Test func `whoever takes a call up after a crash has the same agent`() async throws {
        let world = try await CallWorld()
        let agent = try await world.agent("First")
        let id = try await world.call(CallOrder(capability: "answer", parameters: ["content": "x"]))
        let wish = CallReservation(
            call: id, agent: agent.id, score: 0.5, reasons: ["chosen before"],
            order: CallOrder(capability: "answer", parameters: ["content": "x"]), contracts: nil,
            at: world.clock.now())
        _ = try await world.stores.routing.reserve(wish, in: world.scope)
        _ = try await world.agent("Better", offers: ["answer"], priority: .critical)
        try await world.finish()
        let output = try #require(try await world.execution(id).output)
        #expect(output["agent_id"]?.string == agent.id.description)
        #expect(output["route"]?["reasons"] == ["chosen before"])
    }

    @Test func `a call that is cancelled gives its place back and says so in its RESPONSE`() async throws {
        let world = try await CallWorld()
        let agent = try await world.agent("Only one", limit: 1)
        let id = try await world.call(
            CallOrder(agentId: agent.id, parameters: ["content": "1"], sessionId: "s", writeContracts: true))
        try await world.round(takingTurns: false)
        _ = try await world.engine().workforce.control.cancel(id, in: world.scope)
        let candidate = try await world.stores.routing.candidate(agent.id, in: world.scope)
        #expect(candidate.active == 0 && candidate.figures.calls == 0)
        let contracts = try await world.stores.contracts.contracts(ofSession: "s", limit: 10, in: world.scope)
        #expect(contracts.map(\.status) == [.sent, .cancelled])
    }
}
