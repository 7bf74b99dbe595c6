import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterWorkflows

/// What documents name is looked up one by one or among everything, and either way it comes to the same.
struct DocumentNamesTests {
    private let fixture: FlowFixture
    /// Reads everything.
    private let capable: JSONValue = ["id": "z", "capability": "answer", "input": ["content": "x"]]

    init() async throws {
        fixture = try await FlowFixture()
        _ = try await fixture.gym.callable("Now")
        _ = try await fixture.gym.agent(named: "Tutor", template: "learning/tutor")
    }

    private func pointers(_ steps: [JSONValue]) async throws -> [String] {
        let plan = try (["steps": .array(steps)] as JSONValue).decoded(as: PlanOrder.self)
        do {
            try await fixture.plans.check(plan, in: fixture.gym.scope)
            return []
        } catch let error as SpotterError where error.code == .unprocessable {
            return error.issues.map { "\($0.pointer) \($0.message)" }
        }
    }

    private func both(_ step: JSONValue) async throws -> [String] {
        let few = try await pointers([step])
        let all = try await pointers([step, capable])
        #expect(few == all)
        return few
    }

    @Test(arguments: ["Now", "NOW", "now"])
    func `an agent is known by its name however it is written, and does what it offers`(_ name: String) async throws {
        for action in ["upper", "answer"] {
            let step: JSONValue = ["id": "a", "agent": .string(name), "action": .string(action)]
            #expect(try await both(step) == [])
        }
        let step: JSONValue = ["id": "a", "agent": .string(name), "action": "uper"]
        #expect(
            try await both(step) == [
                #"/steps/0/action of step a must be `message` or something that the agent offers, which "uper" is not; did you mean "upper"?"#
            ])
    }

    @Test func `an agent is known by its template's slug and by its id`() async throws {
        let scope = fixture.gym.scope
        let tutor = try #require(try await fixture.world.stores.agents.agent(named: "Tutor", in: scope))
        for name: JSONValue in [["agent": "tutor"], ["agent_id": .string(tutor.id.description)]] {
            let step = (["id": "a", "input": ["content": "x"]] as JSONValue).merging(patch: name)
            #expect(try await both(step) == [])
            #expect(try await both(step.merging(patch: ["action": "zap"])).first?.hasPrefix("/steps/0/action") ?? false)
        }
    }

    @Test func `what is not there is told with what was probably meant`() async throws {
        let wrong = try await both(["id": "a", "agent": "Nwo", "input": ["content": "x"]])
        #expect(wrong.count == 1)
        #expect(wrong.first?.contains(#"did you mean "Now"?"#) ?? false)
        let other: AgentID = fixture.gym.id()
        let gone = try await both(["id": "a", "agent_id": .string(other.description), "action": "upper"])
        #expect(gone.first?.hasPrefix("/steps/0/agent_id") ?? false)
        let definition = FlowFixture.definition([FlowFixture.node("s", .subWorkflow, ["workflow": "Innr"])], [])
        _ = try await fixture.workflows.create(
            FlowFixture.definition([FlowFixture.task("a")], [], name: "Inner"), at: fixture.world.clock.now(),
            in: fixture.gym.scope)
        let error = await #expect(throws: SpotterError.self) {
            try await fixture.workflows.check(definition, in: fixture.gym.scope)
        }
        #expect(error?.issues.first?.message.contains(#"did you mean "Inner"?"#) ?? false)
        for name in ["Inner", "INNER"] {
            let right = FlowFixture.definition([FlowFixture.node("s", .subWorkflow, ["workflow": .string(name)])], [])
            try await fixture.workflows.check(right, in: fixture.gym.scope)
        }
    }

    @Test func `the fallback of a plan is looked at, too`() async throws {
        let plan = try
            ([
                "steps": [["id": "a", "agent": "Now", "action": "upper"]],
                "fallback_plan": ["steps": [["id": "b", "agent": "Now", "action": "zap"]]],
            ] as JSONValue).decoded(as: PlanOrder.self)
        let error = await #expect(throws: SpotterError.self) {
            try await fixture.plans.check(plan, in: fixture.gym.scope)
        }
        #expect(error?.issues.map(\.pointer) == ["/fallback_plan/steps/0/action"])
    }
}
