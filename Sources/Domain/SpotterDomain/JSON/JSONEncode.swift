import Foundation

extension JSONWriter {
    /// Appends any `Encodable` value, member names in snake_case, absent optionals left out.
    ///
    /// Writes straight into the buffer: no tree in between. Members must be encoded in one go, container by container,
    /// as synthesised conformances do.
    public mutating func write<T: Encodable>(encoding value: T) throws {
        let buffer = WriterBox(self)
        // Let go of here, so that the box writes into the same buffer and not into a copy.
        self = JSONWriter(capacity: 0)
        defer { self = buffer.writer }
        try buffer.write(value)
    }

    /// The JSON text of `value` as bytes.
    public static func encode<T: Encodable>(_ value: T) throws -> [UInt8] {
        var writer = JSONWriter()
        try writer.write(encoding: value)
        return writer.take()
    }
}

extension JSONValue {
    /// `value` as a JSON value.
    public init(encoding value: some Encodable) throws {
        self = try JSONParser.parse(JSONWriter.encode(value))
    }
}

extension JSONValue: Encodable {
    /// Hands the value as it is to Spotter's own encoder; others are refused.
    public func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? ValueEncoder else {
            throw EncodingError.invalidValue(
                self,
                .init(codingPath: encoder.codingPath, debugDescription: "is written by Spotter's own encoder only"))
        }
        encoder.box.writer.write(self)
    }
}

private final class WriterBox {
    var writer: JSONWriter
    init(_ writer: JSONWriter) { self.writer = writer }

    func write<T: Encodable>(_ value: T) throws {
        // A failing cast is dear, comparing types is not, and this runs for every member of every answer.
        if T.self == String.self, let value = value as? String {
            writer.write(value)
        } else if T.self == Int.self, let value = value as? Int {
            writer.write(value)
        } else if T.self == Bool.self, let value = value as? Bool {
            writer.write(value)
        } else if T.self == Date.self, let value = value as? Date {
            writer.write(value)
        } else if T.self == JSONValue.self, let value = value as? JSONValue {
            writer.write(value)
        } else if T.self == [String: String].self, let value = value as? [String: String] {
            writer.write(value)
        } else {
            try write(members: value)
        }
    }

    private func write<T: Encodable>(members value: T) throws {
        let encoder = ValueEncoder(box: self)
        try value.encode(to: encoder)
        encoder.close()
    }
}

private final class ValueEncoder: Encoder {
    enum Shape { case none, object, array }

    let box: WriterBox
    var shape = Shape.none
    var count = 0
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(box: WriterBox) { self.box = box }

    func open(_ shape: Shape) {
        guard self.shape == .none else { return }
        self.shape = shape
        box.writer.raw(UInt8(ascii: shape == .object ? "{" : "["))
    }

    func close() {
        switch shape {
        case .none: break
        case .object: box.writer.raw(UInt8(ascii: "}"))
        case .array: box.writer.raw(UInt8(ascii: "]"))
        }
    }

    func separate() {
        if count > 0 { box.writer.raw(UInt8(ascii: ",")) }
        count += 1
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        open(.object)
        return KeyedEncodingContainer(Keyed(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        open(.array)
        return Unkeyed(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

    struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let encoder: ValueEncoder
        var codingPath: [any CodingKey] { [] }

        private func name(_ key: Key) {
            encoder.separate()
            if DictionaryKeys.are(Key.self) {
                encoder.box.writer.write(key.stringValue)
                encoder.box.writer.raw(UInt8(ascii: ":"))
            } else {
                encoder.box.writer.writeName(snakeCasing: key.stringValue)
            }
        }
        mutating func encodeNil(forKey key: Key) {
            name(key)
            encoder.box.writer.raw("null")
        }
        mutating func encode(_ value: String, forKey key: Key) {
            name(key)
            encoder.box.writer.write(value)
        }
        mutating func encode(_ value: Int, forKey key: Key) {
            name(key)
            encoder.box.writer.write(value)
        }
        mutating func encode(_ value: Bool, forKey key: Key) {
            name(key)
            encoder.box.writer.write(value)
        }
        mutating func encode(_ value: Double, forKey key: Key) {
            name(key)
            encoder.box.writer.write(value)
        }
        mutating func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
            name(key)
            try encoder.box.write(value)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy keyType: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            preconditionFailure("nested containers are not written by Spotter's types")
        }
        mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
            preconditionFailure("nested containers are not written by Spotter's types")
        }
        mutating func superEncoder() -> any Encoder { encoder }
        mutating func superEncoder(forKey key: Key) -> any Encoder { encoder }
    }

    struct Unkeyed: UnkeyedEncodingContainer {
        let encoder: ValueEncoder
        var codingPath: [any CodingKey] { [] }
        var count: Int { encoder.count }

        mutating func encodeNil() {
            encoder.separate()
            encoder.box.writer.raw("null")
        }
        mutating func encode<T: Encodable>(_ value: T) throws {
            encoder.separate()
            try encoder.box.write(value)
        }
        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy keyType: Nested.Type
        ) -> KeyedEncodingContainer<Nested> {
            preconditionFailure("nested containers are not written by Spotter's types")
        }
        mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
            preconditionFailure("nested containers are not written by Spotter's types")
        }
        mutating func superEncoder() -> any Encoder { encoder }
    }

    struct Single: SingleValueEncodingContainer {
        let encoder: ValueEncoder
        var codingPath: [any CodingKey] { [] }

        mutating func encodeNil() { encoder.box.writer.raw("null") }
        mutating func encode(_ value: Bool) { encoder.box.writer.write(value) }
        mutating func encode(_ value: String) { encoder.box.writer.write(value) }
        mutating func encode(_ value: Double) { encoder.box.writer.write(value) }
        mutating func encode(_ value: Float) { encoder.box.writer.write(Double(value)) }
        mutating func encode(_ value: Int) { encoder.box.writer.write(value) }
        mutating func encode(_ value: Int8) { encoder.box.writer.write(value) }
        mutating func encode(_ value: Int16) { encoder.box.writer.write(value) }
        mutating func encode(_ value: Int32) { encoder.box.writer.write(value) }
        mutating func encode(_ value: Int64) { encoder.box.writer.write(value) }
        mutating func encode(_ value: UInt) { encoder.box.writer.write(value) }
        mutating func encode(_ value: UInt8) { encoder.box.writer.write(value) }
        mutating func encode(_ value: UInt16) { encoder.box.writer.write(value) }
        mutating func encode(_ value: UInt32) { encoder.box.writer.write(value) }
        mutating func encode(_ value: UInt64) { encoder.box.writer.write(value) }
        mutating func encode<T: Encodable>(_ value: T) throws { try encoder.box.write(value) }
    }
}
