import SpotterDomain

/// One file of `templates/agents/`: its name is the slug, its front matter the settings, its text the prompt.
struct AgentTemplateFile {
    private let file: TemplateFile
    /// The front matter.
    var document: ConfigurationDocument { file.document }

    /// - Throws: the first thing that keeps the file from being front matter and text.
    init(_ source: SourceText) throws(ConfigurationError) { file = try TemplateFile(source) }

    /// - Throws: every issue of the file.
    func template(knownTools: Set<String>?) throws(ConfigurationError) -> AgentTemplate {
        var issues = file.nameIssues
        if let problem = Self.problem(with: file.text) { issues.append(file.issue(inBody: "the prompt \(problem)")) }
        let matter: AgentFrontMatter
        do throws(ConfigurationError) {
            matter = try document.decoded(as: AgentFrontMatter.self) { $0.issues(knownTools: knownTools) }
        } catch {
            throw ConfigurationError(issues + error.issues)
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return AgentTemplate(slug: file.slug, settings: matter.settings(prompt: file.text))
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
