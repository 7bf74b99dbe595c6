/// Builds the tree from libyaml's events and holds the budgets while it grows.
struct TreeBuilder {
    private let reader: EventReader
    private let file: String
    private let limits: YAMLLimits
    private let phrasing: SyntaxPhrasing

    /// What has been built so far, aliases counted as if written out.
    private var nodes = 0
    private var textBytes = 0

    private var anchors: [String: Anchor] = [:]

    private enum Anchor {
        /// Its node is still being read: an alias to it would be a cycle.
        case open
        case closed(Anchored)
    }

    private struct Anchored {
        let node: YAMLNode
        let nodes: Int
        let textBytes: Int
        let height: Int
    }

    init(_ source: SourceText, file: String, limits: YAMLLimits) throws(YAMLError) {
        self.file = file
        self.limits = limits
        phrasing = SyntaxPhrasing(source: source)
        do throws(EventReader.Failure) {
            reader = try EventReader(source)
        } catch {
            throw YAMLError(file: file, mark: error.mark, message: error.problem)
        }
    }

    /// All documents of the stream; more than one only when `many`.
    mutating func documents(many: Bool) throws(YAMLError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            let event = try next()
            switch event.kind {
            case .streamStart, .documentEnd:
                continue
            case .streamEnd:
                return documents
            case .documentStart:
                guard many || documents.isEmpty else {
                    throw error(event.mark, "a second document ('---'): only one is expected in this file")
                }
                anchors = [:]
                documents.append(try node(try next(), depth: 1).node)
            default:
                throw error(event.mark, "unexpected content outside a document")
            }
        }
    }

    private func next() throws(YAMLError) -> YAMLEvent {
        do throws(EventReader.Failure) {
            return try reader.next()
        } catch {
            let (mark, message) = phrasing.phrase(error)
            throw self.error(mark, message)
        }
    }

    private func error(_ mark: Mark, _ message: String) -> YAMLError {
        YAMLError(file: file, mark: mark, message: message)
    }

    /// The node that `event` begins, and how many levels it has.
    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> (node: YAMLNode, height: Int) {
        guard depth <= limits.maximumDepth else {
            throw error(event.mark, "nested more than \(limits.maximumDepth) levels deep")
        }
        if case .alias(let name) = event.kind { return try alias(name, event.mark, depth: depth) }

        try count(nodes: 1, textBytes: 0, event.mark)
        let before = (nodes: nodes - 1, textBytes: textBytes)
        if let anchor = event.anchor { anchors[anchor] = .open }
        let (content, height) = try content(event, depth: depth)
        let node = YAMLNode(content: content, mark: event.mark)
        if let anchor = event.anchor {
            anchors[anchor] = .closed(
                Anchored(
                    node: node, nodes: nodes - before.nodes, textBytes: textBytes - before.textBytes, height: height))
        }
        return (node, height)
    }

    private mutating func content(
        _ event: YAMLEvent, depth: Int
    ) throws(YAMLError) -> (content: YAMLNode.Content, height: Int) {
        switch event.kind {
        case .scalar(let text, let style):
            try count(nodes: 0, textBytes: text.utf8.count, event.mark)
            return (.scalar(try scalar(text, style, event)), 1)
        case .sequenceStart:
            try expect(event, .sequence)
            return try sequence(depth: depth)
        case .mappingStart:
            try expect(event, .mapping)
            return try mapping(depth: depth)
        default:
            throw error(event.mark, "a value is missing here")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> (content: YAMLNode.Content, height: Int) {
        var elements: [YAMLNode] = []
        var height = 0
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return (.sequence(elements), height + 1) }
            let element = try node(event, depth: depth + 1)
            elements.append(element.node)
            height = max(height, element.height)
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> (content: YAMLNode.Content, height: Int) {
        var entries: [YAMLNode.Entry] = []
        // Swift compares strings by canonical equivalence, so that é in its two spellings is one key, as it will be
        // in every dictionary made of this mapping.
        var seen: [String: Mark] = [:]
        var height = 0
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return (.mapping(entries), height + 1) }
            let key = try key(event, depth: depth + 1)
            let name = key.text ?? ""
            if let first = seen.updateValue(key.mark, forKey: name) {
                throw error(key.mark, "the key '\(name)' is here a second time: first at \(first)")
            }
            let value = try node(try next(), depth: depth + 1)
            entries.append(YAMLNode.Entry(key: key, value: value.node))
            height = max(height, value.height)
        }
    }

    private mutating func key(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        switch event.kind {
        case .sequenceStart, .mappingStart:
            throw error(event.mark, "a key must be a single value, not a list or a mapping")
        case .scalar("<<", .plain):
            throw error(event.mark, "merge keys ('<<') are not supported: write the fields out")
        case .scalar("", .plain):
            throw error(event.mark, "a key is missing before the ':'")
        default:
            let key = try node(event, depth: depth).node
            guard key.scalar != nil else {
                throw error(event.mark, "a key must be a single value, not a list or a mapping")
            }
            return key
        }
    }

    private mutating func alias(
        _ name: String, _ mark: Mark, depth: Int
    ) throws(YAMLError) -> (node: YAMLNode, height: Int) {
        guard let anchor = anchors[name] else { throw error(mark, "no anchor '&\(name)' before this alias") }
        guard case .closed(let anchored) = anchor else {
            throw error(mark, "the alias '*\(name)' stands inside its own anchor")
        }
        guard depth + anchored.height - 1 <= limits.maximumDepth else {
            throw error(mark, "nested more than \(limits.maximumDepth) levels deep by the alias '*\(name)'")
        }
        try count(nodes: anchored.nodes, textBytes: anchored.textBytes, mark)
        return (YAMLNode(content: anchored.node.content, mark: mark), anchored.height)
    }

    private mutating func count(nodes more: Int, textBytes moreText: Int, _ mark: Mark) throws(YAMLError) {
        nodes += more
        textBytes += moreText
        guard nodes <= limits.maximumNodes else {
            throw error(mark, "more than \(limits.maximumNodes) values, aliases written out")
        }
        guard textBytes <= limits.maximumText else {
            throw error(mark, "more than \(limits.maximumText) bytes of text, aliases written out")
        }
    }
}

