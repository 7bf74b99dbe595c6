public import SpotterDomain

/// The folder `templates/agents/`: one Markdown file for each agent, front matter and prompt, read all or not at all.
public struct TemplateDirectory: Sendable {
    let folder: ConfigurationFolder
    private let knownTools: Set<String>?

    /// - Parameters:
    ///   - path: the folder; messages name files by it.
    ///   - knownTools: every tool there is; nil leaves the tools' names unchecked.
    public init(path: String, knownTools: Set<String>?) {
        self.init(folder: ConfigurationFolder(path: path, ending: ".md"), knownTools: knownTools)
    }

    init(folder: ConfigurationFolder, knownTools: Set<String>?) {
        self.folder = folder
        self.knownTools = knownTools
    }

    /// Every template of the folder, by slug.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> [AgentTemplate] {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> [AgentTemplate] {
        var (texts, issues) = try folder.read()
        var templates: [AgentTemplate] = []
        // An agent's name is unique in its organisation, and an organisation may seed several packs.
        var names = UniqueNames(field: "/name")
        for text in texts {
            do throws(ConfigurationError) {
                let file = try AgentTemplateFile(text)
                issues += names.claim(in: file.document)
                templates.append(try file.template(knownTools: knownTools))
            } catch {
                issues += error.issues
            }
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return templates.sorted { $0.slug < $1.slug }
    }
}

extension [AgentTemplate] {
    /// The packs that the templates make up: what a tenant may ask for.
    public var packs: Set<String> { Set(map(\.pack)) }
}
