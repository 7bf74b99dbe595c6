import SpotterDomain
import YAMLKit

/// What a file says, as a JSON value, with the place of every part of it.
///
/// The one way from a file to a domain type: the same schemas that check requests check files, and the JSON pointers of
/// their issues become places in the text.
struct ConfigurationDocument {
    let source: SourceText
    private let content: YAMLValue

    /// Reads a file that is YAML all through.
    ///
    /// - Throws: the first thing that is not YAML, or not allowed in it.
    init(yaml source: SourceText) throws(ConfigurationError) {
        do throws(YAMLError) {
            self.init(try YAMLDocument.parse(bytes: source.bytes, file: source.file), in: source)
        } catch {
            throw ConfigurationError(error)
        }
    }

    /// What a part of `source` says; the node's marks count from the file's beginning.
    init(_ node: YAMLNode, in source: SourceText) {
        self.source = source
        content = YAMLValue(node)
    }

    /// A value without places: everything in it stands at the file's beginning.
    init(_ value: JSONValue, in source: SourceText) {
        self.source = source
        content = YAMLValue(value)
    }

    /// Whether the document says just this.
    func holds(_ value: JSONValue) -> Bool { content.value == value }

    /// Reads the document as `T`, checked against the schema of `T` and then against the rules that no schema can hold.
    ///
    /// - Parameter rules: what is wrong with a value whose members all have their types. Where schema and rules object to
    ///   the same place, the rule's message counts: it says more.
    /// - Parameter isWorkflow: whether what cannot be read gives way to something harmless, so that the rest of it can be
    ///   checked.
    /// - Throws: every issue found.
    func decoded<T: Decodable>(
        as type: T.Type, isWorkflow: Bool = false, rules: (T) -> [FieldIssue]
    ) throws(ConfigurationError) -> T {
        let schemaIssues = JSONSchema.derived(from: type).issues(in: content.value)
        let result = try? content.value.decodedUnchecked(as: type)
        if result == nil, isWorkflow {
            let draft = WorkflowDraft(content.value, correcting: schemaIssues)
            let others = (try? draft.value.decodedUnchecked(as: type)).map(rules) ?? []
            throw ConfigurationError((draft.issues(schemaIssues, and: others) + content.issues).map(issue))
        }
        let ruleIssues = content.issues + (result.map(rules) ?? [])
        let ruled = Set(ruleIssues.map(\.pointer))
        let all = schemaIssues.filter { !ruled.contains($0.pointer) } + ruleIssues
        guard let result, all.isEmpty else { throw ConfigurationError(all.map(issue)) }
        return result
    }

    /// The issue at its place in the text.
    func issue(_ issue: FieldIssue) -> ConfigurationIssue {
        let isUnknown = issue.message.hasPrefix("unknown field")
        // An object begins after its name, often on the next line: the name says better what is meant.
        let isAtName = isUnknown || content.value(at: issue.pointer)?.object != nil
        let place = (isAtName ? content.namePlaces[issue.pointer] : nil) ?? place(of: issue.pointer)
        let message = isUnknown ? "is an \(issue.message)" : issue.message
        return source.issue(at: place, "\(path(of: issue.pointer)) \(message)\(quoting(issue))")
    }

    /// The string at a pointer; nil if there is none.
    func string(at pointer: String) -> String? { content.value(at: pointer)?.string }

    /// Where the value stands; for a missing one, where the object begins that lacks it.
    func place(of pointer: String) -> ConfigurationIssue.Place {
        var pointer = pointer[...]
        while true {
            if let place = content.places[String(pointer)] { return place }
            guard let slash = pointer.lastIndex(of: "/") else { return .start }
            pointer = pointer[..<slash]
        }
    }

    /// In YAML `version: 1.10` is a number; who meant a text is told how to write one.
    private func quoting(_ issue: FieldIssue) -> String {
        guard issue.message.hasPrefix("must be a string, not") else { return "" }
        switch content.value(at: issue.pointer) {
        case .int, .double, .bool: return " (in quotes it is a string)"
        default: return ""
        }
    }

    /// `/providers/openai/api_key` as people write it, `providers.openai.api_key`; elements as `templates[0]`.
    private func path(of pointer: String) -> String {
        var path = ""
        var current: JSONValue? = content.value
        for name in JSONPointer.names(in: pointer) {
            if let index = Int(name), current?.array != nil {
                path += "[\(index)]"
                current = current?[index]
            } else {
                path += path.isEmpty ? name : ".\(name)"
                current = current?[name]
            }
        }
        guard !path.isEmpty else { return "the file" }
        return path.count > 120 ? path.prefix(120) + "…" : path
    }
}
