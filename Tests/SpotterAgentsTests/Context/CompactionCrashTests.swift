import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterAgents

/// A process dies around the summary of a long conversation, and another goes on with the turn.
@Suite(.timeLimit(.minutes(5))) struct CompactionCrashTests {
    struct Death: Sendable, CustomTestStringConvertible {
        let fault: FaultyExecutionStore.Fault
        /// 1 is the beginning of the turn, 2 the summary, 3 the answer, 4 the end.
        let write: Int
        var testDescription: String { "\(fault) write \(write)" }
    }

    private static let text = String(repeating: "Ana asked whether her membership can be frozen. ", count: 20)

    private func longConversation(in gym: TestOrganization) async throws -> Conversation {
        let agent = try await gym.change(try await gym.agent(named: "Coach")) {
            $0.model = "m"
            $0.maxOutputTokens = 300
            $0.context = ContextSettings(maxTokens: 3_000)
        }
        let conversation = try await gym.conversation(with: agent)
        for number in 0..<20 { try await gym.say("\(number): \(Self.text)", in: conversation, with: agent) }
        return conversation
    }

    private func chat(_ engine: TestEngine, _ world: TestEngine.World, _ model: ScriptedModel) -> ChatService {
        ChatService(
            conversations: world.stores.conversations, agents: world.stores.agents, executions: engine.store,
            workforce: engine.workforce, tools: engine.toolCaller, models: model, clock: world.clock,
            ids: RandomIDGenerator())
    }

    private func engine(
        in world: TestEngine.World, _ model: ScriptedModel, store: FaultyExecutionStore? = nil
    ) -> TestEngine {
        let tools = ToolCaller.scripted(ToolSet([]), clock: world.clock)
        let source = ChatSource(
            conversations: world.stores.conversations, agents: world.stores.agents, tools: tools, models: model)
        return TestEngine(in: world, store: store, model: model, programs: [.message: source])
    }

    @Test(arguments: (2...4).flatMap { [Death(fault: .deathBefore, write: $0), Death(fault: .deathAfter, write: $0)] })
    func `a summary that is journalled is not paid for twice, and what was left out is told once`(
        _ death: Death
    ) async throws {
        let world = try await TestEngine.World()
        let conversation = try await longConversation(in: world.gym)
        let model = ScriptedModel([
            .work { request in
                let isSummary = request.system.contains("You condense records")
                return ScriptedModel.response([.text(isSummary ? "All about freezing." : "Yes, it can.")])
            }
        ])
        let store = FaultyExecutionStore(world.stores.executions, faults: [death.write: death.fault])
        let first = engine(in: world, model, store: store)
        let id = try await first.working {
            let turn = ChatTurn(conversation: conversation.id, content: "So?", isStreaming: false)
            let chat = chat(first, world, model)
            let started = try await chat.start(turn, in: world.gym.scope)
            _ = try? await chat.outcome(of: started, within: .seconds(60), in: world.gym.scope)
            return started.execution.id
        }
        world.clock.advance(by: 25)
        let second = engine(in: world, model)
        try await second.working { _ = try await second.turn() }

        let journal = try await world.stores.executions.journal(of: id, in: world.gym.scope)
        #expect(journal.execution.state == .completed)
        #expect(journal.steps.map(\.kind) == [.model, .compaction, .model])
        let summaries = model.requests.count { $0.system.contains("You condense records") }
        #expect(summaries == (death.write == 2 && death.fault == .deathBefore ? 2 : 1))
        let events = try await world.stores.events.events(
            after: 0, execution: id, limit: 1_000, in: world.gym.scope)
        #expect(events.count { $0.type == EventType.contextCompacted.rawValue } == 1)
        let context = try await world.stores.conversations.turnContext(
            of: conversation.id, limit: 200, in: world.gym.scope)
        #expect(context.block?.summary == "All about freezing.")
        #expect(context.block?.executionId == id)
        #expect(context.messages.last?.content == "Yes, it can.")
        // What the journal keeps of a call is the call, not once more all that was said before it.
        #expect(journal.steps.allSatisfy { !$0.input.description.contains("Ana asked") })
    }
}
