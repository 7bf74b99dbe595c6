import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// Models that do what they should not: each run ends in a defined state, with a reason.
@Suite(.timeLimit(.minutes(2))) struct AutonomousFaultTests {
    private typealias Fixture = AutonomousFixture

    @Test func `the same call again and again is warned of, then stopped`() async throws {
        let fixture = try await Fixture()
        let model = ScriptedModel([
            .work { _ in
                ScriptedModel.response([.toolCall(Fixture.call("act"))], stopReason: .toolUse)
            }
        ])
        let run = try await fixture.start()
        let ended = try await fixture.run(try fixture.engine(model, tools: [RecordingTool(effect: .none)]), run)
        #expect(ended.error?.code == "no_progress")
        #expect(model.requests.count == ProgressGuard.stopped)
        #expect(model.requests.last?.messages.last?.text.contains("You have made the same call (act) 5 times") == true)
    }

    @Test func `going back and forth between two calls is stopped`() async throws {
        let fixture = try await Fixture()
        let model = ScriptedModel([
            .work { request in
                let rounds = request.messages.filter { $0.role == .assistant }.count
                return ScriptedModel.response(
                    [.toolCall(Fixture.call("act", ["note": rounds.isMultiple(of: 2) ? "ping" : "pong"]))],
                    stopReason: .toolUse)
            }
        ])
        let run = try await fixture.start()
        let ended = try await fixture.run(try fixture.engine(model, tools: [RecordingTool(effect: .none)]), run)
        #expect(ended.error?.code == "no_progress")
        #expect(ended.error?.message.contains("back and forth") == true)
    }

    @Test func `a tool that answers something new each time may be asked again`() async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .none, work: { context in .string(context.effectKey) })
        let calls = Array(repeating: ScriptedModel.Reply.calls([Fixture.call("act")]), count: 10)
        let run = try await fixture.start()
        let ended = try await fixture.run(
            try fixture.engine(ScriptedModel(calls + [.text("It is there.")]), tools: [tool]), run)
        #expect(ended.state == .completed)
    }

    @Test func `after three failures in a row a person is asked, told what was tried, and heard`() async throws {
        let fixture = try await Fixture()
        let names = ["nothing", "nowhere", "never"]
        let model = ScriptedModel(names.map { .calls([Fixture.call($0)]) } + [.text("Thank you.")])
        let engine = try fixture.engine(model, tools: [RecordingTool(effect: .none)])
        let run = try await fixture.start()
        let waiting = try await fixture.run(engine, run)
        #expect(waiting.state == .waiting)
        #expect(model.requests[1].messages.last?.text.contains("RECOVER 1/3 - nothing: There is no tool") == true)
        let question = try #require(try await fixture.journal(run).openWaits.first?.input["question"]?.string)
        for name in names { #expect(question.contains(name)) }
        _ = try await engine.workforce.control.answer(run.id, step: nil, with: "Give up.", in: fixture.gym.scope)
        let ended = try await fixture.run(try fixture.engine(model, tools: []), run)
        #expect(ended.output?["content"] == "Thank you.")
        #expect(ended.output?["errors"] == 3)
        #expect(
            model.requests.last?.messages.contains {
                $0.text.contains("A person who was asked for help says: Give up.")
            }
                == true)
    }

    @Test func `empty answers count as failures, and are never sent back`() async throws {
        let fixture = try await Fixture()
        let model = ScriptedModel([.text(""), .text(""), .text("Here.")])
        let run = try await fixture.start()
        let ended = try await fixture.run(try fixture.engine(model), run)
        #expect(ended.output?["content"] == "Here.")
        #expect(ended.output?["errors"] == 2)
        for request in model.requests {
            #expect(!request.messages.contains { $0.role == .assistant && $0.parts.allSatisfy { $0.text == "" } })
        }
    }

    @Test func `who stops with open phases is told once, and believed the second time`() async throws {
        let fixture = try await Fixture()
        let model = ScriptedModel([.calls([Fixture.plan("One", "Two")]), .text("Done."), .text("Really done.")])
        let run = try await fixture.start()
        let ended = try await fixture.run(try fixture.engine(model), run)
        #expect(ended.output?["content"] == "Really done.")
        #expect(model.requests.last?.messages.contains { $0.text.contains("OPEN One; Two") } == true)
    }

    @Test func `invented arguments, a plan without phases and a phase too far are errors that say what is right`()
        async throws
    {
        let fixture = try await Fixture()
        let model = ScriptedModel([
            .calls([
                Fixture.call("update_plan", ["goal": "g", "phases": []], id: "1"),
                Fixture.call("advance_phase", id: "2"), Fixture.call("ask_user", ["ask": "x"], id: "3"),
                ToolCall(id: "4", name: "update_plan", arguments: [:], invalidArguments: "{{"),
            ]), .text("Sorry."),
        ])
        let run = try await fixture.start()
        let ended = try await fixture.run(try fixture.engine(model), run)
        #expect(ended.state == .completed)
        let results = try #require(model.requests.last).messages.flatMap(\.toolResults)
        #expect(results.count == 4)
        #expect(results.filter { !$0.isError }.isEmpty)
        let texts = Dictionary(uniqueKeysWithValues: results.map { ($0.callId, $0.text) })
        #expect(texts["1"]?.contains("/phases") == true)
        #expect(texts["2"]?.contains("There is no plan yet") == true)
        #expect(texts["3"]?.contains("/question") == true || texts["3"]?.contains("/ask") == true)
        #expect(texts["4"]?.contains("must be one JSON object") == true)
    }

    @Test func `a flood of calls is cut, and every call is answered`() async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .none)
        let calls = (0..<100).map { Fixture.call("act", ["note": .string("\($0)")], id: "c\($0)") }
        let model = ScriptedModel([.calls(calls), .text("Enough.")])
        let run = try await fixture.start()
        let ended = try await fixture.run(try fixture.engine(model, tools: [tool]), run)
        #expect(ended.state == .completed)
        #expect(tool.calls.count == AutonomousProgram.mostCalls)
        #expect(model.requests.last?.messages.flatMap(\.toolResults).count == 100)
    }

    @Test func `as many iterations as it may have, and no more`() async throws {
        let fixture = try await Fixture()
        let tool = RecordingTool(effect: .none, work: { context in .string(context.effectKey) })
        let model = ScriptedModel([
            .work { _ in
                ScriptedModel.response([.toolCall(Fixture.call("act"))], stopReason: .toolUse)
            }
        ])
        let run = try await fixture.start(options: AutonomyOptions(limits: AutonomyLimits(maxIterations: 4)))
        let ended = try await fixture.run(try fixture.engine(model, tools: [tool]), run)
        #expect(ended.error?.code == "iteration_limit_reached")
        #expect(model.requests.count == 4)
        #expect(model.requests.last?.messages.last?.text.contains("This is the last iteration") == true)
    }
}
