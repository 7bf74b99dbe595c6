import SpotterDomain
import YAMLKit

/// One Markdown file of a folder of templates: its name is the slug, then front matter, then text.
struct TemplateFile {
    /// The front matter.
    let document: ConfigurationDocument
    /// The text with plain line ends and without the blank lines around it.
    let text: String
    private let textFirstLine: Int
    private var source: SourceText { document.source }

    /// - Throws: the first thing that keeps the file from being front matter and text.
    init(_ source: SourceText) throws(ConfigurationError) {
        let parts: FrontMatter
        let node: YAMLNode?
        do throws(YAMLError) {
            parts = try FrontMatter.split(bytes: source.bytes, file: source.file)
            node = try parts.parse()
        } catch {
            throw ConfigurationError(error)
        }
        guard let node else {
            throw ConfigurationError([source.issue("must begin with front matter: YAML between two lines of ---")])
        }
        document = ConfigurationDocument(node, in: source)
        text = Self.trimmed(parts.body)
        textFirstLine = parts.bodyFirstLine
    }

    /// The file's name without its ending.
    var slug: String { String((source.file.split(separator: "/").last ?? "").dropLast(".md".count)) }

    /// What is wrong with the file's name.
    var nameIssues: [ConfigurationIssue] {
        guard let problem = Organization.problem(withSlug: slug) else { return [] }
        return [source.issue("the file's name without .md \(problem)")]
    }

    /// An issue at the place where the text begins.
    func issue(inBody message: String) -> ConfigurationIssue {
        source.issue(at: .init(line: textFirstLine, column: 1), message)
    }

    private static func trimmed(_ body: String) -> String {
        let lines = body.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let isBlank = { (line: Substring) in line.allSatisfy(\.isWhitespace) }
        guard let first = lines.firstIndex(where: { !isBlank($0) }), let last = lines.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return lines[first...last].joined(separator: "\n")
    }
}
