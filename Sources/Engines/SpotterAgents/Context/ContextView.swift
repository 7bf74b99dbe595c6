import SpotterDomain

/// What of the past a model is shown: summaries of what is left out, and the rest as it is.
struct ContextView {
    /// Of earlier turns.
    var summary: String?
    /// Of what the turn itself has done.
    var workSummary: String?
    /// The earlier turns that are shown as they are.
    var exchanges: ArraySlice<TurnPast.Exchange>
    let question: [ModelMessage]
    /// What the turn itself has done and is shown as it is.
    var transcript: ArraySlice<ModelMessage>

    /// The past as `compaction`, the last of the turn, leaves it.
    init(_ past: TurnPast, _ compaction: Compaction?, transcript: [ModelMessage]) {
        summary = past.block?.summary
        exchanges = past.exchanges[...]
        question = past.question
        workSummary = compaction?.workSummary
        self.transcript = transcript[min(compaction?.transcriptDropped ?? 0, transcript.count)...]
        guard let compaction, let summary = compaction.summary else { return }
        self.summary = summary
        // Once stored, the block covers them, and they are not read again.
        if let place = past.exchanges.lastIndex(where: { $0.last == compaction.through }) {
            exchanges = past.exchanges[(place + 1)...]
        }
    }

    /// The messages to send.
    ///
    /// What is known before all comes first, in one message with what the user said, so that speakers still take turns.
    func messages(memory: String?, unread: Int) -> [ModelMessage] {
        var notes: [String] = []
        if let memory { notes.append(ContextNote.memory.wrap(memory)) }
        if unread > 0 {
            notes.append(ContextNote.summary.wrap("\(unread) messages before these are not shown."))
        }
        if let summary { notes.append(ContextNote.summary.wrap(summary)) }
        var question = question
        if let workSummary, let place = question.indices.last {
            question[place].parts.append(.text("\n\n" + ContextNote.progress.wrap(workSummary)))
        }
        var messages = exchanges.messages + question + transcript
        guard !notes.isEmpty else { return messages }
        let parts = notes.map { ModelPart.text($0 + "\n\n") }
        if let first = messages.first, first.role == .user {
            messages[0].parts = parts + first.parts
        } else {
            messages.insert(ModelMessage(role: .user, parts: parts), at: 0)
        }
        return messages
    }

    /// The transcript in pieces that belong together: what the model said with the results of its calls.
    var rounds: [ArraySlice<ModelMessage>] {
        var rounds: [ArraySlice<ModelMessage>] = []
        var start = transcript.startIndex
        for place in transcript.indices.dropFirst() where transcript[place].role != .tool {
            rounds.append(transcript[start..<place])
            start = place
        }
        if start < transcript.endIndex { rounds.append(transcript[start...]) }
        return rounds
    }
}
