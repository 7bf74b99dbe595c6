/// Cuts the text of an expression into words, numbers, strings and signs.
struct ExpressionLexer {
    enum Token: Equatable {
        case number(JSONValue)
        case string(String)
        case name(String)
        case sign(String)
        case end
    }

    private let bytes: [UInt8]
    private var offset = 0
    /// The characters before `offset`.
    private var characters = 0

    init(_ text: String) throws(ExpressionError) {
        guard text.utf8.count <= 4 * Expression.longest, text.unicodeScalars.count <= Expression.longest else {
            throw ExpressionError(
                .tooLarge, at: Expression.longest + 1, "must have at most \(Expression.longest) characters")
        }
        bytes = Array(text.utf8)
    }

    /// The next token and the place of its first character.
    mutating func next() throws(ExpressionError) -> (token: Token, at: Int) {
        while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { advance() }
        let start = characters + 1
        guard let byte = peek() else { return (.end, start) }
        if Self.isDigit(byte) { return (.number(try number(at: start)), start) }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            return (.string(try string(byte, at: start)), start)
        }
        if Self.isLetter(byte) { return (.name(name()), start) }
        return (.sign(try sign(at: start)), start)
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    private mutating func advance() {
        offset += 1
        // Bytes that go on with a character count with its first one.
        while let byte = peek(), byte & 0xC0 == 0x80 { offset += 1 }
        characters += 1
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F
    }

    private mutating func name() -> String {
        let start = offset
        while let byte = peek(), Self.isLetter(byte) || Self.isDigit(byte) { advance() }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func digits() { while let byte = peek(), Self.isDigit(byte) { advance() } }

    private mutating func number(at place: Int) throws(ExpressionError) -> JSONValue {
        let start = offset
        var isWhole = true
        digits()
        if peek() == UInt8(ascii: "."), let digit = peek(1), Self.isDigit(digit) {
            isWhole = false
            advance()
            digits()
        }
        if let exponent = peek(), exponent | 0x20 == UInt8(ascii: "e") {
            let isSigned = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
            if let digit = peek(isSigned ? 2 : 1), Self.isDigit(digit) {
                isWhole = false
                advance()
                if isSigned { advance() }
                digits()
            }
        }
        if let byte = peek(), Self.isLetter(byte) {
            throw ExpressionError(.syntax, at: characters + 1, "a number must not be followed by letters")
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .int(value) }
        guard !isWhole, let value = Double(text), value.isFinite else {
            throw ExpressionError(.outOfRange, at: place, "\(text.prefix(40)) is too large a number")
        }
        return .double(value)
    }

    private mutating func string(_ quote: UInt8, at start: Int) throws(ExpressionError) -> String {
        var text: [UInt8] = []
        advance()
        while let byte = peek() {
            if byte == quote {
                advance()
                return String(decoding: text, as: UTF8.self)
            }
            let first = offset
            if byte == UInt8(ascii: "\\") {
                advance()
                text.append(try escaped())
                advance()
            } else {
                advance()
                text += bytes[first..<offset]
            }
        }
        throw ExpressionError(
            .syntax, at: start, "the text that begins here does not end: its closing quote is missing")
    }

    private func escaped() throws(ExpressionError) -> UInt8 {
        switch peek() {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0D
        case let byte? where [UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'")].contains(byte): return byte
        default:
            throw ExpressionError(
                .syntax, at: characters + 1, #"after a backslash there must be \, a quote, n, r or t"#)
        }
    }

    private static let signs = [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "(", ")", "[", "]", ".", ",",
    ].map { Array($0.utf8) }

    private mutating func sign(at start: Int) throws(ExpressionError) -> String {
        for sign in Self.signs where bytes[offset...].starts(with: sign) {
            for _ in sign { advance() }
            return String(decoding: sign, as: UTF8.self)
        }
        let rest = String(decoding: bytes[offset...].prefix(8), as: UTF8.self)
        let character = rest.first.map(String.init) ?? ""
        let hint = ["=": "; two equal signs compare", "&": "; `and` or && joins", "|": "; `or` or || joins"][character]
        throw ExpressionError(.syntax, at: start, "\"\(character)\" means nothing here\(hint ?? "")")
    }
}
