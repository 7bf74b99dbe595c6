/// A line of a CSV file: several lines of text where a quoted field holds line ends.
public struct CSVRow: Sendable, Hashable {
    /// Where it begins in the file, from 1.
    public let line: Int
    /// The fields as bytes, without their quotes.
    public let fields: [[UInt8]]

    /// A row that begins at a line.
    public init(line: Int, fields: [[UInt8]]) {
        self.line = line
        self.fields = fields
    }
}

/// Why a CSV file cannot be read on.
public struct CSVError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the row begins that is at fault.
    public let line: Int
    /// What is wrong with it.
    public let message: String

    /// With the line.
    public var description: String { "line \(line): \(message)" }
}

/// Reads CSV piece by piece (RFC 4180, and what is found in the wild): any of the three line ends, quotes in quotes,
/// line ends in quotes, blank lines left out. It keeps no more than the row that it is at.
public struct CSVReader: Sendable {
    /// The most bytes of a field, and the most fields of a row.
    public static let largestField = 1 << 20
    /// The most fields of a row.
    public static let mostFields = 1_000

    private enum State { case fieldStart, plain, quoted, quoteInQuoted, afterCarriageReturn }

    private let delimiter: UInt8
    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var fields: [[UInt8]] = []
    private var line = 1
    private var startLine = 1

    /// A reader of a file whose fields this byte is between, such as a comma.
    public init(delimiter: UInt8) { self.delimiter = delimiter }

    /// Reads a piece of the file and appends the rows that it completes.
    public mutating func read(_ bytes: some Sequence<UInt8>, into rows: inout [CSVRow]) throws(CSVError) {
        for byte in bytes { try read(byte, into: &rows) }
    }

    /// The file ends here; its last row need not end in a line end.
    public mutating func finish(into rows: inout [CSVRow]) throws(CSVError) {
        switch state {
        case .quoted: throw CSVError(line: startLine, message: "a quote is opened and never closed")
        case .afterCarriageReturn: state = .fieldStart
        case .fieldStart where fields.isEmpty: break
        case .fieldStart, .plain, .quoteInQuoted: endRow(into: &rows)
        }
    }

    private mutating func read(_ byte: UInt8, into rows: inout [CSVRow]) throws(CSVError) {
        switch state {
        case .quoted:
            if byte == UInt8(ascii: "\"") {
                state = .quoteInQuoted
            } else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                try append(byte)
            }
            return
        case .quoteInQuoted where byte == UInt8(ascii: "\""):
            state = .quoted
            try append(byte)
            return
        case .afterCarriageReturn:
            state = .fieldStart
            if byte == UInt8(ascii: "\n") { return }
        case .fieldStart where byte == UInt8(ascii: "\""):
            state = .quoted
            return
        default: break
        }
        switch byte {
        case delimiter: try endField()
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            // A blank line is no row.
            if fields.isEmpty, field.isEmpty, state == .fieldStart { startLine += 1 } else { endRow(into: &rows) }
            line += 1
            startLine = line
            state = byte == UInt8(ascii: "\r") ? .afterCarriageReturn : .fieldStart
        case _ where state == .quoteInQuoted:
            throw CSVError(line: startLine, message: "a closing quote is followed by something else than a separator")
        default:
            state = .plain
            try append(byte)
        }
    }

    private mutating func append(_ byte: UInt8) throws(CSVError) {
        guard field.count < Self.largestField else {
            let hint = state == .quoted ? "; a quote before it may not be closed" : ""
            throw CSVError(line: startLine, message: "a field has more than \(Self.largestField) bytes\(hint)")
        }
        field.append(byte)
    }

    private mutating func endField() throws(CSVError) {
        guard fields.count < Self.mostFields - 1 else {
            throw CSVError(line: startLine, message: "a row has more than \(Self.mostFields) fields")
        }
        fields.append(field)
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endRow(into rows: inout [CSVRow]) {
        fields.append(field)
        rows.append(CSVRow(line: startLine, fields: fields))
        field.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        state = .fieldStart
    }
}
