/// Which events somebody wants, by the names of their types.
public struct EventTypeFilter: Sendable, Hashable {
    /// Names that are wanted as they are; sorted.
    public let names: [String]
    /// Beginnings of wanted names, each with its full stop, such as `step.`; sorted.
    public let prefixes: [String]

    /// Every event.
    public static let all = EventTypeFilter(names: [], prefixes: [])

    private init(names: Set<String>, prefixes: Set<String>) {
        self.names = names.sorted()
        self.prefixes = prefixes.sorted()
    }

    /// Reads patterns separated by commas: `*`, a name such as `step.started`, or a family such as `step.*`.
    ///
    /// - Throws: `SpotterError` at `/types` for a pattern that no event can have.
    public init(_ text: String) throws {
        var (names, prefixes) = (Set<String>(), Set<String>())
        let patterns = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard patterns.count <= 50 else { throw SpotterError.invalid("/types", "must have at most 50 patterns") }
        for pattern in patterns where pattern != "*" {
            try Self.check(pattern)
            if pattern.hasSuffix(".*") { prefixes.insert(String(pattern.dropLast())) } else { names.insert(pattern) }
        }
        let isEverything = patterns.contains("*")
        self = isEverything ? .all : EventTypeFilter(names: names, prefixes: prefixes)
    }

    /// Whether nothing is left out.
    public var isAll: Bool { names.isEmpty && prefixes.isEmpty }

    /// Whether events of this type are wanted.
    public func matches(_ type: String) -> Bool {
        isAll || names.contains(type) || prefixes.contains { type.hasPrefix($0) }
    }

    private static let known = EventType.allCases.map(\.rawValue)
    private static let families = Set(
        known.compactMap { $0.split(separator: ".").first.map { "\($0).*" } } + ["custom.*"])

    private static func check(_ pattern: String) throws {
        if known.contains(pattern) || families.contains(pattern) || CustomEventType.isValid(pattern) { return }
        if pattern.hasSuffix(".*"), CustomEventType.isValid(String(pattern.dropLast(2))) { return }
        let hint = DidYouMean.hint(for: pattern, among: known + families.sorted())
        throw SpotterError.invalid("/types", "has \"\(pattern.prefix(80))\", which no event is called\(hint)")
    }
}

/// Names that callers may give to events of their own: `custom.` and 1 to 64 of `a-z 0-9 _ . -`.
public enum CustomEventType {
    /// Whether `name` is such a name.
    public static func isValid(_ name: String) -> Bool {
        guard name.hasPrefix("custom.") else { return false }
        let rest = name.dropFirst(7).utf8
        return (1...64).contains(rest.count)
            && rest.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-")].contains(byte)
            }
    }
}
