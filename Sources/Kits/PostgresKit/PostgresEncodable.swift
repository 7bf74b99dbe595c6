public import Foundation

/// A type whose values can be parameters of a `Statement`.
///
/// An enum with a `String` or integer raw value conforms by saying so.
public protocol PostgresEncodable {
    /// The parameter.
    var postgresValue: PostgresValue { get }
}

/// A JSON document as its UTF-8 bytes, for `json` and `jsonb` in both directions; not parsed here.
public struct PostgresJSON: Sendable, Hashable {
    /// The document.
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The document as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension PostgresValue: PostgresEncodable {
    public var postgresValue: PostgresValue { self }
}
extension PostgresJSON: PostgresEncodable {
    public var postgresValue: PostgresValue { .json(bytes) }
}
extension String: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(self) }
}
extension Int: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(Int64(self)) }
}
extension Int64: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(self) }
}
extension Int32: PostgresEncodable {
    public var postgresValue: PostgresValue { .int(Int64(self)) }
}
extension Bool: PostgresEncodable {
    public var postgresValue: PostgresValue { .bool(self) }
}
extension Double: PostgresEncodable {
    public var postgresValue: PostgresValue { .double(self) }
}
extension UUID: PostgresEncodable {
    public var postgresValue: PostgresValue { .uuid(self) }
}
extension Date: PostgresEncodable {
    public var postgresValue: PostgresValue { .timestamp(self) }
}
extension Decimal: PostgresEncodable {
    public var postgresValue: PostgresValue { .numeric(self) }
}
extension Data: PostgresEncodable {
    public var postgresValue: PostgresValue { .bytes(Array(self)) }
}
extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

/// Elements of which an array is a parameter: `[UInt8]` is `bytea`, the others are PostgreSQL arrays.
public protocol PostgresArrayElement {
    /// The parameter for a whole array.
    static func postgresValue(of elements: [Self]) -> PostgresValue
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public var postgresValue: PostgresValue { Element.postgresValue(of: self) }
}
extension UInt8: PostgresArrayElement {
    public static func postgresValue(of elements: [UInt8]) -> PostgresValue { .bytes(elements) }
}
extension String: PostgresArrayElement {
    public static func postgresValue(of elements: [String]) -> PostgresValue { .textArray(elements) }
}
extension UUID: PostgresArrayElement {
    public static func postgresValue(of elements: [UUID]) -> PostgresValue { .uuidArray(elements) }
}
extension Int64: PostgresArrayElement {
    public static func postgresValue(of elements: [Int64]) -> PostgresValue { .intArray(elements) }
}
extension Int: PostgresArrayElement {
    public static func postgresValue(of elements: [Int]) -> PostgresValue { .intArray(elements.map { Int64($0) }) }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    public var postgresValue: PostgresValue { rawValue.postgresValue }
}
