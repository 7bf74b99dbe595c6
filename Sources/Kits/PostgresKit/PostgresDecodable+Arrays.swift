public import Foundation

/// Elements of which an array can be read: `[UInt8]` from `bytea`, the others from one-dimensional arrays.
public protocol PostgresDecodableElement {
    /// Reads the whole array.
    static func decodeArray(_ field: PostgresField) throws -> [Self]
}

extension Array: PostgresDecodable where Element: PostgresDecodableElement {
    /// `bytea` as bytes, and arrays of one dimension without NULL.
    public static func decode(_ field: PostgresField) throws -> [Element] { try Element.decodeArray(field) }
}

extension UInt8: PostgresDecodableElement {
    /// `bytea`.
    public static func decodeArray(_ field: PostgresField) throws -> [UInt8] {
        guard field.type == PostgresField.TypeID.bytea else { throw field.unexpectedType() }
        return Array(try field.required())
    }
}

extension PostgresDecodableElement where Self: PostgresDecodable {
    /// The binary form of arrays: dimensions, a NULL flag, the elements' type, then length and lower bound of each
    /// dimension, then each element with its length (`array_send` in PostgreSQL's source).
    public static func decodeArray(_ field: PostgresField) throws -> [Self] {
        let dimensions = try field.bigEndian(Int32.self)
        let elementType = try field.bigEndian(UInt32.self, at: 8)
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw PostgresField.Mismatch("it has \(dimensions) dimensions") }
        let bytes = try field.required()
        let count = Int(try field.bigEndian(Int32.self, at: 12))
        var offset = 20
        // Each element takes four bytes at least.
        guard count >= 0, count <= (bytes.count - offset) / 4 else {
            throw PostgresField.Mismatch("it is not an array")
        }
        var elements: [Self] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let length = Int(try field.bigEndian(Int32.self, at: offset))
            offset += 4
            guard length >= 0 else { throw PostgresField.Mismatch("an element is NULL") }
            guard length <= bytes.count - offset else { throw PostgresField.Mismatch("it is not an array") }
            let element = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
            elements.append(try decode(PostgresField(bytes: element, type: elementType)))
            offset += length
        }
        return elements
    }
}

extension String: PostgresDecodableElement {}
extension UUID: PostgresDecodableElement {}
extension Int: PostgresDecodableElement {}
extension Int64: PostgresDecodableElement {}
