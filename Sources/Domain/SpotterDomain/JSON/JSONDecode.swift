import Foundation

extension JSONValue {
    /// Reads the value as `T` after checking it against the schema derived from `T`.
    ///
    /// - Throws: `SpotterError` with code `.invalid` and every issue found, each with its JSON pointer.
    public func decoded<T: Decodable>(as type: T.Type) throws -> T {
        let issues = JSONSchema.derived(from: type).issues(in: self)
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return try decodedUnchecked(as: type)
    }

    /// Reads the value as `T`: for what Spotter itself has written.
    public func decodedUnchecked<T: Decodable>(as type: T.Type) throws -> T {
        do {
            return try ValueDecoder(value: self, codingPath: []).read(type)
        } catch let error as DecodingError {
            throw SpotterError.invalid([error.issue])
        }
    }
}

extension DecodingError {
    fileprivate var issue: FieldIssue {
        let context: Context
        switch self {
        case .typeMismatch(_, let it), .valueNotFound(_, let it), .dataCorrupted(let it): context = it
        case .keyNotFound(let key, let it):
            return FieldIssue(pointer: Self.pointer(it.codingPath + [key]), message: "is required")
        @unknown default: return FieldIssue(pointer: "", message: "cannot be read")
        }
        return FieldIssue(pointer: Self.pointer(context.codingPath), message: context.debugDescription)
    }

    private static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            // A dictionary's key may look like a number and is still its text.
            if DictionaryKeys.include(key) { return "/" + JSONSchema.escape(key.stringValue) }
            return "/" + (key.intValue.map(String.init) ?? snakeCase(key.stringValue))
        }.joined()
    }
}

private struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func read<T: Decodable>(_ type: T.Type) throws -> T {
        if type == JSONValue.self, let result = value as? T { return result }
        if type == Date.self, let text = value.string {
            guard let date = Timestamp.date(from: text), let result = date as? T else {
                throw mismatch(type, "must be an RFC 3339 time such as 2026-11-21T06:30:00Z")
            }
            return result
        }
        if type == [String: String].self, let object = value.object {
            var result: [String: String] = [:]
            for (key, value) in object {
                guard let text = value.string else { throw mismatch(type, "must hold strings only") }
                result[key] = text
            }
            if let result = result as? T { return result }
        }
        return try T(from: self)
    }

    func mismatch(_ type: any Any.Type, _ message: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: message))
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let object = value.object else { throw mismatch(JSONObject.self, "must be an object") }
        return KeyedDecodingContainer(Keyed(object: object, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let array = value.array else { throw mismatch([JSONValue].self, "must be an array") }
        return Unkeyed(array: array, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard let result = value.bool else { throw mismatch(type, "must be true or false") }
        return result
    }

    func decode(_ type: String.Type) throws -> String {
        guard let result = value.string else { throw mismatch(type, "must be a string") }
        return result
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard let result = value.double else { throw mismatch(type, "must be a number") }
        return result
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    private func integer<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard let whole = value.int, let result = T(exactly: whole) else { throw mismatch(type, "must be an integer") }
        return result
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try read(type) }

    struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let object: JSONObject
        let codingPath: [any CodingKey]
        var allKeys: [Key] { object.keys.compactMap(Key.init(stringValue:)) }

        private func member(_ key: Key) -> JSONValue? {
            object[DictionaryKeys.are(Key.self) ? key.stringValue : snakeCase(key.stringValue)]
        }

        func contains(_ key: Key) -> Bool { member(key) != nil }
        func decodeNil(forKey key: Key) throws -> Bool { member(key)?.isNull ?? true }

        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            guard let value = member(key) else {
                throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is required"))
            }
            return try ValueDecoder(value: value, codingPath: codingPath + [key]).read(type)
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try superDecoder(forKey: key).container(keyedBy: type)
        }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try superDecoder(forKey: key).unkeyedContainer()
        }
        func superDecoder() throws -> any Decoder { ValueDecoder(value: .object(object), codingPath: codingPath) }
        func superDecoder(forKey key: Key) throws -> any Decoder {
            ValueDecoder(value: member(key) ?? .null, codingPath: codingPath + [key])
        }
    }

    struct Unkeyed: UnkeyedDecodingContainer {
        let array: [JSONValue]
        let codingPath: [any CodingKey]
        var currentIndex = 0
        var count: Int? { array.count }
        var isAtEnd: Bool { currentIndex >= array.count }

        private struct Index: CodingKey {
            let intValue: Int?
            var stringValue: String { "\(intValue ?? 0)" }
            init(intValue: Int) { self.intValue = intValue }
            init?(stringValue: String) { nil }
        }

        private mutating func next() throws -> ValueDecoder {
            guard !isAtEnd else {
                throw DecodingError.valueNotFound(
                    JSONValue.self, .init(codingPath: codingPath, debugDescription: "has too few elements"))
            }
            defer { currentIndex += 1 }
            return ValueDecoder(value: array[currentIndex], codingPath: codingPath + [Index(intValue: currentIndex)])
        }

        mutating func decodeNil() throws -> Bool {
            guard !isAtEnd, array[currentIndex].isNull else { return false }
            currentIndex += 1
            return true
        }
        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().read(type) }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }
        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            try next().unkeyedContainer()
        }
        mutating func superDecoder() throws -> any Decoder { try next() }
    }
}

extension JSONValue: Decodable {
    /// Reads any JSON value through a decoder of this module.
    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? ValueDecoder else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "is read by Spotter's own decoder only"))
        }
        self = decoder.value
    }
}
