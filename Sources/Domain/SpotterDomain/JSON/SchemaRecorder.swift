import Synchronization

extension JSONSchema {
    /// The schema of a `Decodable` type, derived from what its `init(from:)` asks for, so that it is never written twice.
    ///
    /// Members are the coding keys in snake_case; optional members are not required. Types that are not plain structs
    /// conform to `SchemaDescribed`; meaning and bounds come from `FieldsDescribed`. Derived once per type.
    public static func derived<T: Decodable>(from type: T.Type) -> JSONSchema {
        let key = ObjectIdentifier(type)
        if let known = cache.withLock({ $0[key] }) { return known }
        let (_, schema) = record(type)
        cache.withLock { $0[key] = schema }
        return schema
    }

    private static let cache = Mutex<[ObjectIdentifier: JSONSchema]>([:])

    fileprivate static func record<T: Decodable>(_ type: T.Type) -> (sample: T, schema: JSONSchema) {
        if let described = type as? any (SchemaDescribed & Decodable).Type {
            if let sample = described.sample as? T { return (sample, described.schema) }
        }
        let recorder = SchemaRecorder()
        do {
            let sample = try T(from: recorder)
            var schema = recorder.state.schema
            if let described = type as? any FieldsDescribed.Type { schema.apply(described.fields, of: "\(type)") }
            return (sample, schema)
        } catch {
            preconditionFailure("\(type) cannot have its schema derived: let it conform to SchemaDescribed (\(error))")
        }
    }

    private mutating func apply(_ fields: [String: Field], of type: String) {
        for name in fields.keys {
            precondition(self[name] != nil, "\(type) describes a field \(name) it does not have")
        }
        properties = properties.map { property in
            guard let field = fields[property.name] else { return property }
            return Property(property.name, field.apply(to: property.schema), isRequired: property.isRequired)
        }
    }
}

/// A decoder that notes what is asked of it and answers with samples.
private struct SchemaRecorder: Decoder {
    final class State {
        var schema = JSONSchema(.object)
        var optional: Set<String> = []
    }

    let state = State()
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Keyed(state: state))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { Unkeyed(state: state) }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(state: state) }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let state: State
        let codingPath: [any CodingKey] = []
        var allKeys: [Key] { [] }

        // `decodeIfPresent` asks this first: what is asked about may be absent.
        func contains(_ key: Key) -> Bool {
            state.optional.insert(snakeCase(key.stringValue))
            return true
        }

        func decodeNil(forKey key: Key) -> Bool { false }

        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) -> T {
            let (sample, schema) = JSONSchema.record(type)
            let name = snakeCase(key.stringValue)
            state.schema.properties.append(.init(name, schema, isRequired: !state.optional.contains(name)))
            return sample
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw Unsupported() }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unsupported() }
        func superDecoder() throws -> any Decoder { throw Unsupported() }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw Unsupported() }
    }

    struct Unkeyed: UnkeyedDecodingContainer {
        let state: State
        let codingPath: [any CodingKey] = []
        var count: Int? { 1 }
        var currentIndex = 0
        var isAtEnd: Bool { currentIndex == 1 }

        mutating func decodeNil() -> Bool { false }

        mutating func decode<T: Decodable>(_ type: T.Type) -> T {
            currentIndex = 1
            let (sample, schema) = JSONSchema.record(type)
            state.schema = .array(of: schema)
            return sample
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> { throw Unsupported() }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unsupported() }
        mutating func superDecoder() throws -> any Decoder { throw Unsupported() }
    }

    struct Single: SingleValueDecodingContainer {
        let state: State
        let codingPath: [any CodingKey] = []

        func decodeNil() -> Bool { false }

        func decode<T: Decodable>(_ type: T.Type) -> T {
            let (sample, schema) = JSONSchema.record(type)
            state.schema = schema
            return sample
        }
    }

    struct Unsupported: Error {}
}

/// `maxOutputTokens` → `max_output_tokens`.
func snakeCase(_ name: String) -> String {
    func isCapital(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
    guard name.utf8.contains(where: isCapital) else { return name }
    return String(unsafeUninitializedCapacity: name.utf8.count * 2) { text in
        var end = 0
        for byte in name.utf8 {
            if isCapital(byte) {
                text[end] = UInt8(ascii: "_")
                end += 1
            }
            text[end] = isCapital(byte) ? byte | 0x20 : byte
            end += 1
        }
        return end
    }
}
