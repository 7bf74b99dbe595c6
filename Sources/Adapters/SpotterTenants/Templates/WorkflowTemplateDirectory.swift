public import SpotterDomain

/// The folder `templates/workflows/`: one YAML file for each workflow, read all or not at all. A folder that is not there
/// holds none.
public struct WorkflowTemplateDirectory: Sendable {
    private let folder: ConfigurationFolder
    private let vocabulary: WorkflowVocabulary?

    /// - Parameters:
    ///   - path: the folder; messages name files by it.
    ///   - vocabulary: what workflows may name; nil leaves that unchecked.
    public init(path: String, knowing vocabulary: WorkflowVocabulary?) {
        folder = ConfigurationFolder(path: path, ending: ".yaml")
        self.vocabulary = vocabulary
    }

    /// Every template of the folder, by slug.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> [WorkflowTemplate] {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> [WorkflowTemplate] {
        try folder.templates { (document, slug) throws(ConfigurationError) in
            let content = try document.decoded(as: WorkflowTemplateDocument.self) { content in
                WorkflowTemplate(slug: slug, document: content).issues(knowing: vocabulary)
                    + TemplatePack.issues(content.pack)
            }
            return WorkflowTemplate(slug: slug, document: content)
        }
    }
}

/// The folder `templates/sessions/`: one YAML file for each kind of session, read all or not at all. A folder that is not
/// there holds none.
public struct SessionTemplateDirectory: Sendable {
    private let folder: ConfigurationFolder
    private let vocabulary: WorkflowVocabulary?

    /// - Parameters:
    ///   - path: the folder; messages name files by it.
    ///   - vocabulary: what sessions may name; nil leaves that unchecked.
    public init(path: String, knowing vocabulary: WorkflowVocabulary?) {
        folder = ConfigurationFolder(path: path, ending: ".yaml")
        self.vocabulary = vocabulary
    }

    /// Every template of the folder, by slug.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> [SessionTemplate] {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> [SessionTemplate] {
        try folder.templates { (document, slug) throws(ConfigurationError) in
            let content = try document.decoded(as: SessionTemplateDocument.self) { content in
                SessionTemplate(slug: slug, document: content).issues(knowing: vocabulary)
                    + TemplatePack.issues(content.pack)
            }
            return SessionTemplate(slug: slug, document: content)
        }
    }
}

/// The packs that templates belong to.
private enum TemplatePack {
    static func issues(_ pack: String?) -> [FieldIssue] {
        guard let pack, let problem = Organization.problem(withSlug: pack) else { return [] }
        return [FieldIssue(pointer: "/pack", message: problem)]
    }
}

extension ConfigurationFolder {
    /// The templates of a folder of YAML files, in the order of their slugs; the file's name without its ending is the
    /// slug, and the names in them are unique.
    fileprivate func templates<Template>(
        _ read: (ConfigurationDocument, String) throws(ConfigurationError) -> Template
    ) throws(ConfigurationError) -> [Template] {
        guard isThere else { return [] }
        var (texts, issues) = try self.read()
        var templates: [Template] = []
        var names = UniqueNames(field: "/name")
        for text in texts {
            let slug = String((text.file.split(separator: "/").last ?? "").dropLast(ending.count))
            if let problem = Organization.problem(withSlug: slug) {
                issues.append(text.issue("the file's name without \(ending) \(problem)"))
            }
            do throws(ConfigurationError) {
                let document = try ConfigurationDocument(yaml: text)
                issues += names.claim(in: document)
                templates.append(try read(document, slug))
            } catch {
                issues += error.issues
            }
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return templates
    }
}
