import SpotterDomain
import YAMLKit

/// One file of `templates/agents/`: its name is the slug, its front matter the settings, its body the prompt.
struct AgentTemplateFile {
    /// The front matter.
    let document: ConfigurationDocument
    private let body: String
    private let bodyFirstLine: Int
    private var source: SourceText { document.source }

    /// - Throws: the first thing that keeps the file from being front matter and body.
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
        body = parts.body
        bodyFirstLine = parts.bodyFirstLine
    }

    /// - Throws: every issue of the file.
    func template(knownTools: Set<String>?) throws(ConfigurationError) -> AgentTemplate {
        let prompt = Self.prompt(of: body)
        let issues = issues(with: prompt)
        let matter: AgentFrontMatter
        do throws(ConfigurationError) {
            matter = try document.decoded(as: AgentFrontMatter.self) { $0.issues(knownTools: knownTools) }
        } catch {
            throw ConfigurationError(issues + error.issues)
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return AgentTemplate(slug: slug, settings: matter.settings(prompt: prompt))
    }

    private var slug: String {
        String((source.file.split(separator: "/").last ?? "").dropLast(".md".count))
    }

    /// What is wrong with the file's name and with the prompt.
    private func issues(with prompt: String) -> [ConfigurationIssue] {
        var issues: [ConfigurationIssue] = []
        if let problem = Organization.problem(withSlug: slug) {
            issues.append(source.issue("the file's name without .md \(problem)"))
        }
        if let problem = Self.problem(with: prompt) {
            issues.append(source.issue(at: .init(line: bodyFirstLine, column: 1), "the prompt \(problem)"))
        }
        return issues
    }

    /// The body with plain line ends and without the blank lines around it.
    private static func prompt(of body: String) -> String {
        let lines = body.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        let isBlank = { (line: Substring) in line.allSatisfy(\.isWhitespace) }
        guard let first = lines.firstIndex(where: { !isBlank($0) }), let last = lines.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return lines[first...last].joined(separator: "\n")
    }

    private static func problem(with prompt: String) -> String? {
        if prompt.isEmpty {
            return "must not be empty: the text below the front matter is what the model is told first"
        }
        if prompt.unicodeScalars.contains("\0") { return "must not hold the character NUL" }
        let schema = JSONSchema.derived(from: AgentSettings.self)["system_prompt"]?.schema
        return schema?.issues(in: .string(prompt)).first?.message
    }
}

extension AgentFrontMatter {
    /// What the schema cannot say: tools that exist, each once, and a pack's name.
    fileprivate func issues(knownTools: Set<String>?) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if !name.isEmpty, let problem = DisplayName.problem(with: name) {
            issues.append(.init(pointer: "/name", message: problem))
        }
        var seen: Set<String> = []
        for (index, tool) in (tools ?? []).enumerated() {
            if !seen.insert(tool).inserted {
                issues.append(.init(pointer: "/tools/\(index)", message: "must not name \"\(tool)\" a second time"))
            } else if let knownTools, !knownTools.contains(tool) {
                let hint = DidYouMean.hint(for: tool, among: knownTools.sorted())
                issues.append(.init(pointer: "/tools/\(index)", message: "must be the name of a tool\(hint)"))
            }
        }
        if let pack = metadata?["pack"], let problem = Organization.problem(withSlug: pack) {
            issues.append(.init(pointer: "/metadata/pack", message: problem))
        }
        if metadata?[AgentSeeding.versionKey] != nil {
            let message = "must be left out: seeding keeps its own note there"
            issues.append(.init(pointer: "/metadata/\(AgentSeeding.versionKey)", message: message))
        }
        return issues
    }
}