extension TreeBuilder {
    private func scalar(
        _ text: String, _ style: YAMLNode.Style, _ event: YAMLEvent
    ) throws(YAMLError) -> YAMLNode.Scalar {
        let tag = try coreTag(event, scalar: true)
        let resolved: YAMLScalar?
        do throws(CoreSchema.OutOfRange) {
            resolved = try meaning(text, style, tag)
        } catch {
            throw self.error(event.mark, "the number \(text.prefix(40)) does not fit 64 bits: quote it if it is a text")
        }
        guard let resolved else { throw error(event.mark, "the tag !!\(tag?.rawValue ?? "") does not fit this value") }
        return YAMLNode.Scalar(text: text, style: style, resolved: resolved)
    }

    private func meaning(
        _ text: String, _ style: YAMLNode.Style, _ tag: CoreTag?
    ) throws(CoreSchema.OutOfRange) -> YAMLScalar? {
        if let tag { return try tag.resolve(text) }
        return style == .plain ? try CoreSchema.resolve(text) : .string(text)
    }

    private func expect(_ event: YAMLEvent, _ expected: CoreTag) throws(YAMLError) {
        guard let tag = try coreTag(event, scalar: false), tag != expected else { return }
        throw error(event.mark, "the tag !!\(tag.rawValue) does not fit this value")
    }

    private func coreTag(_ event: YAMLEvent, scalar: Bool) throws(YAMLError) -> CoreTag? {
        guard let tag = event.tag else { return nil }
        if let core = CoreTag(tag, scalar: scalar) { return core }
        let allowed = "only !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are"
        throw error(event.mark, "the tag '\(tag.prefix(80))' is not allowed: \(allowed)")
    }
}
