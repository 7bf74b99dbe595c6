/// The core schema of YAML 1.2.2 (§10.3.2): what a plain scalar means.
///
/// `yes`, `no`, `on`, `off`, `12:30` and `1_000` are strings, unlike in YAML 1.1. In one thing this is stricter than
/// the schema: a whole number with a leading zero (`0777`, `007`) is a string, since YAML 1.1 reads it as octal, 1.2
/// as decimal, and the writer mostly meant a code or a telephone number.
enum CoreSchema {
    /// A number of the right form that 64 bits cannot hold.
    struct OutOfRange: Error {}

    static func resolve(_ text: String) throws(OutOfRange) -> YAMLScalar {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .float(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .float(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .float(-.infinity)
        default: break
        }
        let characters = Array(text.utf8)
        if let number = try radix(characters) { return .int(number) }
        switch form(of: characters) {
        case .text:
            return .string(text)
        case .whole:
            guard let number = Int(text) else { throw OutOfRange() }
            return .int(number)
        case .fraction:
            guard let number = Double(text), number.isFinite else { throw OutOfRange() }
            return .float(number)
        }
    }

    private enum Form {
        case text, whole, fraction
    }

    /// `0o17` and `0x1F`, which have no sign.
    private static func radix(_ characters: [UInt8]) throws(OutOfRange) -> Int? {
        guard characters.count > 2, characters[0] == UInt8(ascii: "0") else { return nil }
        let radix: Int
        switch characters[1] {
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "x"): radix = 16
        default: return nil
        }
        let digits = characters.dropFirst(2)
        let allowed = radix == 8 ? isOctal : isHexadecimal
        guard digits.allSatisfy(allowed) else { return nil }
        guard let number = Int(String(decoding: digits, as: UTF8.self), radix: radix) else { throw OutOfRange() }
        return number
    }

    /// Reads `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
    private static func form(of characters: [UInt8]) -> Form {
        var rest = characters[...]
        func digits() -> Int {
            let found = rest.prefix(while: isDigit)
            rest = rest.dropFirst(found.count)
            return found.count
        }
        func skip(_ allowed: String) -> Bool {
            guard let first = rest.first, allowed.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }

        _ = skip("+-")
        let leadingZero = rest.first == UInt8(ascii: "0")
        let before = digits()
        let point = skip(".")
        let after = point ? digits() : 0
        guard before + after > 0 else { return .text }
        let exponent = skip("eE")
        if exponent {
            _ = skip("+-")
            guard digits() > 0 else { return .text }
        }
        guard rest.isEmpty else { return .text }
        if point || exponent { return .fraction }
        return leadingZero && before > 1 ? .text : .whole
    }

    private static func isDigit(_ character: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
    }

    private static func isOctal(_ character: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(character)
    }

    private static func isHexadecimal(_ character: UInt8) -> Bool {
        isDigit(character) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(character)
            || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(character)
    }
}
