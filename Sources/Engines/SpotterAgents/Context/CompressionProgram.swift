import SpotterDomain
import SpotterEngine

/// Makes a memory block of a session: asks a model for the summary, unless it is picked without one; keeps it; ends.
struct CompressionProgram: Program {
    let context: ChatContext
    /// The newest block that there was before.
    let block: MemoryBlock?

    func decide(_ journal: Journal) -> [Command] {
        if let made = journal.steps.last(where: { $0.kind == .compaction })?.memoryBlock { return [finish(made)] }
        let turn = Turn(journal)
        if let command = context.compress(after: turn) { return [command] }
        guard let block else {
            let message = "Nothing has been said yet that could be compressed."
            return [.fail(ExecutionError(code: "nothing_to_compress", message: message))]
        }
        return [finish(block)]
    }

    private func finish(_ block: MemoryBlock) -> Command {
        .finish(output: (try? JSONValue(encoding: block)) ?? .null, answer: nil)
    }
}
