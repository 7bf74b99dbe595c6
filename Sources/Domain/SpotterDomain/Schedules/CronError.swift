/// Why a text is no cron expression that Spotter can follow, and where.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What sort of mistake it is.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable, SchemaDescribed {
        /// It is not written as the specification says.
        case syntax
        /// It is written well, and a number is outside of what its field allows.
        case range
        /// It is a valid pattern that this program has no use for: `@reboot`.
        case unsupported
    }

    /// What sort of mistake it is.
    public let kind: Kind
    /// The field with the mistake; nil where it concerns the whole expression.
    public let field: CronField?
    /// Where the mistake begins: 1 is the first character.
    public let column: Int
    /// How many characters are wrong, at least 1: what a caret line underlines.
    public let length: Int
    /// What is wrong and what was expected instead; no full stop.
    public let message: String

    init(_ kind: Kind = .syntax, field: CronField?, column: Int, length: Int = 1, _ message: String) {
        self.kind = kind
        self.field = field
        self.column = column
        self.length = max(1, length)
        self.message = message
    }

    /// Such as `minute (column 1): 60 is out of range; expected 0 to 59`.
    public var description: String {
        "\(field.map { "\($0.name) (" } ?? "")column \(column)\(field == nil ? "" : ")"): \(message)"
    }
}
