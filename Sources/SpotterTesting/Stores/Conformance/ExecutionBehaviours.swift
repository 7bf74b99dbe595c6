import Foundation
import SpotterDomain

extension StoreConformance {
    static let executions: [StoreBehaviour] = begins + written

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
            let worker = try await gym.worker()
            let events = try await stores.executions.begin(
                execution, message: message, events: drafts, receipt: receipt, worker: worker, in: gym.scope)
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
                    worker: worker, in: gym.scope)
            }
            try await requireError(.notFound) { try await stores.executions.execution(second.id, in: gym.scope) }
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 2)
        },
        StoreBehaviour("a turn of an unknown conversation or agent leaves nothing behind") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            let agent = try await gym.agent(named: "Coach")
            let ghost = Conversation(
                id: gym.id(), agentId: agent.id, title: "", createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start)
            try await requireError(.notFound) {
                try await stores.executions.begin(
                    gym.turn(of: ghost, with: agent), message: gym.message("Hello", in: ghost.id),
                    events: [EventDraft(.executionStarted)], receipt: gym.receipt("t"), worker: worker,
                    in: gym.scope)
            }
            let conversation = try await gym.conversation(with: agent)
            try await requireError(.notFound) {
                try await stores.executions.begin(
                    gym.turn(of: conversation, with: gym.draftAgent(named: "Ghost")),
                    message: gym.message("Hello", in: conversation.id), events: [EventDraft(.executionStarted)],
                    receipt: gym.receipt("t"), worker: worker, in: gym.scope)
            }
            try requireEqual(try await stores.receipts.receipt(forKey: "t", in: gym.scope), nil)
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 0)
            let messages = try await stores.conversations.messages(
                of: conversation.id, PageRequest(), in: gym.scope)
            try requireEqual(messages.items, [])
        },
    ]

    private static let written: [StoreBehaviour] = [
        StoreBehaviour("a record writes steps, answer and events together") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var execution = try await gym.begunTurn()
            var call = gym.step(0, of: execution, kind: .model, state: .started)
            execution.currentStep = "model"
            execution.stepsTotal = 1
            try await gym.record(ExecutionRecord(execution: execution, steps: [call]))
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
            let report = try await gym.record(
                ExecutionRecord(
                    execution: execution, steps: [call, tool],
                    events: [EventDraft(.executionCompleted, execution: execution.id)], message: answer),
                at: TestOrganization.start + 2)
            try requireEqual(report.events.map(\.position), [2])
            try requireEqual(
                try await stores.executions.journal(of: execution.id, in: gym.scope),
                Journal(execution: execution, steps: [call, tool]))
            let messages = try await stores.conversations.messages(
                of: answer.conversationId, PageRequest(), in: gym.scope)
            try requireEqual(messages.items.last, answer)
        },
        StoreBehaviour("documents come back with their members in order") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            var step = gym.step(0, of: execution, kind: .tool, state: .completed)
            step.output = ["zebra": 1, "apple": ["b": 1, "a": 2], "": 3]
            try await gym.record(ExecutionRecord(execution: execution, steps: [step]))
            let journal = try await stores.executions.journal(of: execution.id, in: gym.scope)
            try requireEqual(journal.steps.first?.output?.description, step.output?.description)
        },
        StoreBehaviour("nothing is written to an execution that has ended, and the attempt says so") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var execution = try await gym.begunTurn()
            execution.state = .cancelled
            try await gym.record(ExecutionRecord(execution: execution))
            try await gym.requireDiscarded(execution)
        },
        StoreBehaviour("a step is in one place of one journal") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let first = try await gym.begunTurn()
            let second = try await gym.begunTurn()
            let step = gym.step(0, of: first, kind: .model, state: .started)
            try await gym.record(ExecutionRecord(execution: first, steps: [step]))
            try await requireError(.conflict) {
                try await gym.record(
                    ExecutionRecord(
                        execution: first, steps: [gym.step(0, of: first, kind: .model, state: .started)]))
            }
            try await requireError(.conflict) {
                try await gym.record(ExecutionRecord(execution: second, steps: [step]))
            }
            try requireEqual(try await stores.executions.journal(of: second.id, in: gym.scope).steps, [])
        },
    ]
}
