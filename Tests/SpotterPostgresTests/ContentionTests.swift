import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

struct ContentionTests {
    @Test func `records, renamings and deletions of one conversation at once never deadlock`() async throws {
        let stores = try await TestStores.shared.stores
        let gym = try await TestOrganization.make(in: stores)
        let worker = try await gym.worker()
        for _ in 0..<10 {
            let agent = try await gym.agent(named: "Agent \(gym.word())")
            let conversation = try await gym.conversation(with: agent)
            var executions: [Execution] = []
            for _ in 0..<3 {
                // A turn, and what it has begun: that does not wait for it.
                let execution = gym.turn(of: conversation, with: agent, parent: executions.first?.id)
                _ = try await stores.executions.begin(
                    execution, message: gym.message("Hello", in: conversation.id, execution: execution.id),
                    events: [], receipt: nil, worker: worker, in: gym.scope)
                executions.append(execution)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for execution in executions {
                    group.addTask {
                        var ended = execution
                        ended.state = .completed
                        try await gym.record(
                            ExecutionRecord(
                                execution: ended,
                                events: [EventDraft(.executionCompleted, execution: execution.id)],
                                message: gym.message("Hi", in: conversation.id, role: .assistant)))
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

    @Test func `deleting a conversation waits for a record that has only begun, and the record for nobody`()
        async throws
    {
        let fresh = try await TestStores.fresh()
        let administrator = TestStores.connect(fresh.administrator)
        let gym = try await TestOrganization.make(in: fresh.stores)
        let execution = try await gym.begunTurn()
        let conversation = try #require(execution.conversationId)
        let scoped = fresh.database.withOrganization(gym.scope.organization.uuid)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // A record by hand, so that it can stop between its conversation and its execution.
            try await scoped.transaction { record in
                let said = try await record.query(
                    Statement("UPDATE spotter.conversations SET title = 'x' WHERE id = $1", conversation.uuid))
                #expect(said.affected == 1)
                group.addTask {
                    try await fresh.stores.conversations.delete(conversation, version: nil, in: gym.scope)
                }
                try await waitForLock(administrator)
                let ended = try await record.query(
                    Statement("UPDATE spotter.executions SET current_step = 'x' WHERE id = $1", execution.id.uuid))
                #expect(ended.affected == 1)
            }
            try await group.waitForAll()
        }
        #expect(try await fresh.stores.executions.execution(execution.id, in: gym.scope).conversationId == nil)
        administrator.close()
        try await fresh.close()
    }

    @Test func `a record that waits for somebody's change of its execution is written behind it`() async throws {
        let fresh = try await TestStores.fresh()
        let administrator = TestStores.connect(fresh.administrator)
        let gym = try await TestOrganization.make(in: fresh.stores)
        var ended = try await gym.begunTurn()
        ended.state = .completed
        let record = ExecutionRecord(execution: ended)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // The change moves the row: whoever looked for its place before would not find it there any more.
            try await fresh.database.withOrganization(gym.scope.organization.uuid).transaction { change in
                _ = try await change.query(
                    Statement(
                        "UPDATE spotter.executions SET requested = 'pause', signals = signals + 1 WHERE id = $1",
                        record.execution.id.uuid))
                group.addTask { try await gym.record(record) }
                try await waitForLock(administrator)
            }
            try await group.waitForAll()
        }
        let stored = try await fresh.stores.executions.execution(ended.id, in: gym.scope)
        #expect(stored.state == .completed)
        #expect(stored.signals == 1)
        administrator.close()
        try await fresh.close()
    }
}
