extension Execution {
    /// Tells that it is in the queue.
    public var queuedEvent: EventDraft {
        EventDraft(
            .executionQueued, execution: id,
            data: ["kind": .string(kind.rawValue), "priority": .string(priority.rawValue)])
    }
}
