/// Comma-separated values (RFC 4180) that spreadsheets may open.
public struct CSVText: Sendable {
    private var text = ""

    /// An empty table.
    public init() {}

    /// Everything written so far, in UTF-8.
    public var bytes: [UInt8] { Array(text.utf8) }
    /// How many bytes that is.
    public var count: Int { text.utf8.count }

    /// Writes a row.
    public mutating func append(_ cells: [String]) {
        text += cells.map(Self.cell).joined(separator: ",") + "\r\n"
    }

    /// A cell that is only text to a spreadsheet: one that would be taken for a formula gets an apostrophe before it.
    static func cell(_ value: String) -> String {
        let first = value.unicodeScalars.first { !$0.properties.isWhitespace || $0 == "\t" || $0 == "\r" }
        let isFormula = first.map { ["=", "+", "-", "@", "\t", "\r"].contains($0) } ?? false
        let safe = isFormula ? "'" + value : value
        guard safe.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
