/// Reads YAML into a tree of nodes with their places.
///
/// The text is not trusted: it never makes the parser trap, recurse without end, construct anything or take more than
/// `YAMLLimits` allows. Refused are duplicate keys, unknown tags, merge keys, cyclic aliases, keys that are lists or
/// mappings, and bytes that are not UTF-8.
public enum YAMLDocument {
    /// The one document of `bytes`; an empty text is a null.
    ///
    /// - Parameters:
    ///   - file: The name for errors.
    ///   - firstLine: The number of the first line, when the text is a part of a file.
    public static func parse(
        bytes: [UInt8], file: String = "<input>", firstLine: Int = 1, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode {
        let documents = try documents(bytes, file, firstLine, limits, many: false)
        let nothing = YAMLNode.Scalar(text: "", style: .plain, resolved: .null)
        return documents.first ?? YAMLNode(content: .scalar(nothing), mark: Mark(line: firstLine, column: 1))
    }

    /// The one document of `text`; as `parse(bytes:)`.
    public static func parse(
        _ text: String, file: String = "<input>", firstLine: Int = 1, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode {
        try parse(bytes: Array(text.utf8), file: file, firstLine: firstLine, limits: limits)
    }

    /// All documents of a stream, divided by `---`; the limits hold for all of them together.
    public static func parseAll(
        bytes: [UInt8], file: String = "<input>", limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLNode] {
        try documents(bytes, file, 1, limits, many: true)
    }

    private static func documents(
        _ bytes: [UInt8], _ file: String, _ firstLine: Int, _ limits: YAMLLimits, many: Bool
    ) throws(YAMLError) -> [YAMLNode] {
        let source = try checked(bytes, file, firstLine, limits)
        var builder = try TreeBuilder(source, file: file, limits: limits)
        return try builder.documents(many: many)
    }

    /// libyaml compares each directive with all before it: a megabyte of them would keep it busy for a minute.
    private static let maximumTagDirectives = 16

    /// Checks size and encoding, and takes off a byte order mark.
    static func checked(
        _ bytes: [UInt8], _ file: String, _ firstLine: Int, _ limits: YAMLLimits
    ) throws(YAMLError) -> SourceText {
        guard bytes.count <= limits.maximumBytes else {
            let mark = Mark(line: firstLine, column: 1)
            throw YAMLError(
                file: file, mark: mark, message: "\(bytes.count) bytes: at most \(limits.maximumBytes) are read")
        }
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
        let source = SourceText(bytes: text, firstLine: firstLine)
        if let offset = source.invalidByte {
            throw YAMLError(file: file, mark: source.mark(at: offset), message: "not UTF-8: save the file as UTF-8")
        }
        if let offset = source.tagDirective(after: maximumTagDirectives) {
            throw YAMLError(
                file: file, mark: source.mark(at: offset), message: "more than \(maximumTagDirectives) %TAG directives")
        }
        return source
    }
}
