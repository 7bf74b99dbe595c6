import Foundation
public import SpotterDomain

/// One workflow in a file: YAML, or JSON where its name ends in `.json`.
public struct WorkflowFile: Sendable {
    private let folder: ConfigurationFolder
    private let name: String

    /// - Parameter path: the file; messages name it so.
    public init(path: String) {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { path[...$0] } ?? "./"
        folder = ConfigurationFolder(path: String(parent.count > 1 ? parent.dropLast() : parent), ending: "")
        name = String(slash.map { path[path.index(after: $0)...] } ?? path[...])
    }

    /// The workflow; what a template has beside it, its pack and its triggers, is checked as well.
    ///
    /// - Parameter vocabulary: what it may name; nil leaves that unchecked.
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load(knowing vocabulary: WorkflowVocabulary?) throws -> WorkflowDefinition {
        let content: WorkflowTemplateDocument
        do throws(ConfigurationError) {
            content = try document().decoded(as: WorkflowTemplateDocument.self) { content in
                WorkflowTemplate(slug: "file", document: content).issues(knowing: vocabulary)
            }
        } catch {
            throw error.spotterError
        }
        return try WorkflowTemplate(slug: "file", document: content).definition()
    }

    /// The workflow as it stands, right or not, as long as it has the shape of one: for drawing it.
    ///
    /// - Throws: `SpotterError` with code `.invalid` and what keeps it from having that shape.
    public func outline() throws -> WorkflowDefinition {
        do throws(ConfigurationError) {
            let content = try document().decoded(as: WorkflowTemplateDocument.self) { _ in [] }
            return WorkflowDefinition(
                name: content.name, description: content.description, variables: content.variables,
                nodes: content.nodes, edges: content.edges, timeoutMs: content.timeoutMs,
                maxParallel: content.maxParallel)
        } catch {
            throw error.spotterError
        }
    }

    private func document() throws(ConfigurationError) -> ConfigurationDocument {
        let text = try folder.read(name)
        guard name.lowercased().hasSuffix(".json") else { return try ConfigurationDocument(yaml: text) }
        return try ConfigurationDocument(json: text)
    }
}

extension ConfigurationDocument {
    /// Reads a file that is JSON all through. Nearly all JSON is YAML as well, which knows the places of its parts; where
    /// it is not, they are at the beginning of the file.
    init(json source: SourceText) throws(ConfigurationError) {
        let value: JSONValue
        do throws(JSONParser.Failure) {
            value = try JSONParser.parse(source.bytes)
        } catch {
            throw ConfigurationError([source.issue(at: source.place(ofByte: error.offset), error.message)])
        }
        if let document = try? ConfigurationDocument(yaml: source), document.holds(value) {
            self = document
        } else {
            self.init(value, in: source)
        }
    }
}

extension SourceText {
    /// The line and column of a byte.
    fileprivate func place(ofByte offset: Int) -> ConfigurationIssue.Place {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return .init(line: line, column: column)
    }
}
