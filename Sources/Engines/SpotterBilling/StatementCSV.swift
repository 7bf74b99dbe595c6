public import SpotterDomain

/// The lines of a statement as comma-separated values (RFC 4180), a header and then a line each.
///
/// A cell of text that a spreadsheet might take for a formula begins with an apostrophe.
public enum StatementCSV {
    private static let columns = [
        "line_id", "at", "outcome", "agent_id", "conversation_id", "task_id", "execution_id", "provider", "model",
        "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "model_calls",
        "is_estimate", "price_version", "markup_version", "base", "markup", "billed", "currency", "corrects", "note",
    ]

    /// The first line.
    public static var header: String { columns.joined(separator: ",") + "\r\n" }

    /// One line of the ledger.
    public static func row(_ line: LedgerLine) -> String {
        let usage = line.usage
        let ids = [line.agentId?.description, line.conversationId?.description, line.taskId?.description]
        let counts = [
            usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens,
            usage.reasoningTokens, usage.modelCalls,
        ]
        var cells = [line.id.description, Timestamp.string(from: line.at), line.outcome?.rawValue ?? "correction"]
        cells += ids.map { $0 ?? "" } + [line.execution?.description ?? "", text(line.provider), text(line.model)]
        cells += counts.map(String.init) + [line.isEstimate ? "true" : "false"]
        cells += [text(line.priceVersion ?? ""), text(line.markupVersion ?? "")]
        cells += [line.cost.base, line.cost.markup, line.cost.billed].map { "\($0.amount)" }
        cells += [line.cost.billed.currency, line.corrects?.description ?? "", text(line.note ?? "")]
        return cells.joined(separator: ",") + "\r\n"
    }

    /// A cell of text that nobody here has written.
    static func text(_ text: String) -> String {
        // The sign may stand behind spaces, which spreadsheets skip.
        let first = text.unicodeScalars.first { !$0.properties.isWhitespace }
        let isFormula = first.map { "=+-@|%\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains($0) } ?? false
        let startsOddly = text.unicodeScalars.first.map { $0.value < 0x20 } ?? false
        let safe = isFormula || startsOddly ? "'" + text : text
        guard safe.unicodeScalars.contains(where: { ",\"\r\n'".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
