import Foundation
import SpotterDomain

extension StoreConformance {
    static let conversations: [StoreBehaviour] = conversationChanges + messages

    private static let conversationChanges: [StoreBehaviour] = [
        StoreBehaviour("a conversation is kept, changed and deleted, each at its current version only") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            var conversation = try await gym.conversation(with: agent)
            try requireEqual(try await stores.conversations.conversation(conversation.id, in: gym.scope), conversation)
            conversation.title = "Renamed"
            conversation.metadata = ["channel": "web"]
            conversation.version = 2
            conversation.updatedAt = TestOrganization.start + 9
            try await stores.conversations.update(conversation, in: gym.scope)
            try requireEqual(try await stores.conversations.conversation(conversation.id, in: gym.scope), conversation)
            let unchanged = conversation
            try await requireError(.preconditionFailed) {
                try await stores.conversations.update(unchanged, in: gym.scope)
            }
            try await requireError(.preconditionFailed) {
                try await stores.conversations.delete(unchanged.id, version: 1, in: gym.scope)
            }
            try await stores.conversations.delete(conversation.id, version: 2, in: gym.scope)
            try await requireError(.notFound) {
                try await stores.conversations.delete(unchanged.id, version: nil, in: gym.scope)
            }
            try await requireError(.notFound) {
                try await stores.conversations.conversation(unchanged.id, in: gym.scope)
            }
            try await requireError(.notFound) { try await stores.conversations.update(unchanged, in: gym.scope) }
        },
        StoreBehaviour("a conversation needs an agent that is there, and the key of a refused one stays unused") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            try await stores.agents.delete(agent.id, version: nil, in: gym.scope)
            let conversation = Conversation(
                id: gym.id(), agentId: agent.id, title: "", createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start)
            try await requireError(.notFound) {
                try await stores.conversations.create(conversation, receipt: gym.receipt("c"), in: gym.scope)
            }
            try requireEqual(try await stores.receipts.receipt(forKey: "c", in: gym.scope), nil)
        },
        StoreBehaviour("a used idempotency key comes before every other complaint about a conversation") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let conversation = Conversation(
                id: gym.id(), agentId: agent.id, title: "", createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start)
            try await stores.conversations.create(conversation, receipt: gym.receipt("c"), in: gym.scope)
            try await stores.agents.delete(agent.id, version: nil, in: gym.scope)
            try await requireThrows(ReceiptExists.self) {
                try await stores.conversations.create(conversation, receipt: gym.receipt("c"), in: gym.scope)
            }
        },
        StoreBehaviour("conversations are listed newest first, by agent and by words of the title") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let coach = try await gym.agent(named: "Coach")
            let desk = try await gym.agent(named: "Desk")
            let first = try await gym.conversation(with: coach, title: "Müller's knee")
            let second = try await gym.conversation(with: desk, title: "Billing of MÜLLER")
            let third = try await gym.conversation(with: coach, title: "Knee again")
            func list(_ filter: ConversationFilter) async throws -> [ConversationID] {
                try await allPages(limit: 1) {
                    try await stores.conversations.list(filter, $0, in: gym.scope)
                }.map(\.id)
            }
            try requireEqual(try await list(ConversationFilter()), [third.id, second.id, first.id])
            try requireEqual(try await list(ConversationFilter(agent: coach.id)), [third.id, first.id])
            try requireEqual(try await list(ConversationFilter(search: "müller")), [second.id, first.id])
            try requireEqual(try await list(ConversationFilter(agent: coach.id, search: "KNEE mü")), [first.id])
        },
        StoreBehaviour("what a deleted agent said stays, but no new turn starts from it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let conversation = try unwrap(execution.conversationId)
            try await stores.agents.delete(try unwrap(execution.agentId), version: nil, in: gym.scope)
            let messages = try await stores.conversations.messages(of: conversation, PageRequest(), in: gym.scope)
            try requireEqual(messages.items.map(\.content), ["Hello"])
            try await requireError(.notFound) {
                try await stores.conversations.turnContext(of: conversation, limit: 10, in: gym.scope)
            }
        },
    ]

    private static let messages: [StoreBehaviour] = [
        StoreBehaviour("the answer of an execution is what it said last in its conversation") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let conversation = try unwrap(execution.conversationId)
            try requireEqual(
                try await stores.conversations.answer(of: execution.id, in: conversation, gym.scope), nil)
            let said = ["Hi", "Bye"].map {
                gym.message($0, in: conversation, role: .assistant, execution: execution.id)
            }
            for message in said { try await gym.record(ExecutionRecord(execution: execution, message: message)) }
            try requireEqual(
                try await stores.conversations.answer(of: execution.id, in: conversation, gym.scope), said[1])
            try requireEqual(
                try await stores.conversations.answer(of: gym.id(), in: conversation, gym.scope), nil)
            try requireEqual(
                try await stores.conversations.answer(of: execution.id, in: gym.id(), gym.scope), nil)
        },
        StoreBehaviour("messages are listed oldest first, page by page, while new ones are said") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let conversation = try await gym.conversation(with: agent)
            for number in 0..<5 { try await gym.say("\(number)", in: conversation, with: agent) }
            var late = 5
            let listed = try await allPages(limit: 2) { page in
                let result = try await stores.conversations.messages(of: conversation.id, page, in: gym.scope)
                if late < 8 { try await gym.say("\(late)", in: conversation, with: agent) }
                late += 1
                return result
            }
            try requireEqual(listed.map(\.content), (0..<listed.count).map(String.init))
            try require(listed.count >= 7, "\(listed.count) messages were listed")
            try await requireError(.notFound) {
                try await stores.conversations.messages(of: gym.id(), PageRequest(), in: gym.scope)
            }
            let elsewhere = PageRequest(after: Cursor((gym.id() as MessageID).uuid))
            try requireEqual(
                try await stores.conversations.messages(of: conversation.id, elsewhere, in: gym.scope).items, [])
        },
        StoreBehaviour("a message raises its conversation's version and time") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let conversation = try await gym.conversation(with: agent)
            try await gym.say("Hello", in: conversation, with: agent)
            let after = try await stores.conversations.conversation(conversation.id, in: gym.scope)
            try requireEqual(after.version, 2)
            try requireEqual(after.lastMessageAt, TestOrganization.start)
        },
        StoreBehaviour("a turn starts from the organisation, the agent as it is now, and the last messages in order") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let conversation = try await gym.conversation(with: agent)
            for number in 0..<4 { try await gym.say("\(number)", in: conversation, with: agent) }
            let changed = try await gym.change(agent) { $0.systemPrompt = "Be brief." }
            let context = try await stores.conversations.turnContext(of: conversation.id, limit: 3, in: gym.scope)
            try requireEqual(context.organization, gym.organization)
            try requireEqual(context.agent, changed)
            try requireEqual(context.conversation.id, conversation.id)
            try requireEqual(context.messages.map(\.content), ["1", "2", "3"])
            try await requireError(.notFound) {
                try await stores.conversations.turnContext(of: gym.id(), limit: 3, in: gym.scope)
            }
        },
        StoreBehaviour("a deleted conversation takes its messages along and leaves its runs") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let conversation = try unwrap(execution.conversationId)
            try await stores.conversations.delete(conversation, version: nil, in: gym.scope)
            try await requireError(.notFound) {
                try await stores.conversations.messages(of: conversation, PageRequest(), in: gym.scope)
            }
            let left = try await stores.executions.execution(execution.id, in: gym.scope)
            try requireEqual(left.conversationId, nil)
            // The turn that was running then may still end, though nobody reads its answer.
            var ended = left
            ended.state = .completed
            let report = try await gym.record(
                ExecutionRecord(
                    execution: ended, events: [EventDraft(.executionCompleted, execution: ended.id)],
                    message: gym.message("Late", in: conversation, role: .assistant)))
            try requireEqual(report.events.count, 1)
            try requireEqual(try await stores.executions.execution(execution.id, in: gym.scope).state, .completed)
        },
    ]
}
