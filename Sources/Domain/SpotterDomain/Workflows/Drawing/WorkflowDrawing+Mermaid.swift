extension WorkflowDrawing {
    /// Node names are numbers of their own making, so that no id is a word of the language.
    var mermaid: String {
        var lines = ["---", "title: \(Self.quotedTitle(title))", "---", "flowchart TD"]
        for (place, node) in nodes.enumerated() {
            let (open, close) = Self.shape(of: node.type)
            let state = node.state.map { ":::\($0.rawValue)" } ?? ""
            lines.append("    n\(place)\(open)\"\(Self.escaped(node.name))\"\(close)\(state)")
        }
        for edge in edges {
            let arrow = edge.isError || edge.isReturning ? "-.->" : "-->"
            let label = edge.label.isEmpty && edge.isError ? "fails" : edge.label
            let text = label.isEmpty ? "" : "|\"\(Self.escaped(label))\"|"
            lines.append("    n\(edge.from) \(arrow)\(text) n\(edge.to)")
        }
        let used = Set(nodes.compactMap(\.state))
        for state in NodeState.allCases where used.contains(state) {
            lines.append("    classDef \(state.rawValue) fill:\(state.fill),stroke:\(state.line),color:#111111")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shape(of type: WorkflowNode.NodeType) -> (String, String) {
        switch type {
        case .task: ("[", "]")
        case .decision: ("{", "}")
        case .parallel, .join: ("[[", "]]")
        case .humanApproval: ("{{", "}}")
        case .errorHandler: ("[/", "/]")
        case .wait: ("([", "])")
        case .subWorkflow: ("[(", ")]")
        }
    }

    /// Everything that is not a letter, a digit or harmless is a character reference, as Mermaid writes them.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in plain(text, most: 120).unicodeScalars {
            let isSafe =
                scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
                || " .,:_-+=…×".unicodeScalars.contains(scalar)
            result += isSafe ? String(scalar) : "#\(scalar.value);"
        }
        return result
    }

    /// A title is YAML: in single quotes, which are doubled.
    private static func quotedTitle(_ text: String) -> String {
        "'" + plain(text, most: 200).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            + "'"
    }
}

extension WorkflowDrawing.NodeState {
    var fill: String {
        switch self {
        case .waiting: "#fff3bf"
        case .running: "#d0ebff"
        case .completed: "#d3f9d8"
        case .failed: "#ffc9c9"
        case .skipped: "#f1f3f5"
        }
    }

    var line: String {
        switch self {
        case .waiting: "#e67700"
        case .running: "#1864ab"
        case .completed: "#2b8a3e"
        case .failed: "#c92a2a"
        case .skipped: "#868e96"
        }
    }
}
