import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// What an agent on its own does, from its task to its end.
@Suite(.timeLimit(.minutes(2))) struct AutonomousRunTests {
    private typealias Fixture = AutonomousFixture

    @Test func `it plans, acts, observes, advances and ends with its answer`() async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .keyed, work: { _ in "42 members" })
        let model = ScriptedModel([
            .calls([Fixture.plan("Look", "Report")]),
            .calls([Fixture.call("act"), Fixture.call("act", ["note": "x"])]),
            .calls([Fixture.call("advance_phase", ["summary": "42"])]), .calls([Fixture.call("advance_phase")]),
            .text("There are 42."),
        ])
        let run = try await fixture.start(
            options: AutonomyOptions(requestedBy: "token:desk", preferences: "short answers"))
        let ended = try await fixture.run(try fixture.engine(model, tools: [tool]), run)
        #expect(ended.state == .completed)
        #expect(ended.output?["content"] == "There are 42.")
        #expect(ended.output?["iterations"] == 5)
        #expect(ended.output?["plan"]?["percentage"] == 100)
        #expect(tool.calls.count == 2)
        let system = try #require(model.requests.first?.system)
        #expect(system.contains("by token:desk | short answers | None: you work alone."))
        #expect(model.requests.first?.messages.map(\.role) == [.user])
        #expect(model.requests.last?.messages.last?.text.contains("[x] 1. Look: 42") == true)
        let progress = RunProgress(try await fixture.journal(run))
        #expect(progress.phases.map(\.state) == [.completed, .completed])
        #expect((progress.iteration, progress.toolCalls, progress.errors) == (5, 5, 0))
    }

    @Test func `the seven steps of an iteration are told as events, in their order`() async throws {
        let fixture = try await Fixture()
        let model = ScriptedModel([.calls([Fixture.call("act")]), .text("Done.")])
        let run = try await fixture.start()
        _ = try await fixture.run(try fixture.engine(model, tools: [RecordingTool(effect: .none)]), run)
        let stages = try await fixture.events(of: run).filter { $0.type == EventType.stepProgress.rawValue }
        #expect(
            stages.prefix(7).compactMap { $0.data["stage"]?.string } == [
                "analyze_context", "update_plan", "think", "select_tool", "execute_action", "observe_result", "iterate",
            ])
        #expect(stages.prefix(7).compactMap { $0.data["iteration"]?.int } == [1, 1, 1, 1, 1, 1, 1])
    }

    @Test func `a question rests as a row, and the answer goes on in another process`() async throws {
        let fixture = try await Fixture()
        let ask = Fixture.call("ask_user", ["question": "Which day?", "options": ["Mon", "Tue"]])
        let first = ScriptedModel([.calls([ask, Fixture.call("act")])])
        let tool = RecordingTool(effect: .keyed)
        let run = try await fixture.start()
        let waiting = try await fixture.run(try fixture.engine(first, tools: [tool]), run)
        #expect(waiting.state == .waiting)
        #expect(tool.calls.count == 1)
        let second = ScriptedModel([.text("Monday it is.")])
        let other = try fixture.engine(second, tools: [tool])
        _ = try await other.workforce.control.answer(run.id, step: nil, with: "Mon", in: fixture.gym.scope)
        let ended = try await fixture.run(other, run)
        #expect(ended.state == .completed)
        #expect(tool.calls.count == 1)
        let results = second.requests.first?.messages.flatMap(\.toolResults) ?? []
        #expect(Set(results.map(\.name)) == ["ask_user", "act"])
        #expect(results.first { $0.name == "ask_user" }?.output == ["answer": "Mon"])
    }

    @Test func `a process that dies in the middle leaves a run that goes on elsewhere, with each call made once`()
        async throws
    {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .keyed)
        let store = FaultyExecutionStore(fixture.world.stores.executions)
        let dying = ScriptedModel([.calls([Fixture.plan("One"), Fixture.call("act")]), .hang()])
        let run = try await fixture.start()
        let first = try fixture.engine(dying, tools: [tool], store: store)
        try await first.working {
            let begun = await first.workforce.dispatcher.takeOnce()
            #expect(begun.count == 1)
            var calls = 0
            for await _ in dying.calls {
                calls += 1
                if calls == 2 { break }
            }
            store.die()
        }
        fixture.world.clock.advance(by: 60)
        let model = ScriptedModel([.text("Done.")])
        let second = try fixture.engine(model, tools: [tool])
        let ended = try await fixture.run(second, run)
        #expect(ended.output?["plan"]?["goal"] == "The goal")
        #expect(tool.calls.count == 1)
    }

    @Test func `colleagues work side by side, and what they found comes back`() async throws {
        let fixture = try await Fixture()
        let helper = try await fixture.gym.change(try await fixture.gym.agent(named: "Analyst")) {
            $0.role = "analyst"
            $0.model = "m"
            $0.capabilities = ["revenue"]
        }
        let calls = [
            Fixture.call("delegate", ["agent": "analyst", "task": "Count"], id: "1"),
            Fixture.call("delegate", ["capability": "revenue", "task": "Sum"], id: "2"),
            Fixture.call("delegate", ["agent": "nobody", "task": "Rest"], id: "3"),
        ]
        let model = ScriptedModel([
            .work { request in
                if request.messages.contains(where: { !$0.toolResults.isEmpty }) {
                    return ScriptedModel.response([.text("All there.")])
                }
                let isChild = request.messages.first?.text.contains("Find out") != true
                return isChild
                    ? ScriptedModel.response([.text("Result of \(request.messages[0].text.prefix(12))")])
                    : ScriptedModel.response(calls.map(ModelPart.toolCall), stopReason: .toolUse)
            }
        ])
        let run = try await fixture.start()
        let engine = try fixture.engine(model)
        var ended = try await fixture.run(engine, run)
        if !ended.state.isTerminal { ended = try await fixture.run(engine, run) }
        #expect(ended.output?["content"] == "All there.")
        let children = try await fixture.world.stores.executions.list(
            ExecutionFilter(parent: run.id), PageRequest(), in: fixture.gym.scope)
        #expect(children.items.map(\.agentId) == [helper.id, helper.id])
        #expect(children.items.allSatisfy { $0.kind == .autonomous && $0.state == .completed })
        let last = try #require(model.requests.last)
        let results = last.messages.flatMap(\.toolResults)
        #expect(results.count == 3)
        #expect(results.first { $0.callId == "3" }?.text.contains("Colleagues: analyst.") == true)
    }

    @Test func `a dry run reaches the tools as one, and is marked`() async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .keyed, work: { context in context.isDryRun ? "would act" : "acted" })
        let model = ScriptedModel([.calls([Fixture.call("act")]), .text("Shown.")])
        let run = try await fixture.start(options: AutonomyOptions(dryRun: true))
        let ended = try await fixture.run(try fixture.engine(model, tools: [tool]), run)
        #expect(ended.output?["dry_run"] == true)
        #expect(model.requests.last?.messages.flatMap(\.toolResults).first?.output == "would act")
    }
}
