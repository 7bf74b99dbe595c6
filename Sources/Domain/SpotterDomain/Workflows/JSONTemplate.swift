/// A JSON value whose strings may hold `{{ expression }}`.
///
/// A string that is one placeholder and nothing else becomes what the expression gives, whatever its type; in any other
/// the values are written into the text, strings as they are and the rest as JSON. `{{{{` writes two braces.
public struct JSONTemplate: Sendable, Hashable {
    indirect enum Part: Sendable, Hashable {
        /// Without any placeholder below it.
        case literal(JSONValue)
        case value(Placeholder)
        case text([Piece])
        case array([Part])
        case object([Member])
    }

    enum Piece: Sendable, Hashable {
        case text(String)
        case value(Placeholder)
    }

    struct Placeholder: Sendable, Hashable {
        let expression: Expression
        /// The characters of the string before the expression.
        let start: Int
    }

    struct Member: Sendable, Hashable {
        let name: String
        let part: Part
    }

    let root: Part

    /// The most bytes of what a template gives.
    public static let longestResult = 1 << 20
    /// How deep it may be, and what it gives.
    public static let deepest = 64

    /// A template without placeholders: whatever the strings in it look like, they stay as they are.
    public static func literal(_ value: JSONValue) -> JSONTemplate { JSONTemplate(root: .literal(value)) }

    private init(root: Part) { self.root = root }

    /// Reads a template.
    ///
    /// - Throws: every placeholder that cannot be read, with the pointer of its string.
    public init(checking value: JSONValue) throws(TemplateIssues) {
        var issues: [FieldIssue] = []
        let root = Self.part(value, at: "", depth: 0, into: &issues)
        guard issues.isEmpty else { throw TemplateIssues(issues: issues) }
        self.root = root
    }

    /// The value, if there is no placeholder in it.
    public var literalValue: JSONValue? { if case .literal(let value) = root { value } else { nil } }

    private static func part(
        _ value: JSONValue, at pointer: String, depth: Int, into issues: inout [FieldIssue]
    ) -> Part {
        guard depth < deepest else {
            issues.append(FieldIssue(pointer: pointer, message: "must be at most \(deepest) levels deep"))
            return .literal(.null)
        }
        guard issues.count < 20 else { return .literal(.null) }
        switch value {
        case .string(let text):
            do throws(ExpressionError) {
                var reader = PlaceholderReader(text)
                return try reader.part()
            } catch {
                issues.append(FieldIssue(pointer: pointer, message: "has a mistake \(error)"))
                return .literal(.null)
            }
        case .array(let elements):
            let parts = elements.enumerated().map {
                part($1, at: "\(pointer)/\($0)", depth: depth + 1, into: &issues)
            }
            return collected(parts.allSatisfy(\.isLiteral), value) { .array(parts) }
        case .object(let object):
            let members = object.map { name, value in
                Member(
                    name: name,
                    part: part(value, at: "\(pointer)/\(JSONSchema.escape(name))", depth: depth + 1, into: &issues))
            }
            return collected(members.allSatisfy(\.part.isLiteral), value) { .object(members) }
        default: return .literal(value)
        }
    }

    private static func collected(_ isLiteral: Bool, _ value: JSONValue, _ part: () -> Part) -> Part {
        guard isLiteral, !value.hasBraces else { return part() }
        return .literal(value)
    }
}

extension JSONTemplate.Part {
    fileprivate var isLiteral: Bool { if case .literal = self { true } else { false } }
}

extension JSONValue {
    /// Whether a string of it has doubled braces, which are written with an escape.
    fileprivate var hasBraces: Bool {
        switch self {
        case .string(let text): ByteSearch.contains("{{", in: text)
        case .array(let elements): elements.contains(where: \.hasBraces)
        case .object(let members): members.contains { $0.value.hasBraces }
        default: false
        }
    }
}

/// The placeholders of a template that cannot be read.
public struct TemplateIssues: Error, Sendable, Hashable {
    /// Each with the JSON pointer of its string.
    public let issues: [FieldIssue]
}

/// Why a template gave no value.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The JSON pointer of the string in the template; empty for the whole.
    public let pointer: String
    /// What is wrong, with its place in that string.
    public let error: ExpressionError

    /// Both in one line.
    public var description: String { pointer.isEmpty ? "\(error)" : "`\(pointer)` \(error)" }
}

/// Reads one string of a template.
private struct PlaceholderReader {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    private func isOpening(at position: Int) -> Bool {
        position + 1 < scalars.count && scalars[position] == "{" && scalars[position + 1] == "{"
    }

    mutating func part() throws(ExpressionError) -> JSONTemplate.Part {
        var pieces: [JSONTemplate.Piece] = []
        var text = String.UnicodeScalarView()
        while position < scalars.count {
            if isOpening(at: position), isOpening(at: position + 2) {
                text.append(contentsOf: scalars[position..<(position + 2)])
                position += 4
            } else if isOpening(at: position) {
                if !text.isEmpty { pieces.append(.text(String(text))) }
                text = String.UnicodeScalarView()
                pieces.append(.value(try placeholder()))
            } else {
                text.append(scalars[position])
                position += 1
            }
        }
        if !text.isEmpty { pieces.append(.text(String(text))) }
        if pieces.isEmpty { return .literal("") }
        if pieces.count == 1 {
            switch pieces[0] {
            case .text(let text): return .literal(.string(text))
            case .value(let placeholder): return .value(placeholder)
            }
        }
        return .text(pieces)
    }

    /// From the opening braces past the closing ones, which do not count inside of quotes.
    private mutating func placeholder() throws(ExpressionError) -> JSONTemplate.Placeholder {
        let opening = position
        let start = position + 2
        var quote: Unicode.Scalar?
        position = start
        while position < scalars.count {
            let scalar = scalars[position]
            if let open = quote {
                if scalar == "\\" { position += 1 } else if scalar == open { quote = nil }
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar == "}", position + 1 < scalars.count, scalars[position + 1] == "}" {
                var view = String.UnicodeScalarView()
                view.append(contentsOf: scalars[start..<position])
                position += 2
                do throws(ExpressionError) {
                    return JSONTemplate.Placeholder(expression: try Expression(String(view)), start: start)
                } catch {
                    throw error.moved(by: start)
                }
            }
            position += 1
        }
        throw ExpressionError(
            .syntax, at: opening + 1, "the placeholder that begins here does not end: }} is missing")
    }
}
