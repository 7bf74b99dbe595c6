import Foundation
public import SpotterDomain

/// One workflow in a file: YAML, or JSON where its name ends in `.json`.
public struct WorkflowFile: Sendable {
    private let file: ConfigurationFile

    /// - Parameter path: the file; messages name it so.
    public init(path: String) { file = ConfigurationFile(path: path) }

    /// The workflow; what a template has beside it, its pack and its triggers, is checked as well.
    ///
    /// - Parameter vocabulary: what it may name; nil leaves that unchecked.
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load(knowing vocabulary: WorkflowVocabulary?) throws -> WorkflowDefinition {
        let content: WorkflowTemplateDocument
        do throws(ConfigurationError) {
            content = try file.document().decoded(as: WorkflowTemplateDocument.self, isWorkflow: true) { content in
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
            let content = try file.document().decoded(as: WorkflowTemplateDocument.self) { _ in [] }
            return WorkflowDefinition(
                name: content.name, description: content.description, variables: content.variables,
                nodes: content.nodes, edges: content.edges, timeoutMs: content.timeoutMs,
                maxParallel: content.maxParallel)
        } catch {
            throw error.spotterError
        }
    }
}
