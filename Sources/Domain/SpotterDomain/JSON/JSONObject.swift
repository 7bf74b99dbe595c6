/// The members of a JSON object, in order, each name once.
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []
    /// Built only when there are many members; few are found faster by looking.
    private var index: [String: Int]?

    /// An object without members.
    public init() {}

    /// The members' names, in order.
    public var keys: [String] { members.map(\.key) }
    /// How many members there are.
    public var count: Int { members.count }
    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// Reads, replaces, adds (at the end) or, with nil, removes a member.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                index = nil
                buildIndex()
            case (nil, let value?):
                members.append((key, value))
                if index != nil { index?[key] = members.count - 1 } else { buildIndex() }
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let index { return index[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func buildIndex() {
        guard members.count > 16 else { return }
        index = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.key, $0) })
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object; of two members of one name the later counts.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONObject: Sequence {
    /// The members, in order.
    public func makeIterator() -> some IteratorProtocol<(key: String, value: JSONValue)> { members.makeIterator() }
}

extension JSONObject: Hashable {
    /// As JSON has it, the order of members makes no difference.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    /// As equality, hashing leaves the order of members aside.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        hasher.combine(members.reduce(0) { $0 ^ $1.key.hashValue })
    }
}
