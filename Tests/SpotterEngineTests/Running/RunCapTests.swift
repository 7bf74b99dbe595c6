import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterEngine

/// What one run may spend and do at most.
@Suite(.timeLimit(.minutes(1))) struct RunCapTests {
    private func run(
        _ limits: AgentLimits?, calls: Int = 20, in world: TestEngine.World
    ) async throws -> (execution: Execution, model: ScriptedModel) {
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        let model = ScriptedModel(price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model, limits: limits) { _ in
            ScriptedProgram(stages: (1...calls).map { [.model("think-\($0)")] })
        }
        _ = try await engine.working { try await engine.workOff() }
        return (try await world.stores.executions.execution(work.id, in: world.gym.scope), model)
    }

    @Test(arguments: [
        AgentLimits(maxCost: Decimal(sign: .plus, exponent: -3, significand: 4)), AgentLimits(maxTokens: 500),
    ])
    func `a run stops before the call that would take it past its agent's limit`(limits: AgentLimits) async throws {
        let world = try await TestEngine.World()
        let (execution, model) = try await run(limits, in: world)
        #expect(execution.state == .failed)
        #expect(execution.error?.code == "budget_reached")
        #expect(execution.error?.message.contains("this execution is used up") == true, "\(execution.error as Any)")
        #expect(model.requests.count > 1)
        #expect(limits.maxCost.map { execution.cost.billed.amount <= $0 } ?? true)
        #expect(limits.maxTokens.map { execution.usage.inputTokens + execution.usage.outputTokens <= $0 } ?? true)
        let left = try await world.stores.budgets.budgets(at: world.clock.now(), in: world.gym.scope)
        #expect(left.isEmpty)
        let events = try await world.stores.events.events(after: 0, execution: nil, limit: 1_000, in: world.gym.scope)
        #expect(events.count { $0.type == EventType.budgetReached.rawValue } == 1)
    }

    @Test func `one run's limit is not another's`() async throws {
        let world = try await TestEngine.World()
        let limits = AgentLimits(maxTokens: 500)
        let first = try await run(limits, in: world).execution
        let second = try await run(limits, in: world).execution
        #expect(first.usage == second.usage)
        #expect(try await run(nil, calls: 3, in: world).execution.state == .completed)
    }

    @Test func `a budget that is set while a run is under way counts for it from then on`() async throws {
        let world = try await TestEngine.World()
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        let model = ScriptedModel(
            [
                .work { _ in
                    let order = BudgetOrder(.organization, period: .total, tokens: 40)
                    _ = try await world.stores.budgets.put(
                        order, id: world.gym.id(), at: world.clock.now(), in: world.gym.scope)
                    return ScriptedModel.response([.text("Yes.")])
                }
            ], price: LedgerTests.price)
        let engine = TestEngine(in: world, model: model) { _ in
            ScriptedProgram(stages: (1...9).map { [.model("think-\($0)")] })
        }
        _ = try await engine.working { try await engine.workOff() }
        let execution = try await world.stores.executions.execution(work.id, in: world.gym.scope)
        #expect(execution.error?.code == "budget_reached")
        #expect(model.requests.count == 1)
    }

    @Test func `a program that goes round for ever is stopped`() async throws {
        let world = try await TestEngine.World()
        let work = world.gym.work()
        _ = try await world.stores.executions.enqueue([work], receipt: nil, in: world.gym.scope)
        let options = Workforce.Options(lease: .seconds(30), steps: 40)
        let engine = TestEngine(in: world, options: options) { _ in
            ScriptedProgram { journal in
                [.callModel(ModelRequest(model: "scripted", system: "", messages: []), name: "n\(journal.steps.count)")]
            }
        }
        _ = try await engine.working { try await engine.workOff() }
        let execution = try await world.stores.executions.execution(work.id, in: world.gym.scope)
        #expect(execution.error?.code == "step_limit_reached")
        #expect(execution.stepsTotal == 40)
    }
}
