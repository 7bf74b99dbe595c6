import Foundation
import SpotterDomain

extension StoreConformance {
    static let executions: [StoreBehaviour] = begins + records + leases + executionLists

    private static let begins: [StoreBehaviour] = [
        StoreBehaviour("a turn begins with its message, events and receipt, or not at all") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let conversation = try await gym.conversation(with: agent)
            let execution = gym.turn(of: conversation, with: agent)
            let message = gym.message("Hello", in: conversation.id, execution: execution.id)
            let receipt = gym.receipt("turn", execution: execution.id)
            let drafts = [
                EventDraft(.executionStarted, execution: execution.id, data: ["n": 1]),
                EventDraft(.messageCompleted, execution: execution.id, data: ["n": 2]),
            ]
            let events = try await stores.executions.begin(
                execution, message: message, events: drafts, receipt: receipt, lease: .seconds(60), in: gym.scope)
            try requireEqual(events.map(\.position), [1, 2])
            try requireEqual(events.map(\.type), drafts.map(\.type))
            try requireEqual(try await stores.executions.execution(execution.id, in: gym.scope), execution)
            try requireEqual(
                try await stores.conversations.messages(of: conversation.id, PageRequest(), in: gym.scope).items,
                [message])
            try requireEqual(try await stores.receipts.receipt(forKey: "turn", in: gym.scope), receipt)

            let second = gym.turn(of: conversation, with: agent)
            try await requireThrows(ReceiptExists.self) {
                try await stores.executions.begin(
                    second, message: gym.message("Again", in: conversation.id), events: drafts, receipt: receipt,
                    lease: .seconds(60), in: gym.scope)
            }
            try await requireError(.notFound) { try await stores.executions.execution(second.id, in: gym.scope) }
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 2)
        },
        StoreBehaviour("a turn of an unknown conversation or agent leaves nothing behind") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let ghost = Conversation(
                id: gym.id(), agentId: agent.id, title: "", createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start)
            try await requireError(.notFound) {
                try await stores.executions.begin(
                    gym.turn(of: ghost, with: agent), message: gym.message("Hello", in: ghost.id),
                    events: [EventDraft(.executionStarted)], receipt: gym.receipt("t"), lease: .seconds(60),
                    in: gym.scope)
            }
            let conversation = try await gym.conversation(with: agent)
            try await requireError(.notFound) {
                try await stores.executions.begin(
                    gym.turn(of: conversation, with: gym.draftAgent(named: "Ghost")),
                    message: gym.message("Hello", in: conversation.id), events: [EventDraft(.executionStarted)],
                    receipt: gym.receipt("t"), lease: .seconds(60), in: gym.scope)
            }
            try requireEqual(try await stores.receipts.receipt(forKey: "t", in: gym.scope), nil)
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 0)
            let messages = try await stores.conversations.messages(
                of: conversation.id, PageRequest(), in: gym.scope)
            try requireEqual(messages.items, [])
        },
    ]

    private static let records: [StoreBehaviour] = [
        StoreBehaviour("a record writes steps, answer, events and receipt together") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var execution = try await gym.begunTurn(receipt: gym.receipt("turn"))
            var call = gym.step(0, of: execution, kind: .model, state: .started)
            execution.currentStep = "model"
            execution.stepsTotal = 1
            _ = try await stores.executions.record(
                ExecutionRecord(execution: execution, steps: [call]), at: TestOrganization.start, in: gym.scope)
            call.state = .completed
            call.output = ["z": 1, "a": [nil, true, 1.5, "\u{7}\"ü\\u0000"]]
            call.usage = TokenUsage(inputTokens: 12, outputTokens: 3, modelCalls: 1)
            call.cost = Cost(base: Money(0.000_125, "USD"), markup: Money(0, "USD"), billed: Money(0.000_125, "USD"))
            call.completedAt = TestOrganization.start + 2
            let tool = gym.step(1, of: execution, kind: .tool, state: .failed)
            execution.state = .completed
            execution.output = ["text": "Hi"]
            execution.usage = TokenUsage(inputTokens: 12, outputTokens: 3, modelCalls: 1)
            execution.cost = try unwrap(call.cost)
            execution.stepsTotal = 2
            execution.stepsCompleted = 2
            execution.currentStep = nil
            execution.completedAt = TestOrganization.start + 2
            var answer = gym.message(
                "Hi", in: try unwrap(execution.conversationId), role: .assistant, execution: execution.id)
            answer.usage = execution.usage
            answer.cost = execution.cost
            answer.latencyMs = 2_000
            answer.transcript = [gym.toolCall, .user("ok")]
            let response = Receipt.Response(status: 200, body: [123, 125])
            let events = try await stores.executions.record(
                ExecutionRecord(
                    execution: execution, steps: [call, tool],
                    events: [EventDraft(.executionCompleted, execution: execution.id)], message: answer,
                    receipt: (key: "turn", response: response)),
                at: TestOrganization.start + 2, in: gym.scope)
            try requireEqual(events.map(\.position), [2])
            try requireEqual(
                try await stores.executions.journal(of: execution.id, in: gym.scope),
                Journal(execution: execution, steps: [call, tool]))
            let messages = try await stores.conversations.messages(
                of: answer.conversationId, PageRequest(), in: gym.scope)
            try requireEqual(messages.items.last, answer)
            try requireEqual(try await stores.receipts.receipt(forKey: "turn", in: gym.scope)?.response, response)
        },
        StoreBehaviour("documents come back with their members in order") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            var step = gym.step(0, of: execution, kind: .tool, state: .completed)
            step.output = ["zebra": 1, "apple": ["b": 1, "a": 2], "": 3]
            _ = try await stores.executions.record(
                ExecutionRecord(execution: execution, steps: [step]), at: TestOrganization.start, in: gym.scope)
            let journal = try await stores.executions.journal(of: execution.id, in: gym.scope)
            try requireEqual(journal.steps.first?.output?.description, step.output?.description)
        },
        StoreBehaviour("nothing is written to an execution that has ended, and the attempt says so") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var execution = try await gym.begunTurn()
            execution.state = .cancelled
            _ = try await stores.executions.record(
                ExecutionRecord(execution: execution), at: TestOrganization.start, in: gym.scope)
            try await gym.requireDiscarded(execution)
        },
        StoreBehaviour("a step is in one place of one journal") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let first = try await gym.begunTurn()
            let second = try await gym.begunTurn()
            let step = gym.step(0, of: first, kind: .model, state: .started)
            _ = try await stores.executions.record(
                ExecutionRecord(execution: first, steps: [step]), at: TestOrganization.start, in: gym.scope)
            try await requireError(.conflict) {
                try await stores.executions.record(
                    ExecutionRecord(
                        execution: first, steps: [gym.step(0, of: first, kind: .model, state: .started)]),
                    at: TestOrganization.start, in: gym.scope)
            }
            try await requireError(.conflict) {
                try await stores.executions.record(
                    ExecutionRecord(execution: second, steps: [step]), at: TestOrganization.start, in: gym.scope)
            }
            try requireEqual(try await stores.executions.journal(of: second.id, in: gym.scope).steps, [])
        },
    ]

    private static let leases: [StoreBehaviour] = [
        StoreBehaviour("a live lease cannot be taken over, an expired one can, and then late writes are discarded") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let held = try await gym.begunTurn()
            try requireEqual(
                try await stores.executions.takeOver(held.id, lease: .seconds(60), in: gym.scope), nil)
            let expired = try await gym.begunTurn(lease: .zero)
            let taken = try unwrap(
                try await stores.executions.takeOver(expired.id, lease: .seconds(60), in: gym.scope))
            var expected = expired
            expected.attempt = 2
            try requireEqual(taken, expected)
            try requireEqual(
                try await stores.executions.takeOver(expired.id, lease: .seconds(60), in: gym.scope), nil)
            try await gym.requireDiscarded(expired)
            // The new holder writes on.
            _ = try await stores.executions.record(
                ExecutionRecord(execution: taken), at: TestOrganization.start, in: gym.scope)
        },
        StoreBehaviour("a record renews the lease for as long as it was taken") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn(lease: .zero)
            let taken = try unwrap(
                try await stores.executions.takeOver(execution.id, lease: .zero, in: gym.scope))
            let again = try unwrap(
                try await stores.executions.takeOver(execution.id, lease: .seconds(60), in: gym.scope))
            try requireEqual([taken.attempt, again.attempt], [2, 3])
            _ = try await stores.executions.record(
                ExecutionRecord(execution: again), at: TestOrganization.start, in: gym.scope)
            try requireEqual(
                try await stores.executions.takeOver(execution.id, lease: .seconds(60), in: gym.scope), nil)
        },
        StoreBehaviour("of many processes exactly one takes an expired lease") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn(lease: .zero)
            let winners = try await withThrowingTaskGroup(of: Execution?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await stores.executions.takeOver(execution.id, lease: .seconds(60), in: gym.scope)
                    }
                }
                return try await group.reduce(into: [Int]()) { if let won = $1 { $0.append(won.attempt) } }
            }
            try requireEqual(winners, [2])
        },
        StoreBehaviour("an execution that waits or has ended has no lease to take over") { stores in
            let gym = try await TestOrganization.make(in: stores)
            for state in [ExecutionState.waiting, .paused, .completed] {
                var execution = try await gym.begunTurn(lease: .zero)
                execution.state = state
                _ = try await stores.executions.record(
                    ExecutionRecord(execution: execution), at: TestOrganization.start, in: gym.scope)
                try requireEqual(
                    try await stores.executions.takeOver(execution.id, lease: .seconds(60), in: gym.scope), nil)
            }
        },
    ]

    private static let executionLists: [StoreBehaviour] = [
        StoreBehaviour("executions are listed newest first, by any mix of conversation, agent and state") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var runs: [Execution] = []
            for number in 0..<6 {
                var run = try await gym.begunTurn()
                if number.isMultiple(of: 2) {
                    run.state = .completed
                    _ = try await stores.executions.record(
                        ExecutionRecord(execution: run), at: TestOrganization.start, in: gym.scope)
                }
                runs.append(run)
            }
            func list(_ filter: ExecutionFilter) async throws -> [ExecutionID] {
                try await allPages(limit: 2) {
                    try await stores.executions.list(filter, $0, in: gym.scope)
                }.map(\.id)
            }
            try requireEqual(try await list(ExecutionFilter()), runs.map(\.id).reversed())
            try requireEqual(
                try await list(ExecutionFilter(state: .completed)), [4, 2, 0].map { runs[$0].id })
            let third = runs[2]
            for state in [nil, ExecutionState.completed] {
                for agent in [nil, third.agentId] {
                    for conversation in [nil, third.conversationId] where agent != nil || conversation != nil {
                        let filter = ExecutionFilter(state: state, agent: agent, conversation: conversation)
                        try requireEqual(try await list(filter), [third.id])
                    }
                }
            }
            try requireEqual(
                try await list(ExecutionFilter(state: .failed, agent: third.agentId)), [])
            try requireEqual(
                try await list(ExecutionFilter(agent: runs[1].agentId, conversation: third.conversationId)), [])
        },
        StoreBehaviour("an unknown execution is not found, and cannot be written") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) { try await stores.executions.execution(gym.id(), in: gym.scope) }
            try await requireError(.notFound) { try await stores.executions.journal(of: gym.id(), in: gym.scope) }
            try requireEqual(
                try await stores.executions.takeOver(gym.id(), lease: .seconds(1), in: gym.scope), nil)
        },
    ]
}
