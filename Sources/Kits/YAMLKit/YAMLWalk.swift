extension YAMLNode {
    /// A node met on a walk.
    public struct Visit: Sendable {
        /// The JSON pointer (RFC 6901) from the root: `""`, `/agents/0/name`.
        public let pointer: String
        /// Where the key stands, when the node is a mapping's value.
        public let keyMark: Mark?
        /// The node.
        public let node: YAMLNode

        /// Where the value stands.
        public var mark: Mark { node.mark }
    }

    /// Visits this node and everything below it, parents first, in the order of the file.
    ///
    /// The number of visits is bounded by the parser's node budget.
    public func walk<Failure>(_ visit: (Visit) throws(Failure) -> Void) throws(Failure) {
        try walk(pointer: "", keyMark: nil, visit)
    }

    /// Where each value stands, by its JSON pointer.
    public var marks: [String: Mark] {
        var marks: [String: Mark] = [:]
        walk { visit in marks[visit.pointer] = visit.mark }
        return marks
    }

    private func walk<Failure>(
        pointer: String, keyMark: Mark?, _ visit: (Visit) throws(Failure) -> Void
    ) throws(Failure) {
        try visit(Visit(pointer: pointer, keyMark: keyMark, node: self))
        switch content {
        case .scalar:
            break
        case .sequence(let elements):
            for (index, element) in elements.enumerated() {
                try element.walk(pointer: "\(pointer)/\(index)", keyMark: nil, visit)
            }
        case .mapping(let entries):
            for entry in entries {
                let below = pointer + "/" + Self.escaped(entry.name)
                try entry.value.walk(pointer: below, keyMark: entry.key.mark, visit)
            }
        }
    }

    /// One reference token of a JSON pointer: `~` is written `~0` and `/` is written `~1`.
    private static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        var token = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}
