import Foundation
import SpotterDomain
import SpotterTenants
import SpotterTools
import Testing

/// The workflows that come with Spotter give the tools that there are what they take.
struct WorkflowTemplateToolsTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test func `every call of a tool fits the tool's own schema`() async throws {
        let tools = try await DeskFixture.everything().tools
        let vocabulary = WorkflowVocabulary(
            tools: Dictionary(tools.map { ($0.name, $0.parameters) }, uniquingKeysWith: { first, _ in first }))
        let templates = try WorkflowTemplateDirectory(
            path: "\(Self.root)/templates/workflows", knowing: vocabulary
        ).load()
        let calls = try templates.flatMap { template in
            try CheckedWorkflow(checking: template.definition(), knowing: vocabulary).nodes.compactMap { node in
                if case .tool(let name, _) = node.action { "\(template.slug): \(name)" } else { nil }
            }
        }
        #expect(calls.count > 30)
        #expect(
            Set(calls).isSuperset(of: ["failed-payment: update_client_status", "churn-rescue: send_retention_message"]))
    }

    @Test func `what people would want to be asked about is asked`() throws {
        let templates = try WorkflowTemplateDirectory(path: "\(Self.root)/templates/workflows", knowing: nil).load()
        for template in templates {
            let asks = template.document.nodes.contains { $0.type == .humanApproval }
            #expect(asks, "\(template.slug)")
        }
    }
}
