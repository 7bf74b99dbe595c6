import SpotterDomain
import SpotterTesting
import Testing

struct ContentionTests {
    @Test func `records, renamings and deletions of one conversation at once never deadlock`() async throws {
        let stores = try await TestStores.shared.stores
        let gym = try await TestOrganization.make(in: stores)
        for _ in 0..<10 {
            let agent = try await gym.agent(named: "Agent \(gym.word())")
            let conversation = try await gym.conversation(with: agent)
            var executions: [Execution] = []
            for _ in 0..<3 {
                let execution = gym.turn(of: conversation, with: agent)
                _ = try await stores.executions.begin(
                    execution, message: gym.message("Hello", in: conversation.id, execution: execution.id),
                    events: [], receipt: nil, lease: .seconds(60), in: gym.scope)
                executions.append(execution)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for execution in executions {
                    group.addTask {
                        var ended = execution
                        ended.state = .completed
                        _ = try await stores.executions.record(
                            ExecutionRecord(
                                execution: ended,
                                events: [EventDraft(.executionCompleted, execution: execution.id)],
                                message: gym.message("Hi", in: conversation.id, role: .assistant)),
                            at: TestOrganization.start, in: gym.scope)
                    }
                }
                group.addTask {
                    try await stores.conversations.delete(conversation.id, version: nil, in: gym.scope)
                }
                try await group.waitForAll()
            }
            for execution in executions {
                let ended = try await stores.executions.execution(execution.id, in: gym.scope)
                #expect(ended.state == .completed)
                #expect(ended.conversationId == nil)
            }
        }
    }
}
