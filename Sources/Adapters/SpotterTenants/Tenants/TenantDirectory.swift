public import SpotterDomain

/// The folder `tenants/`: one YAML file for each organisation, read all or not at all.
///
/// Nothing is kept: a caller that reads again after a change keeps what it has when this throws.
public struct TenantDirectory: Sendable {
    let folder: ConfigurationFolder
    private let vocabulary: TenantVocabulary

    /// - Parameters:
    ///   - path: the folder; messages name files by it.
    ///   - vocabulary: the words that depend on the deployment, such as `TenantVocabulary.system(packs:)`.
    public init(path: String, vocabulary: TenantVocabulary) {
        self.init(folder: ConfigurationFolder(path: path, ending: ".yaml"), vocabulary: vocabulary)
    }

    init(folder: ConfigurationFolder, vocabulary: TenantVocabulary) {
        self.folder = folder
        self.vocabulary = vocabulary
    }

    /// Every organisation of the folder, by slug.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> [TenantDefinition] {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> [TenantDefinition] {
        var (texts, issues) = try folder.read()
        var tenants: [TenantDefinition] = []
        var slugs = UniqueNames(field: "/slug")
        for text in texts {
            do throws(ConfigurationError) {
                let document = try ConfigurationDocument(yaml: text)
                issues += slugs.claim(in: document)
                tenants.append(try document.decoded(as: TenantDefinition.self) { $0.issues(knowing: vocabulary) })
            } catch {
                issues += error.issues
            }
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return tenants.sorted { $0.slug < $1.slug }
    }
}
