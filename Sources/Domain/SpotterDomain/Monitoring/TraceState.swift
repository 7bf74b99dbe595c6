/// What the systems of a trace tell each other: W3C Trace Context's `tracestate`, level 1. It is passed on as it came, and
/// nothing of ours is put into it.
public struct TraceState: Sendable, Hashable {
    /// The header's value: `key=value`, separated by commas.
    public let text: String

    /// The most members, and the most characters of all of them.
    static let (mostMembers, longest) = (32, 512)

    /// Reads a header's value; several headers are one value, joined by commas. Nil for what is empty, too long or not as
    /// the specification wants it: then it is not passed on, and the trace goes on without.
    public init?(_ text: String) {
        let members = text.split(separator: ",").map(\.filled).filter { !$0.isEmpty }
        let joined = members.joined(separator: ",")
        guard (1...Self.mostMembers).contains(members.count), joined.utf8.count <= Self.longest else { return nil }
        var keys: Set<Substring> = []
        for member in members {
            guard let equals = member.firstIndex(of: "=") else { return nil }
            let (key, value) = (member[..<equals], member[member.index(after: equals)...])
            guard Self.isKey(key), Self.isValue(value), keys.insert(key).inserted else { return nil }
        }
        self.text = joined
    }

    private static func isKey(_ key: Substring) -> Bool {
        let parts = key.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), key.utf8.count <= 256 else { return false }
        return parts.allSatisfy { part in
            guard let first = part.first, isLetterOrDigit(first) else { return false }
            return part.allSatisfy { byte in
                isLetterOrDigit(byte)
                    || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/")].contains(byte)
            }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Printable ASCII, which cannot begin a new header; a comma has separated members already.
    private static func isValue(_ value: Substring) -> Bool {
        (1...256).contains(value.utf8.count)
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }
}

extension Substring {
    /// Without spaces and tabs around it.
    fileprivate var filled: Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        let rest = drop(while: isBlank)
        return rest.lastIndex { !isBlank($0) }.map { rest[...$0] } ?? ""
    }
}
