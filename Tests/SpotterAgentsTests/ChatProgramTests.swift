import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// What a turn makes of the reasons for which models stop.
@Suite struct ChatProgramTests {
    private let program = ChatProgram(
        context: ChatContext(
            request: ModelRequest(model: "m", system: "", messages: []), past: TurnPast(messages: [.user("Hi")]),
            settings: nil, window: nil),
        limits: AgentLimits(maxSteps: 4))

    private func journal(_ responses: [ModelResponse]) throws -> Journal {
        let id = ExecutionID(UUID())
        let now = Date(timeIntervalSince1970: 0)
        let steps = try responses.enumerated().map { index, response in
            var step = Step(
                id: StepID(UUID()), index: index, name: "think-\(index + 1)", kind: .model, state: .completed,
                attempt: 1, input: [:], startedAt: now)
            step.output = try JSONValue(encoding: response)
            return step
        }
        let execution = Execution(
            id: id, kind: .message, state: .running, attempt: 1, conversationId: nil, agentId: nil, agentVersion: nil,
            input: [:], createdAt: now)
        return Journal(execution: execution, steps: steps)
    }

    private func answer(_ responses: ModelResponse...) throws -> String? {
        guard case .finish(_, let answer)? = try program.decide(journal(responses)).first else { return nil }
        return answer?.content
    }

    @Test func `a paused answer is asked for again with what it said, and then is one answer`() throws {
        let paused = ScriptedModel.response([.text("First, ")], stopReason: .pauseTurn)
        let commands = try program.decide(journal([paused]))
        guard case .callModel(let request, let name)? = commands.first else {
            Issue.record("the model is not called again")
            return
        }
        #expect(name == "think-2")
        #expect(request.messages.map(\.role) == [.user, .assistant])
        #expect(try answer(paused, ScriptedModel.response([.text("second.")])) == "First, second.")
    }

    @Test func `a model that only ever pauses comes to the limit of calls`() throws {
        let paused = ScriptedModel.response([.text(".")], stopReason: .pauseTurn)
        guard case .fail(let error)? = try program.decide(journal([paused, paused, paused, paused])).first else {
            Issue.record("the turn goes on")
            return
        }
        #expect(error.code == "step_limit_reached")
    }

    @Test(arguments: [
        (ModelResponse.StopReason.refusal, "declined"), (.contentFilter, "declined"), (.maxTokens, "longer"),
        (.contextExceeded, "Start a new one"),
    ])
    func `a model that says nothing is explained to the reader`(
        reason: ModelResponse.StopReason, word: String
    ) throws {
        #expect(try answer(ScriptedModel.response([], stopReason: reason))?.contains(word) ?? false)
        #expect(try answer(ScriptedModel.response([.text("Half")], stopReason: reason)) == "Half")
    }

    // MARK: Answers with a schema

    private static func strict(steps: Int = 10) throws -> ChatProgram {
        var request = ModelRequest(model: "m", system: "", messages: [])
        request.responseSchema = try ResponseSchema(
            name: "answer",
            schema: JSONSchema(declared: [
                "type": "object", "required": ["score"],
                "properties": ["score": ["type": "number", "minimum": 0, "maximum": 1]],
            ]))
        return ChatProgram(
            context: ChatContext(
                request: request, past: TurnPast(messages: [.user("Hi")]), settings: nil, window: nil),
            limits: AgentLimits(maxSteps: steps))
    }

    @Test func `an answer that does not follow its schema is asked for again with what is wrong, and then stands`()
        throws
    {
        let wrong = ScriptedModel.response([.text(#"{"score": 7}"#)])
        guard case .callModel(let request, let name)? = try Self.strict().decide(journal([wrong])).first else {
            Issue.record("the model is not called again")
            return
        }
        #expect(name == "think-2")
        #expect(request.messages.map(\.role) == [.user, .assistant, .user])
        #expect(request.messages.last?.text.contains("/score") == true, "\(request.messages)")
        let right = ScriptedModel.response([.text(#"{"score": 0.7}"#)])
        guard case .finish(let output, _)? = try Self.strict().decide(journal([wrong, right])).first else {
            Issue.record("the turn does not end")
            return
        }
        #expect(output["content"] == #"{"score": 0.7}"#)
    }

    @Test func `a model that never follows its schema fails the run, with what is wrong`() throws {
        let wrong = ScriptedModel.response([.text("Seven, I think.")])
        for (steps, calls) in [(10, 3), (2, 2), (1, 1)] {
            let journal = try journal(Array(repeating: wrong, count: calls))
            guard case .fail(let error)? = try Self.strict(steps: steps).decide(journal).first else {
                Issue.record("the run goes on after \(calls) calls of \(steps)")
                continue
            }
            #expect(error.code == "schema_mismatch")
            #expect(error.message.contains("is not JSON"), "\(error.message)")
        }
    }

    @Test func `an answer that was cut is asked for again, shorter, and a refusal is not`() throws {
        let cut = ScriptedModel.response([.text(#"{"score": 0."#)], stopReason: .maxTokens)
        guard case .callModel(let request, _)? = try Self.strict().decide(journal([cut])).first else {
            Issue.record("the model is not called again")
            return
        }
        #expect(request.messages.last?.text.contains("short") == true)
        let refusal = ScriptedModel.response([.text("I must not.")], stopReason: .refusal)
        guard case .fail(let error)? = try Self.strict().decide(journal([refusal])).first else {
            Issue.record("the run goes on")
            return
        }
        #expect(error.message.contains("declined"))
    }

    @Test func `calls side by side are asked for together`() throws {
        let calls = ["a", "b", "c"].map { ToolCall(id: $0, name: "search", arguments: [:]) }
        let response = ScriptedModel.response(calls.map { .toolCall($0) }, stopReason: .toolUse)
        guard case .callTools(let wanted)? = try program.decide(journal([response])).first else {
            Issue.record("no tools are called")
            return
        }
        #expect(wanted.map(\.id) == ["a", "b", "c"])
    }
}
