import SpotterDomain

/// Conversations in memory.
struct MemoryConversationStore: ConversationStore {
    let database: MemoryDatabase

    func create(_ conversation: Conversation, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            try records.insert(receipt)
            _ = try records.agent(conversation.agentId)
            guard records.conversations[conversation.id] == nil else {
                throw SpotterError(.conflict, "There is already a conversation with this id.")
            }
            records.conversations[conversation.id] = .init(conversation: conversation)
        }
    }

    func conversation(_ id: ConversationID, in scope: OrganizationScope) async throws -> Conversation {
        try database.read(scope) { try $0.stored(id).conversation }
    }

    func list(
        _ filter: ConversationFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Conversation> {
        let words = try SearchWords.wanted(filter.search)
        return database.read(scope) { records in
            let matches = records.conversations.values.filter { stored in
                stored.isFound(by: words) && filter.agent.map { $0 == stored.conversation.agentId } ?? true
            }
            return newestFirst(matches.map(\.conversation), page, id: \.id)
        }
    }

    func update(_ conversation: Conversation, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.stored(conversation.id) }
        try database.write(scope) { records in
            var stored = try records.stored(conversation.id)
            guard stored.conversation.version == conversation.version - 1 else {
                throw SpotterError.stale("conversation")
            }
            stored.conversation.title = conversation.title
            stored.conversation.metadata = conversation.metadata
            stored.conversation.version = conversation.version
            stored.conversation.updatedAt = conversation.updatedAt
            records.conversations[conversation.id] = stored
        }
    }

    func delete(_ id: ConversationID, version: Int?, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.stored(id) }
        let clock = database.clock.now()
        try database.write(scope) { records in
            let current = try records.stored(id).conversation.version
            guard version == nil || version == current else { throw SpotterError.stale("conversation") }
            let waiting = try records.stored(id).line.compactMap(\.executionId)
            for execution in waiting { records.executions[execution]?.dismiss(at: clock) }
            if !waiting.isEmpty {
                let events = waiting.map { EventDraft(.executionCancelled, execution: $0) }
                _ = records.append(events, at: clock)
            }
            records.conversations[id] = nil
            records.memory = records.memory.filter { $0.value.scope != .conversation(id) }
            for (key, stored) in records.executions where stored.execution.conversationId == id {
                records.executions[key]?.execution = stored.execution.withoutConversation
            }
        }
    }

    func messages(
        of id: ConversationID, includesReplaced: Bool, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Message> {
        try database.read(scope) { records in
            let messages = try records.stored(id).messages
            var start = 0
            if let after = page.after {
                // A cursor of another list leads nowhere.
                start = messages.firstIndex { $0.id.uuid == after.uuid }.map { $0 + 1 } ?? messages.count
            }
            let shown = messages[start...].filter { includesReplaced || $0.replacedBy == nil }
            return Page(fetched: Array(shown.prefix(page.limit + 1)), limit: page.limit) { Cursor($0.id.uuid) }
        }
    }

    func message(
        _ id: MessageID, in conversation: ConversationID, _ scope: OrganizationScope
    ) async throws -> Message {
        try database.read(scope) { records in
            let stored = records.conversations[conversation]
            guard let message = ((stored?.messages ?? []) + (stored?.line ?? [])).first(where: { $0.id == id }) else {
                throw SpotterError.notFound("message")
            }
            return message
        }
    }

    func answer(
        of execution: ExecutionID, in conversation: ConversationID, _ scope: OrganizationScope
    ) async throws -> Message? {
        database.read(scope) { records in
            records.conversations[conversation]?.messages.last { $0.executionId == execution && $0.role == .assistant }
        }
    }

    func turnContext(
        of id: ConversationID, limit: Int, in scope: OrganizationScope
    ) async throws -> TurnContext {
        try database.read(scope) { records in
            let stored = try records.stored(id)
            guard let organization = records.currentOrganization else { throw SpotterError.notFound("organization") }
            let agent = try records.agent(stored.conversation.agentId)
            let block = stored.newestBlock
            let open = stored.messages[(block.flatMap(stored.place).map { $0 + 1 } ?? 0)...]
                .filter { $0.replacedBy == nil }
            let read = open.suffix(max(limit, 0))
            return TurnContext(
                organization: organization, conversation: stored.conversation, agent: agent, messages: Array(read),
                block: block, unread: open.count - read.count,
                memory: records.recall(
                    [.conversation(id), .agent(agent.id), .organization], limit: TurnContext.entriesRecalled))
        }
    }
}

extension OrganizationRecords {
    fileprivate func stored(_ id: ConversationID) throws -> StoredConversation {
        guard let stored = conversations[id] else { throw SpotterError.notFound("conversation") }
        return stored
    }
}

extension OrganizationRecords.StoredConversation {
    /// Whether the title or something that was said has all the words.
    fileprivate func isFound(by words: [String]) -> Bool {
        let said = (messages + line).filter { $0.replacedBy == nil }.map(\.content)
        return words.isEmpty || ([conversation.title] + said).contains { SearchWords.matches($0, words) }
    }
}

extension Execution {
    /// What is left of a run when its conversation has been deleted.
    fileprivate var withoutConversation: Execution {
        Execution(
            id: id, kind: kind, state: state, attempt: attempt, conversationId: nil, agentId: agentId,
            agentVersion: agentVersion, input: input, output: output, error: error, usage: usage, cost: cost,
            stepsTotal: stepsTotal, stepsCompleted: stepsCompleted, currentStep: currentStep, taskId: taskId,
            parentId: parentId, priority: priority, retryPolicy: retryPolicy, deadlineAt: deadlineAt,
            uniqueKey: uniqueKey, failures: failures, crashes: crashes, wakeAt: wakeAt, requested: requested,
            deadAt: deadAt, signals: signals, createdAt: createdAt, startedAt: startedAt, completedAt: completedAt)
    }
}
