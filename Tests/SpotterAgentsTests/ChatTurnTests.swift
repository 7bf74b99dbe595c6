import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// Turns of a conversation: one at a time, cancelled in the middle, answered anew.
@Suite(.timeLimit(.minutes(2))) struct ChatTurnTests {
    private let world: TestEngine.World
    private let agent: Agent
    private let conversation: Conversation
    private var gym: TestOrganization { world.gym }

    init() async throws {
        world = try await TestEngine.World()
        agent = try await world.gym.change(try await world.gym.agent(named: "Coach")) {
            $0.model = "m"
            $0.tools = ["act"]
        }
        conversation = try await world.gym.conversation(with: agent)
    }

    /// A process that chats.
    private struct Desk {
        let engine: TestEngine
        let chat: ChatService
        let model: ScriptedModel
    }

    private func desk(
        _ replies: [ScriptedModel.Reply], tools: [any Tool] = [], store: FaultyExecutionStore? = nil
    ) -> Desk {
        let price = ModelPrice(
            model: "m", provider: "scripted", inputPerMillion: 1_000, outputPerMillion: 1_000,
            validFrom: Date(timeIntervalSince1970: 0))
        let model = ScriptedModel(replies, price: price)
        let caller = ToolCaller.scripted(ToolSet(tools), clock: world.clock)
        let source = ChatSource(
            conversations: world.stores.conversations, agents: world.stores.agents, tools: caller, models: model)
        let engine = TestEngine(in: world, store: store, model: model, tools: tools, programs: [.message: source])
        let chat = ChatService(
            conversations: world.stores.conversations, agents: world.stores.agents, executions: engine.store,
            workforce: engine.workforce, tools: engine.toolCaller, models: model, clock: world.clock,
            ids: RandomIDGenerator())
        return Desk(engine: engine, chat: chat, model: model)
    }

    private func ask(_ text: String, _ desk: Desk, isStreaming: Bool = true) async throws -> ChatService.Started {
        try await desk.chat.start(
            ChatTurn(conversation: conversation.id, content: text, isStreaming: isStreaming), in: gym.scope)
    }

    private func outcome(_ started: ChatService.Started, _ desk: Desk) async throws -> RunOutcome {
        try await desk.chat.outcome(of: started, within: .seconds(60), in: gym.scope)
    }

    private func events(of id: ExecutionID) async throws -> [Event] {
        try await world.stores.events.events(after: 0, execution: id, limit: 1_000, in: gym.scope)
    }

    private func messages() async throws -> [Message] {
        try await world.stores.conversations.messages(
            of: conversation.id, PageRequest(limit: 200), in: gym.scope
        ).items
    }

    /// Returns when readers have seen so much of the answer.
    private func read(_ text: String, of id: ExecutionID) async throws {
        var seen = ""
        while seen != text {
            await Task.yield()
            seen = try await events(of: id).filter { $0.type == EventType.messageDelta.rawValue }
                .compactMap { $0.data["text"]?.string }.joined()
        }
    }

    // MARK: Cancelling

    @Test func `what was said before a cancellation stays and is marked, is paid once, and the next turn knows it`()
        async throws
    {
        let desk = desk([.hang(after: ["Half ", "an answer"]), .text("Whole")])
        try await desk.engine.working {
            let started = try await ask("Tell me all", desk)
            let id = started.execution.id
            try await read("Half an answer", of: id)
            _ = try await desk.engine.workforce.control.cancel(id, in: gym.scope)
            let ended = try await outcome(started, desk)
            #expect(ended.execution.state == .cancelled)
            let partial = try #require(ended.message)
            #expect(partial.content == "Half an answer")
            #expect(partial.isPartial)
            #expect(partial.cost?.billed.amount ?? 0 > 0)
            #expect(partial.usage?.modelCalls == 1)
            #expect(try await messages().map(\.content) == ["Tell me all", "Half an answer"])
            let lines = try await gym.lines().filter { $0.execution == id }
            #expect(lines.map(\.cost) == [partial.cost])
            let told = try await events(of: id)
            #expect(told.suffix(2).map(\.type) == ["message.completed", "execution.cancelled"])
            #expect(told.dropLast().last?.data["is_partial"] == true)

            let next = try await outcome(try await ask("Go on", desk), desk)
            #expect(next.message?.content == "Whole")
            let shown = desk.model.requests.last?.messages.map(\.text)
            #expect(shown == ["Tell me all", "Half an answer", "Go on"])
        }
    }

    @Test func `a cancellation before a word was said leaves no answer, and the next turn works`() async throws {
        let desk = desk([.hang(), .text("Hello")])
        try await desk.engine.working {
            let started = try await ask("1", desk)
            for await _ in desk.model.calls { break }
            let waiting = try await ask("2", desk)
            #expect(waiting.execution.isInLine)
            _ = try await desk.engine.workforce.control.cancel(started.execution.id, in: gym.scope)
            #expect(try await outcome(started, desk).message == nil)
            try await desk.engine.turn()
            #expect(try await outcome(waiting, desk).message?.content == "Hello")
            #expect(try await messages().map(\.content) == ["1", "2", "Hello"])
        }
    }

    @Test func `what tools did before a cancellation is told to the next turn`() async throws {
        let tool = RecordingTool(effect: .keyed)
        let call = ToolCall(id: "c1", name: "act", arguments: ["note": "send it"])
        let desk = desk([.calls([call]), .hang(), .text("It was sent.")], tools: [tool])
        try await desk.engine.working {
            let started = try await ask("Send it", desk)
            var calls = 0
            for await _ in desk.model.calls {
                calls += 1
                if calls == 2 { break }
            }
            _ = try await desk.engine.workforce.control.cancel(started.execution.id, in: gym.scope)
            let partial = try #require(try await outcome(started, desk).message)
            #expect(partial.isPartial)
            #expect(partial.toolCalls.map(\.result) == ["done"])
            _ = try await outcome(try await ask("Was it sent?", desk), desk)
            let shown = try #require(desk.model.requests.last?.messages)
            #expect(shown.flatMap(\.toolResults).map(\.output) == ["done"])
            #expect(tool.calls.count == 1)
        }
    }

    @Test func `a call of a tool that is cancelled while it is under way is answered all the same`() {
        let step = Step(
            id: gym.id(), index: 0, name: "think-1", kind: .model, state: .completed, attempt: 1, input: [:],
            output: try? JSONValue(
                encoding: ScriptedModel.response(
                    [
                        .text("One moment."), .toolCall(ToolCall(id: "a", name: "act", arguments: [:])),
                        .toolCall(ToolCall(id: "b", name: "act", arguments: [:])),
                    ], stopReason: .toolUse)), startedAt: world.clock.now())
        let journal = Journal(execution: gym.turn(of: conversation, with: agent), steps: [step])
        let request = ModelRequest(model: "m", system: "", messages: [])
        let context = ChatContext(
            request: request, past: TurnPast(messages: [.user("Go")]), settings: nil, window: nil)
        let program = ChatProgram(context: context, limits: AgentLimits())
        let answer = program.answer(brokenOff: journal, heard: "")
        #expect(answer?.transcript.map(\.role) == [.assistant, .tool, .assistant])
        #expect(answer?.transcript[1].toolResults.map(\.callId) == ["a", "b"])
        #expect(answer?.transcript[1].toolResults.map(\.isError) == [true, true])
    }

    // MARK: In line

    @Test func `a message that comes while another is answered waits, and is told of when it begins`() async throws {
        let gate = Gate()
        let desk = desk([
            .work { request in
                await gate.pass()
                return ScriptedModel.response([.text("re: \(request.messages.last?.text ?? "")")])
            }
        ])
        try await desk.engine.working {
            let first = try await ask("1", desk, isStreaming: false)
            let others = [
                try await ask("2", desk, isStreaming: false), try await ask("3", desk, isStreaming: false),
            ]
            #expect(others.map(\.execution.isInLine) == [true, true])
            #expect(desk.engine.workforce.pool.running == 1)
            await #expect(throws: SpotterError.self) {
                try await desk.engine.workforce.control.pause(others[0].execution.id, in: gym.scope)
            }
            gate.open()
            _ = try await outcome(first, desk)
            try await desk.engine.turn()
            for (number, started) in others.enumerated() {
                let ended = try await outcome(started, desk)
                #expect(ended.message?.content == "re: \(number + 2)")
                let told = try await events(of: started.execution.id).map(\.type)
                #expect(
                    told.filter { $0.hasPrefix("execution.") } == [
                        "execution.queued", "execution.started", "execution.completed",
                    ])
            }
            #expect(try await messages().map(\.content) == ["1", "re: 1", "2", "re: 2", "3", "re: 3"])
            #expect(desk.model.requests.last?.messages.map(\.text) == ["1", "re: 1", "2", "re: 2", "3"])
        }
    }

    @Test func `a turn of which it is not known whether it was put in line does not run out of turn`() async throws {
        let store = FaultyExecutionStore(world.stores.executions, faults: [3: .outcomeUnknown])
        let desk = desk([.hang(), .text("Hello")], store: store)
        try await desk.engine.working {
            let first = try await ask("1", desk)
            for await _ in desk.model.calls { break }
            await #expect(throws: SpotterError.self) { try await ask("2", desk) }
            while desk.engine.workforce.pool.running > 1 { await Task.yield() }
            #expect(desk.model.requests.count == 1)
            let runs = try await world.stores.executions.list(ExecutionFilter(), PageRequest(), in: gym.scope).items
            #expect(runs.map(\.state) == [.waiting, .running])
            _ = try await desk.engine.workforce.control.cancel(first.execution.id, in: gym.scope)
            _ = try await outcome(first, desk)
            try await desk.engine.turn()
            #expect(try await messages().map(\.content) == ["1", "2", "Hello"])
        }
    }

    // MARK: Anew

    @Test func `an answer given anew sees what the first one saw, and its effects have keys of their own`()
        async throws
    {
        let tool = RecordingTool(effect: .keyed)
        let call = ToolCall(id: "c1", name: "act", arguments: [:])
        let desk = desk(
            [.text("Hi"), .calls([call]), .text("Old"), .calls([call]), .text("New")], tools: [tool])
        try await desk.engine.working {
            _ = try await outcome(try await ask("Hello", desk), desk)
            let old = try #require(try await outcome(try await ask("Do it", desk), desk).message)
            let before = desk.model.requests[1].messages
            let turn = ChatTurn(conversation: conversation.id, answeringAnew: old.id, isStreaming: false)
            let ended = try await outcome(try await desk.chat.start(turn, in: gym.scope), desk)
            #expect(ended.message?.content == "New")
            #expect(ended.message?.replaces == old.id)
            #expect(ended.execution.usage.modelCalls == 2)
            #expect(desk.model.requests[3].messages == before)
            #expect(Set(tool.calls.map(\.effectKey)).count == 2)
            #expect(try await messages().map(\.content) == ["Hello", "Hi", "Do it", "New"])
            let lines = try await gym.lines()
            #expect(lines.count == 5)
            #expect(Set(lines.map(\.execution)).count == 3)
            // And once more: what it stands in for now is the new one.
            let again = ChatTurn(
                conversation: conversation.id, answeringAnew: try #require(ended.message).id, isStreaming: false)
            let third = try await outcome(try await desk.chat.start(again, in: gym.scope), desk)
            #expect(third.message?.content == "New")
            #expect(desk.model.requests.last?.messages == before)
        }
    }

    @Test func `a turn that gives an answer anew goes on in another process where the first one died`() async throws {
        let store = FaultyExecutionStore(world.stores.executions, faults: [4: .deathBefore])
        let first = desk([.text("Old"), .text("Lost")], store: store)
        let id = try await first.engine.working {
            let old = try #require(try await outcome(try await ask("Why?", first, isStreaming: false), first).message)
            let turn = ChatTurn(conversation: conversation.id, answeringAnew: old.id, isStreaming: false)
            let started = try await first.chat.start(turn, in: gym.scope)
            _ = try? await outcome(started, first)
            return started.execution.id
        }
        world.clock.advance(by: 25)
        let second = desk([.text("New")])
        try await second.engine.working { _ = try await second.engine.turn() }
        #expect(try await world.stores.executions.execution(id, in: gym.scope).state == .completed)
        #expect(second.model.requests.first?.messages.map(\.text) == ["Why?"])
        #expect(try await messages().map(\.content) == ["Why?", "New"])
    }

    private func anew(_ answer: Message?, _ desk: Desk) async throws -> RunOutcome {
        let id = try #require(answer?.id)
        let turn = ChatTurn(conversation: conversation.id, answeringAnew: id, isStreaming: false)
        return try await outcome(try await desk.chat.start(turn, in: gym.scope), desk)
    }

    @Test func `an answer given anew answers what the first one did, though it came after a later question`()
        async throws
    {
        let failure = ModelError(.authentication, provider: "scripted", message: "No key.")
        let desk = desk([.failure(failure), .text("two"), .text("one"), .text("One"), .text("ONE")])
        try await desk.engine.working {
            let failed = try await outcome(try await ask("1", desk), desk).execution
            #expect(failed.state == .failed)
            _ = try await outcome(try await ask("2", desk), desk)
            _ = try await desk.engine.workforce.control.retry(failed.id, in: gym.scope)
            try await desk.engine.turn()
            #expect(try await messages().map(\.content) == ["1", "2", "two", "one"])
            let second = try await anew(try await messages().last, desk)
            #expect(second.execution.input["content"] == "1")
            #expect(desk.model.requests.last?.messages.map(\.text) == ["1"])
            // That turn said nothing itself; it knows what it answered.
            let third = try await anew(second.message, desk)
            #expect(third.execution.input["content"] == "1")
            #expect(try await messages().map(\.content) == ["1", "2", "two", "ONE"])
        }
    }

    @Test func `an answer that was summarised with its question says so when it is to be given anew`() async throws {
        let desk = desk([.text("one"), .text("two")])
        try await desk.engine.working {
            let first = try #require(try await outcome(try await ask("1", desk), desk).message)
            let through = try #require(try await outcome(try await ask("2", desk), desk).message)
            let elsewhere = try await gym.conversation(with: agent)
            let run = gym.turn(of: elsewhere, with: agent)
            _ = try await gym.ask("Count", run, in: elsewhere, worker: try await gym.worker())
            var record = ExecutionRecord(execution: run)
            record.blocks = [
                MemoryBlock(
                    id: gym.id(), conversationId: conversation.id, summary: "They counted.", through: through.id,
                    method: .model, model: "m", messages: 4, tokensBefore: 100, tokensAfter: 10,
                    executionId: run.id, createdAt: world.clock.now())
            ]
            try await gym.record(record)
            let refused = try await #require(throws: SpotterError.self) { try await anew(through, desk) }
            #expect(refused.code == .conflict)
            #expect(refused.message.contains("summarised away"))
            let older = try await #require(throws: SpotterError.self) { try await anew(first, desk) }
            #expect(older.message == TurnLine.isNotLast.message)
            #expect(desk.model.requests.count == 2)
        }
    }
}
