import Foundation
public import PostgresKit
public import SpotterDomain

extension Rows {
    /// Reads each row as a type whose members are the columns: `client_id` is `clientId`.
    ///
    /// For views that are read as they stand, where a list of columns by number would say the same thing again.
    func views<View: Decodable>(of type: View.Type = View.self) throws -> [View] {
        let columns = ColumnPlaces(self)
        return try decoded { try View(from: RowDecoder(row: $0, columns: columns)) }
    }

    /// Reads the first row so; nil where there is none.
    func firstView<View: Decodable>(of type: View.Type = View.self) throws -> View? {
        let columns = ColumnPlaces(self)
        return try firstDecoded { try View(from: RowDecoder(row: $0, columns: columns)) }
    }
}

extension Identifier: PostgresDecodable {
    /// Reads a `uuid`.
    public static func decode(_ field: PostgresField) throws -> Identifier { Identifier(try UUID.decode(field)) }
}

/// Where the columns of a result are, by the names of the members that they are read into.
private final class ColumnPlaces: Sendable {
    let places: [String: Int]

    init(_ rows: Rows) {
        places = Dictionary(
            rows.columns.enumerated().map { (Self.memberName($1), $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func memberName(_ column: String) -> String {
        let words = column.split(separator: "_")
        return words.dropFirst().reduce(into: String(words.first ?? "")) { $0 += $1.capitalized }
    }
}

/// Whether a field is NULL.
private struct Absence: PostgresDecodable {
    let isNull: Bool
    static func decode(_ field: PostgresField) -> Absence { Absence(isNull: field.bytes == nil) }
}

/// A row whose members are its columns.
private struct RowDecoder: Decoder {
    let row: Row
    let columns: ColumnPlaces
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    struct Unsupported: Error {}

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Members<Key>(row: row, columns: columns))
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unsupported() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unsupported() }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: Row
    let columns: ColumnPlaces
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { columns.places.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { columns.places[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try row.get(place(of: key), as: Absence.self).isNull }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try FieldDecoder(row: row, column: place(of: key)).decode(type)
    }

    private func place(of key: Key) throws -> Int {
        guard let place = columns.places[key.stringValue] else {
            throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "there is no such column"))
        }
        return place
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw RowDecoder.Unsupported() }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw RowDecoder.Unsupported()
    }
    func superDecoder() throws -> any Decoder { throw RowDecoder.Unsupported() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw RowDecoder.Unsupported() }
}

/// One field: what PostgreSQL's types say, and enums by the text they are made of.
private struct FieldDecoder: Decoder, SingleValueDecodingContainer {
    let row: Row
    let column: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let type = type as? any PostgresDecodable.Type, let value = try read(type) as? Value { return value }
        return try Value(from: self)
    }

    private func read<Value: PostgresDecodable>(_ type: Value.Type) throws -> Value { try row.get(column) }

    func decodeNil() -> Bool { (try? row.get(column, as: Absence.self).isNull) ?? false }
    func singleValueContainer() -> any SingleValueDecodingContainer { self }
    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw RowDecoder.Unsupported()
    }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw RowDecoder.Unsupported() }
}
