import SpotterDomain

extension TestOrganization {
    /// Fails unless a record of `execution` changes nothing and is told so.
    func requireDiscarded(_ execution: Execution) async throws {
        let before = try await stores.executions.journal(of: execution.id, in: scope)
        let position = try await stores.events.lastPosition(in: scope)
        var late = execution
        late.state = .failed
        late.output = "late"
        let conversation = try unwrap(execution.conversationId)
        let said = try await stores.conversations.messages(of: conversation, PageRequest(), in: scope).items
        let record = ExecutionRecord(
            execution: late, steps: [step(9, of: execution, kind: .tool, state: .completed)],
            events: [EventDraft(.executionFailed, execution: execution.id)],
            message: message("Late", in: conversation, role: .assistant))
        var telling = ExecutionRecord(execution: execution, events: record.events)
        telling.onlyTells = true
        for record in [record, telling] {
            try await requireThrows(LeaseLost.self) { try await self.record(record) }
        }
        try requireEqual(try await stores.executions.journal(of: execution.id, in: scope), before)
        try requireEqual(try await stores.events.lastPosition(in: scope), position)
        try requireEqual(
            try await stores.conversations.messages(of: conversation, PageRequest(), in: scope).items, said)
    }

    /// A message of every kind of part that comes before a tool's answer.
    var toolCall: ModelMessage {
        ModelMessage(
            role: .assistant,
            parts: [
                .thinking("hm", signature: "s", provider: "anthropic"), .text("Looking"),
                .toolCall(ToolCall(id: "1", name: "search_clients", arguments: ["zq": "x", "a": 1])),
            ])
    }
}
