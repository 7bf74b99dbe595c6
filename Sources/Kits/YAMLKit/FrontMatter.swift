/// A Markdown text that begins with YAML between two lines of `---`.
public struct FrontMatter: Sendable {
    /// The YAML between the two lines; `nil` when the text does not begin with `---`.
    public let yaml: String?

    /// The line on which the YAML begins: 2, when there is any.
    public let yamlFirstLine = 2

    /// All that follows the second `---`, or the whole text.
    public let body: String

    /// The line on which the body begins, from 1.
    public let bodyFirstLine: Int

    private let file: String
    private let limits: YAMLLimits

    /// Splits a file's bytes. The opening `---` must be the very first line, and only blanks may follow either.
    /// - Throws: `YAMLError` for text that is too long or not UTF-8, or for an opening line without a closing one.
    public static func split(
        bytes: [UInt8], file: String = "<input>", limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> FrontMatter {
        let text = try YAMLDocument.checked(bytes, file, 1, limits).bytes
        var lineStart = text.startIndex
        var yamlStart: Int?
        var line = 1
        while lineStart < text.endIndex {
            let lineEnd = text[lineStart...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
            let next = min(lineEnd + 1, text.endIndex)
            let isFence = isFence(text[lineStart..<lineEnd])
            if let yamlStart, isFence {
                return FrontMatter(
                    yaml: String(decoding: text[yamlStart..<lineStart], as: UTF8.self),
                    body: String(decoding: text[next...], as: UTF8.self), bodyFirstLine: line + 1, file: file,
                    limits: limits)
            }
            if line == 1 {
                guard isFence else { break }
                yamlStart = next
            }
            lineStart = next
            line += 1
        }
        guard yamlStart == nil else {
            let mark = Mark(line: 1, column: 1)
            throw YAMLError(file: file, mark: mark, message: "the front matter opened here has no closing '---'")
        }
        let whole = String(decoding: text, as: UTF8.self)
        return FrontMatter(yaml: nil, body: whole, bodyFirstLine: 1, file: file, limits: limits)
    }

    /// Splits a text; as `split(bytes:)`.
    public static func split(
        _ markdown: String, file: String = "<input>", limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> FrontMatter {
        try split(bytes: Array(markdown.utf8), file: file, limits: limits)
    }

    /// The YAML as a tree whose marks are places of the whole file; `nil` when there is no front matter.
    public func parse() throws(YAMLError) -> YAMLNode? {
        guard let yaml else { return nil }
        return try YAMLDocument.parse(yaml, file: file, firstLine: yamlFirstLine, limits: limits)
    }

    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        let dashes = UInt8(ascii: "-")
        let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        return line.prefix(3).elementsEqual([dashes, dashes, dashes]) && line.dropFirst(3).allSatisfy(blanks.contains)
    }
}
