/// Finds the end of a head or of the trailers, byte by byte, and holds the rules that concern bytes and lines.
///
/// llhttp is handed complete heads only, so that the verdict on a request never depends on how its bytes were cut into
/// packets. What can be said earlier is said here at the first byte that decides it: a stray CR or LF, a control byte,
/// a folded line, and the limits.
struct LineScanner {
    enum Event {
        /// All bytes were taken; the end has not come.
        case needsMore
        /// The one empty line that may precede a request has ended (RFC 9112, 2.2).
        case leadingEmptyLine
        /// The request line has ended.
        case requestLine
        /// The empty line after the last field has ended.
        case end
    }

    private let limits: RequestParser.Limits
    private var lines: Int
    private var lineLength = 0
    private var fieldBytes = 0
    private var fields = 0
    private var sawCarriageReturn = false
    private var sawLeadingEmptyLine = false

    /// - Parameter isTrailers: there is no request line; the limits are those of the header fields.
    init(limits: RequestParser.Limits, isTrailers: Bool = false) {
        self.limits = limits
        lines = isTrailers ? 1 : 0
    }

    /// Whether a byte of the request has been seen.
    var isMidway: Bool { lines > 0 || lineLength > 0 || sawCarriageReturn }

    /// Takes bytes from `position` on until something is to be reported; moves `position` behind what it took.
    mutating func scan(_ input: UnsafeRawBufferPointer, at position: inout Int) throws(HTTPParseError) -> Event {
        while position < input.count {
            let byte = input[position]
            position += 1
            if sawCarriageReturn {
                guard byte == 0x0A else { throw HTTPParseError(400, "A CR stands without its LF.") }
                sawCarriageReturn = false
                if let event = try endLine() { return event }
            } else if byte == 0x0D {
                sawCarriageReturn = true
            } else if byte.isFieldText {
                let start = position - 1
                while position < input.count, input[position].isFieldText { position += 1 }
                try count(position - start, first: byte)
            } else if byte == 0x0A {
                throw HTTPParseError(400, "A line ends with LF instead of CRLF.")
            } else {
                throw HTTPParseError(400, "A control byte stands in the head.")
            }
        }
        return .needsMore
    }

    private mutating func endLine() throws(HTTPParseError) -> Event? {
        guard lineLength > 0 else {
            guard lines == 0 else { return .end }
            guard !sawLeadingEmptyLine else {
                throw HTTPParseError(400, "More than one empty line precedes the request line.")
            }
            sawLeadingEmptyLine = true
            return .leadingEmptyLine
        }
        lineLength = 0
        lines += 1
        return lines == 1 ? .requestLine : nil
    }

    /// Takes a run of `length` bytes of text that begins with `first`; whatever limit is passed within it.
    private mutating func count(_ length: Int, first: UInt8) throws(HTTPParseError) {
        if lines > 0, lineLength == 0 { try beginField(first) }
        lineLength += length
        if lines == 0 {
            guard lineLength <= limits.requestLine else {
                throw HTTPParseError(414, "The request line is longer than \(limits.requestLine) bytes.")
            }
            return
        }
        fieldBytes += length
        guard fieldBytes <= limits.fieldBytes else {
            throw HTTPParseError(431, "The header fields are longer than \(limits.fieldBytes) bytes.")
        }
    }

    private mutating func beginField(_ byte: UInt8) throws(HTTPParseError) {
        guard byte != 0x20, byte != 0x09 else { throw HTTPParseError(400, "A header field is folded.") }
        fields += 1
        guard fields <= limits.fields else {
            throw HTTPParseError(431, "There are more than \(limits.fields) header fields.")
        }
        fieldBytes += 2  // Its CRLF.
    }
}
