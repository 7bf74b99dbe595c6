extension WorkflowDrawing {
    var dot: String {
        var lines = [
            "digraph workflow {", "    label=\(Self.quoted(title, most: 200));", "    labelloc=t;",
            "    node [fontname=\"Helvetica\", shape=box, style=\"rounded,filled\", fillcolor=white];",
            "    edge [fontname=\"Helvetica\", fontsize=10];",
        ]
        for (place, node) in nodes.enumerated() {
            var attributes = ["label=\(Self.quoted(node.name, most: 120))"]
            if let shape = Self.shape(of: node.type) { attributes.append("shape=\(shape)") }
            if let state = node.state {
                attributes += ["fillcolor=\"\(state.fill)\"", "color=\"\(state.line)\"", "class=\"\(state.rawValue)\""]
            }
            lines.append("    n\(place) [\(attributes.joined(separator: ", "))];")
        }
        for edge in edges {
            var attributes: [String] = []
            if !edge.label.isEmpty { attributes.append("label=\(Self.quoted(edge.label, most: 120))") }
            if edge.isError { attributes += ["color=\"#c92a2a\"", "style=dashed"] }
            if edge.isReturning { attributes += ["style=dashed", "constraint=false"] }
            let text = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
            lines.append("    n\(edge.from) -> n\(edge.to)\(text);")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private static func shape(of type: WorkflowNode.NodeType) -> String? {
        switch type {
        case .task: nil
        case .decision: "diamond"
        case .parallel, .join: "parallelogram"
        case .humanApproval: "hexagon"
        case .errorHandler: "octagon"
        case .wait: "ellipse"
        case .subWorkflow: "component"
        }
    }

    /// In double quotes a backslash begins an escape of its own, so both are written with one.
    private static func quoted(_ text: String, most: Int) -> String {
        var result = "\""
        for scalar in plain(text, most: most).unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
