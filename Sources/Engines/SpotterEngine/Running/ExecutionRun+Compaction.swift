import SpotterDomain

extension ExecutionRun {
    /// Journals how the past is looked at from here on, tells the readers of the log what was left out, and keeps what
    /// a conversation came to for its later turns.
    ///
    /// It goes with the next record: until then nothing has been done that could not be worked out again, because the
    /// call of the model that wrote the summary has a step of its own.
    @inline(never)
    func enter(_ compaction: Compaction) throws {
        let now = environment.clock.now()
        let number = journal.steps.count { $0.kind == .compaction } + 1
        let block = MemoryBlock(
            compaction, of: execution.conversationId, id: environment.ids.id(at: now), execution: execution.id, at: now)
        var output = JSONObject()
        output["compaction"] = try JSONValue(encoding: compaction)
        output["block"] = try block.map { try JSONValue(encoding: $0) } ?? .null
        var step = step("compact-\(number)", kind: .compaction, state: .completed, input: compaction.report)
        step.output = .object(output)
        step.completedAt = now
        enter([step])
        unwritten.events.append(
            EventDraft(.contextCompacted, execution: execution.id, data: compaction.report))
        if let block { unwritten.blocks.append(block) }
    }
}
