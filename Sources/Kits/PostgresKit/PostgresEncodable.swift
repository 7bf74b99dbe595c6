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

    /// - Parameter bytes: UTF-8, without NUL.
    public init(bytes: [UInt8]) { self.bytes = bytes }
    /// - Parameter text: the document.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The document as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension PostgresValue: PostgresEncodable {
    /// Itself.
    public var postgresValue: PostgresValue { self }
}
extension PostgresJSON: PostgresEncodable {
    /// As `json` or `jsonb`.
    public var postgresValue: PostgresValue { .json(bytes) }
}
extension String: PostgresEncodable {
    /// As `text`.
    public var postgresValue: PostgresValue { .text(self) }
}
extension Int: PostgresEncodable {
    /// As `bigint`.
    public var postgresValue: PostgresValue { .int(Int64(self)) }
}
extension Int64: PostgresEncodable {
    /// As `bigint`.
    public var postgresValue: PostgresValue { .int(self) }
}
extension Int32: PostgresEncodable {
    /// As `integer`.
    public var postgresValue: PostgresValue { .int(Int64(self)) }
}
extension Bool: PostgresEncodable {
    /// As `boolean`.
    public var postgresValue: PostgresValue { .bool(self) }
}
extension Double: PostgresEncodable {
    /// As `double precision`.
    public var postgresValue: PostgresValue { .double(self) }
}
extension UUID: PostgresEncodable {
    /// As `uuid`.
    public var postgresValue: PostgresValue { .uuid(self) }
}
extension Date: PostgresEncodable {
    /// As `timestamptz`.
    public var postgresValue: PostgresValue { .timestamp(self) }
}
extension Decimal: PostgresEncodable {
    /// As `numeric`.
    public var postgresValue: PostgresValue { .numeric(self) }
}
extension Data: PostgresEncodable {
    /// As `bytea`.
    public var postgresValue: PostgresValue { .bytes(Array(self)) }
}
extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// Nil as NULL.
    public var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

/// Elements of which an array is a parameter: `[UInt8]` is `bytea`, the others are PostgreSQL arrays.
public protocol PostgresArrayElement {
    /// The parameter for a whole array.
    static func postgresValue(of elements: [Self]) -> PostgresValue
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// As `bytea` or an array.
    public var postgresValue: PostgresValue { Element.postgresValue(of: self) }
}
extension UInt8: PostgresArrayElement {
    /// As `bytea`.
    public static func postgresValue(of elements: [UInt8]) -> PostgresValue { .bytes(elements) }
}
extension String: PostgresArrayElement {
    /// As `text[]`.
    public static func postgresValue(of elements: [String]) -> PostgresValue { .textArray(elements) }
}
extension UUID: PostgresArrayElement {
    /// As `uuid[]`.
    public static func postgresValue(of elements: [UUID]) -> PostgresValue { .uuidArray(elements) }
}
extension Int64: PostgresArrayElement {
    /// As `bigint[]`.
    public static func postgresValue(of elements: [Int64]) -> PostgresValue { .intArray(elements) }
}
extension Int: PostgresArrayElement {
    /// As `bigint[]`.
    public static func postgresValue(of elements: [Int]) -> PostgresValue { .intArray(elements.map { Int64($0) }) }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    /// As its raw value.
    public var postgresValue: PostgresValue { rawValue.postgresValue }
}
