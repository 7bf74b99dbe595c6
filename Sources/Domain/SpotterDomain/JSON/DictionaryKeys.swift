/// Tells the names in a dictionary, which belong to whoever filled it, from the members of a type, which are
/// snake_case in JSON.
enum DictionaryKeys {
    /// Whether the standard library uses `Key` to code dictionaries.
    static func are<Key: CodingKey>(_ type: Key.Type) -> Bool { ObjectIdentifier(type) == known }

    static func include(_ key: any CodingKey) -> Bool { ObjectIdentifier(Swift.type(of: key)) == known }

    // The type has no public name, so a dictionary is asked for it once.
    private static let known: ObjectIdentifier? = {
        let probe = Probe()
        _ = try? [String: Int](from: probe)
        return probe.found.type
    }()

    private struct Probe: Decoder {
        final class Found { var type: ObjectIdentifier? }

        let found = Found()
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            found.type = ObjectIdentifier(type)
            throw Known()
        }
        func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Known() }
        func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Known() }

        struct Known: Error {}
    }
}
