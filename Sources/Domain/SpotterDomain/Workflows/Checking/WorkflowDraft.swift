/// A document of a workflow whose form has mistakes, in a shape in which the rest of it can still be checked.
///
/// What is wrong where is known; what could not be read at all is put in its place as something harmless, and what the
/// checks then say about its neighbourhood is not believed.
public struct WorkflowDraft: Sendable {
    /// The document with harmless things where it could not be read.
    public let value: JSONValue
    /// Pointers at whose parts nothing can be said.
    private var hidden: [String] = []
    /// Whether nothing can be said of how nodes hang together.
    private var isBlurred = false

    /// - Parameter issues: those of the document's form.
    public init(_ document: JSONValue, correcting issues: [FieldIssue]) {
        var value = document
        for issue in issues {
            let path = issue.pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(
                String.init)
            guard let mending = Mending(path), !issue.message.hasPrefix("unknown field") else { continue }
            value = value.replacing(path[...], by: mending.replacement)
            hidden.append(mending.hidden)
            isBlurred = isBlurred || mending.blursShape
        }
        self.value = value
    }

    /// All mistakes: those of the form, and of the others those that do not come from what was put in.
    public func issues(_ form: [FieldIssue], and others: [FieldIssue]) -> [FieldIssue] {
        let believed = others.filter { issue in
            !hidden.contains { issue.pointer == $0 || issue.pointer.hasPrefix($0 + "/") }
                && !(isBlurred && issue.pointer.split(separator: "/").count == 2 && issue.pointer.hasPrefix("/nodes/"))
        }
        let said = Set(believed.map(\.pointer))
        return form.filter { !said.contains($0.pointer) } + believed
    }

    /// What takes the place of what cannot be read; none for what nothing can stand in for, such as where an edge leads.
    private struct Mending {
        let replacement: JSONValue?
        let hidden: String
        /// Whether it is open which nodes can be reached.
        var blursShape = false

        init?(_ path: [String]) {
            let begin = path.prefix(2).map { "/" + $0 }.joined()
            switch (path.first, path.count, path.last) {
            case ("name", 1, _): (replacement, hidden) = ("unnamed", "/name")
            case ("edges", 1, _): (replacement, hidden) = ([], "/nodes")
            case ("description", 1, _), ("timeout_ms", 1, _), ("max_parallel", 1, _), ("pack", 1, _), ("on", _, _):
                (replacement, hidden) = (nil, begin)
            case ("nodes", 3, "type"): (replacement, hidden) = ("task", begin)
            case ("nodes", 3, "name"), ("nodes", 3, "config"): (replacement, hidden) = (nil, begin)
            case ("edges", 3, "condition"): (replacement, hidden) = ("true", begin)
            // Whether it leads back, and so what can be reached, is not known.
            case ("edges", 3, "max_iterations"): (replacement, hidden, blursShape) = (1, begin, true)
            case ("variables", 3, "type"): (replacement, hidden) = ("string", begin)
            case ("variables", 3..., _): (replacement, hidden) = (nil, begin)
            default: return nil
            }
        }
    }
}

extension JSONValue {
    /// The value with another at a path; nil takes away what stands there.
    fileprivate func replacing(_ path: ArraySlice<String>, by replacement: JSONValue?) -> JSONValue {
        guard let key = path.first else { return replacement ?? .null }
        switch self {
        case .object(var object):
            let part = object[key] ?? .null
            object[key] = path.count == 1 ? replacement : part.replacing(path.dropFirst(), by: replacement)
            return .object(object)
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else { return self }
            if path.count > 1 {
                elements[index] = elements[index].replacing(path.dropFirst(), by: replacement)
            } else if let replacement {
                elements[index] = replacement
            }
            return .array(elements)
        default: return self
        }
    }
}
