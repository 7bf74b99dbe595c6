import Foundation
import SpotterDomain

extension StoreConformance {
    static let memories: [StoreBehaviour] = [
        StoreBehaviour("what is kept under a key is found, replaced and forgotten, each at its version only") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let first = try await stores.memory.put(gym.entry("vat", ["rate": 20]), version: nil, in: gym.scope)
            try requireEqual(first.version, 1)
            try requireEqual(try await stores.memory.entry("vat", of: .organization, in: gym.scope), first)
            let second = try await stores.memory.put(
                gym.entry("vat", 19, at: TestOrganization.start + 5), version: 1, in: gym.scope)
            try requireEqual(second.id, first.id)
            try requireEqual(second.createdAt, first.createdAt)
            try requireEqual(second.updatedAt, TestOrganization.start + 5)
            try requireEqual(second.value, 19)
            try requireEqual(second.version, 2)
            for version in [1, 3] {
                try await requireError(.preconditionFailed) {
                    try await stores.memory.put(gym.entry("vat", 18), version: version, in: gym.scope)
                }
            }
            try await requireError(.preconditionFailed) {
                try await stores.memory.put(gym.entry("new", 18), version: 1, in: gym.scope)
            }
            try await requireError(.preconditionFailed) {
                try await stores.memory.delete("vat", of: .organization, version: 1, in: gym.scope)
            }
            try await stores.memory.delete("vat", of: .organization, version: 2, in: gym.scope)
            try await requireError(.notFound) {
                try await stores.memory.entry("vat", of: .organization, in: gym.scope)
            }
            try await requireError(.notFound) {
                try await stores.memory.delete("vat", of: .organization, version: nil, in: gym.scope)
            }
        },
        StoreBehaviour("a key is one thing for everybody, another for an agent, another in a conversation") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let conversation = try await gym.conversation(with: agent)
            let owners: [MemoryScope] = [.conversation(conversation.id), .agent(agent.id), .organization]
            for (number, owner) in owners.enumerated() {
                _ = try await stores.memory.put(
                    gym.entry("note", .int(Int64(number)), of: owner), version: nil, in: gym.scope)
            }
            for (number, owner) in owners.enumerated() {
                let entry = try await stores.memory.entry("note", of: owner, in: gym.scope)
                try requireEqual(entry.scope, owner)
                try requireEqual(entry.value, .int(Int64(number)))
            }
            let recalled = try await stores.memory.recall(owners, limit: 5, in: gym.scope)
            try requireEqual(recalled.map(\.scope), owners)
            let context = try await stores.conversations.turnContext(of: conversation.id, limit: 1, in: gym.scope)
            try requireEqual(context.memory, recalled)
            try await stores.conversations.delete(conversation.id, version: nil, in: gym.scope)
            try await requireError(.notFound) {
                try await stores.memory.entry("note", of: owners[0], in: gym.scope)
            }
            try requireEqual(
                try await stores.memory.recall(owners, limit: 5, in: gym.scope).map(\.scope),
                [
                    .agent(agent.id), .organization,
                ])
        },
        StoreBehaviour("memory is kept only for agents and conversations that are there") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            try await stores.agents.delete(agent.id, version: nil, in: gym.scope)
            for owner in [MemoryScope.agent(agent.id), .agent(gym.id()), .conversation(gym.id())] {
                try await requireError(.notFound) {
                    try await stores.memory.put(gym.entry("note", 1, of: owner), version: nil, in: gym.scope)
                }
            }
        },
        StoreBehaviour(
            "memory is listed newest first, by owner and by parts of the key, and recalled by the last change"
        ) {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            for key in ["Class.spin", "class.yoga", "rate_100%"] {
                _ = try await stores.memory.put(gym.entry(key, 1), version: nil, in: gym.scope)
            }
            _ = try await stores.memory.put(
                gym.entry("class.box", 1, of: .agent(agent.id)), version: nil, in: gym.scope)
            func list(_ filter: MemoryFilter) async throws -> [String] {
                try await allPages(limit: 1) { try await stores.memory.list(filter, $0, in: gym.scope) }.map(\.key)
            }
            try requireEqual(try await list(MemoryFilter()), ["class.box", "rate_100%", "class.yoga", "Class.spin"])
            try requireEqual(
                try await list(MemoryFilter(scope: .organization, search: "class")), ["class.yoga", "Class.spin"])
            try requireEqual(try await list(MemoryFilter(search: "0%")), ["rate_100%"])
            try requireEqual(try await list(MemoryFilter(scope: .agent(agent.id))), ["class.box"])
            _ = try await stores.memory.put(
                gym.entry("Class.spin", 2, at: TestOrganization.start + 60), version: nil, in: gym.scope)
            try requireEqual(
                try await stores.memory.recall([.organization], limit: 2, in: gym.scope).map(\.key),
                ["Class.spin", "rate_100%"])
        },
        StoreBehaviour("another organisation's memory does not exist, and its keys are free") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let agent = try await theirs.agent(named: "Coach")
            let owners: [MemoryScope] = [.organization, .agent(agent.id)]
            for owner in owners {
                _ = try await stores.memory.put(theirs.entry("note", 1, of: owner), version: nil, in: theirs.scope)
                try await requireError(.notFound) {
                    try await stores.memory.entry("note", of: owner, in: mine.scope)
                }
                try await requireError(.notFound) {
                    try await stores.memory.delete("note", of: owner, version: nil, in: mine.scope)
                }
                try requireEqual(
                    try await stores.memory.list(MemoryFilter(scope: owner), PageRequest(), in: mine.scope).items, [])
            }
            try requireEqual(try await stores.memory.recall(owners, limit: 5, in: mine.scope), [])
            try await requireError(.notFound) {
                try await stores.memory.put(mine.entry("note", 1, of: owners[1]), version: nil, in: mine.scope)
            }
            _ = try await stores.memory.put(mine.entry("note", 2), version: nil, in: mine.scope)
            try requireEqual(
                try await stores.memory.entry("note", of: .organization, in: theirs.scope).value, 1)
        },
    ]

    static let blocks: [StoreBehaviour] = [
        StoreBehaviour("a turn starts from the newest memory block and what was said after it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let id = try unwrap(execution.conversationId)
            let answers = (0..<4).map { gym.message("\($0)", in: id, role: .assistant, execution: execution.id) }
            for answer in answers { try await gym.record(ExecutionRecord(execution: execution, message: answer)) }
            func context(_ limit: Int) async throws -> TurnContext {
                try await stores.conversations.turnContext(of: id, limit: limit, in: gym.scope)
            }
            try requireEqual(try await context(9).block, nil)
            try requireEqual(try await context(3).unread, 2)
            let later = gym.block(of: execution, through: answers[2])
            let earlier = gym.block(of: execution, through: answers[0])
            var record = ExecutionRecord(execution: execution)
            record.blocks = [later, earlier]
            try await gym.record(record)
            let after = try await context(9)
            try requireEqual(after.block, later)
            try requireEqual(after.messages, [answers[3]])
            try requireEqual(after.unread, 0)
            // Nothing is gone: it is only looked at differently.
            try requireEqual(
                try await stores.conversations.messages(of: id, PageRequest(), in: gym.scope).items.count, 5)
        },
        StoreBehaviour("a block of a conversation that is gone is not kept, and its run goes on") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution = try await gym.begunTurn()
            let id = try unwrap(execution.conversationId)
            let said = try await stores.conversations.messages(of: id, PageRequest(), in: gym.scope).items
            try await stores.conversations.delete(id, version: nil, in: gym.scope)
            var record = ExecutionRecord(
                execution: try await stores.executions.execution(execution.id, in: gym.scope),
                events: [EventDraft(.contextCompacted, execution: execution.id)])
            record.blocks = [gym.block(of: execution, through: try unwrap(said.first))]
            try requireEqual(try await gym.record(record).events.count, 1)
        },
        StoreBehaviour("an agent keeps how its past is made to fit, in every version") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            try requireEqual(agent.settings.context, nil)
            let settings = ContextSettings(maxTokens: 8_000, summary: .extractive, summaryModel: "small")
            let changed = try await gym.change(agent) { $0.context = settings }
            try requireEqual(
                try await stores.agents.agent(agent.id, in: gym.scope).settings.context, settings)
            try requireEqual(
                try await stores.agents.version(2, of: agent.id, in: gym.scope).settings.context, settings)
            let conversation = try await gym.conversation(with: changed)
            let context = try await stores.conversations.turnContext(of: conversation.id, limit: 1, in: gym.scope)
            try requireEqual(context.agent.settings.context, settings)
        },
    ]
}

extension TestOrganization {
    fileprivate func entry(
        _ key: String, _ value: JSONValue, of owner: MemoryScope = .organization, at now: Date = start
    ) -> MemoryEntry {
        MemoryEntry(id: id(), scope: owner, key: key, value: value, createdAt: now, updatedAt: now)
    }

    fileprivate func block(of execution: Execution, through message: Message) -> MemoryBlock {
        MemoryBlock(
            id: id(), conversationId: message.conversationId, summary: "They talked.", through: message.id,
            method: .model, model: "small", messages: 2, tokensBefore: 100, tokensAfter: 10,
            executionId: execution.id, createdAt: Self.start)
    }
}
