/// A workflow as a picture, in the languages of Mermaid and Graphviz; with the states of a run in colours.
///
/// The text depends on nothing but what is drawn, and whatever stands in a name stays a name.
public struct WorkflowDrawing: Sendable {
    /// Which language.
    public enum Format: String, Sendable, CaseIterable {
        /// A Mermaid flowchart.
        case mermaid
        /// A Graphviz digraph.
        case dot
    }

    /// How far a node is in a run.
    public enum NodeState: String, Sendable, Codable, Hashable, CaseIterable {
        case waiting, running, completed, failed, skipped
    }

    struct Node {
        let name: String
        let type: WorkflowNode.NodeType
        let state: NodeState?
    }

    struct Edge {
        let from: Int
        let to: Int
        let label: String
        let isError: Bool
        let isReturning: Bool
    }

    let title: String
    let nodes: [Node]
    let edges: [Edge]

    /// A drawing of a definition, whether it is right or not; edges to nodes that are not there are left out.
    ///
    /// - Parameter states: how far the nodes of a run are, by their ids; empty for none.
    public init(of definition: WorkflowDefinition, states: [String: NodeState] = [:]) {
        title = definition.name
        nodes = definition.nodes.map { Node(name: $0.name ?? $0.id, type: $0.type, state: states[$0.id]) }
        let places = Dictionary(
            definition.nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        edges = definition.edges.compactMap { edge in
            guard let from = places[edge.from], let to = places[edge.to] else { return nil }
            return Edge(
                from: from, to: to, label: Self.label(edge.condition, edge.maxIterations),
                isError: definition.nodes[to].type == .errorHandler, isReturning: edge.maxIterations != nil)
        }
    }

    /// A drawing of a checked workflow, or of a plan.
    ///
    /// - Parameter states: how far the nodes of a run are, by their ids; empty for none.
    public init(of workflow: CheckedWorkflow, named title: String, states: [String: NodeState] = [:]) {
        self.title = title
        nodes = workflow.nodes.map { Node(name: $0.name, type: $0.type, state: states[$0.id]) }
        edges = workflow.edges.map { edge in
            Edge(
                from: edge.from, to: edge.to, label: Self.label(edge.condition?.text, edge.loop?.maxIterations),
                isError: edge.isError, isReturning: edge.loop != nil)
        }
    }

    private static func label(_ condition: String?, _ maxIterations: Int?) -> String {
        [condition, maxIterations.map { "at most \($0)×" }].compactMap { $0 }.joined(separator: ", ")
    }

    /// The picture as text.
    public func text(as format: Format) -> String {
        switch format {
        case .mermaid: mermaid
        case .dot: dot
        }
    }

    /// The text of a label: short, on one line, without characters that cannot be seen.
    static func plain(_ text: String, most: Int) -> String {
        var plain = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < most else {
                plain.append("…")
                break
            }
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .format: plain.append(" ")
            default: plain.append(scalar)
            }
            count += 1
        }
        return String(plain)
    }
}
