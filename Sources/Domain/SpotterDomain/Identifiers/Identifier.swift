public import Foundation

/// What an identifier names; its prefix makes ids of different nouns impossible to mix up.
public protocol IdentifierKind: Sendable {
    /// The TypeID prefix: lowercase letters, such as `agent`.
    static var prefix: String { get }
}

/// A TypeID (specification 0.3.0): a prefix, `_`, and a UUID as 26 characters of lowercase Crockford base 32.
///
/// New ids are UUIDv7, so they sort by time of creation and sit together in an index.
public struct Identifier<Kind: IdentifierKind>: Hashable, Sendable {
    /// The 128 bits behind the text.
    public let uuid: UUID

    /// The id with these bits, of whatever version they are.
    public init(_ uuid: UUID) { self.uuid = uuid }

    /// Reads `prefix_suffix`; nil unless the prefix is this kind's and the suffix canonical.
    public init?(_ text: String) {
        guard let uuid = TypeID.decode(text, prefix: Kind.prefix) else { return nil }
        self.uuid = uuid
    }
}

extension Identifier: CustomStringConvertible {
    /// The TypeID as text, such as `agent_01h…`.
    public var description: String { TypeID.encode(uuid, prefix: Kind.prefix) }
}

extension Identifier: Comparable {
    /// By the bits, so UUIDv7s by time of creation.
    public static func < (left: Identifier, right: Identifier) -> Bool {
        withUnsafeBytes(of: left.uuid.uuid) { left in
            withUnsafeBytes(of: right.uuid.uuid) { right in left.lexicographicallyPrecedes(right) }
        }
    }
}

extension Identifier: Codable, SchemaDescribed {
    /// Reads the text form; an id of another kind is refused.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = Identifier(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath, debugDescription: "must be an id that starts with \(Kind.prefix)_"))
        }
        self = id
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// A string that holds a TypeID of this kind.
    public static var schema: JSONSchema {
        JSONSchema(
            .string, description: "A TypeID that starts with `\(Kind.prefix)_`.", format: "typeid",
            pattern: "^\(Kind.prefix)_[0-7][0-9a-hjkmnp-tv-z]{25}$")
    }

    /// A fixed id.
    public static var sample: Identifier {
        Identifier(UUID(uuid: (1, 145, 0, 0, 0, 0, 112, 0, 128, 0, 0, 0, 0, 0, 0, 1)))
    }
}
