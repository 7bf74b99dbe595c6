public import Foundation

/// A parameter of a statement.
///
/// Everything but `bytea` travels as text and without a declared type, so that the server infers the type from the
/// SQL exactly as it would in `psql`, and one prepared statement serves a value and NULL alike. `bytea` travels raw.
public struct PostgresValue: Sendable {
    enum Storage: Sendable {
        case null
        case text(String)
        case integer(Int64)
        case boolean(Bool)
        case double(Double)
        case uuid(UUID)
        case timestamp(Date)
        case json([UInt8])
        case bytes([UInt8])
        case numeric(Decimal)
        case textArray([String])
        case uuidArray([UUID])
        case integerArray([Int64])
        case array([PostgresValue])
    }

    let storage: Storage

    private init(_ storage: Storage?) { self.storage = storage ?? .null }

    /// SQL NULL.
    public static let null = PostgresValue(nil)
    /// `text`, `varchar`, an enum, or anything else that the server reads from text. Without NUL.
    public static func text(_ value: String?) -> Self { Self(value.map { .text($0) }) }
    /// `bigint` and the smaller integers.
    public static func int(_ value: Int64?) -> Self { Self(value.map { .integer($0) }) }
    /// `boolean`.
    public static func bool(_ value: Bool?) -> Self { Self(value.map { .boolean($0) }) }
    /// `double precision`; finite.
    public static func double(_ value: Double?) -> Self { Self(value.map { .double($0) }) }
    /// `uuid`.
    public static func uuid(_ value: UUID?) -> Self { Self(value.map { .uuid($0) }) }
    /// `timestamptz`, rounded to the microsecond; years 1 to 9999.
    public static func timestamp(_ value: Date?) -> Self { Self(value.map { .timestamp($0) }) }
    /// `json` or `jsonb`: the document's UTF-8 bytes. Without NUL.
    public static func json(_ value: [UInt8]?) -> Self { Self(value.map { .json($0) }) }
    /// `json` or `jsonb`: the document's text. Without NUL.
    public static func json(_ value: String?) -> Self { Self(value.map { .text($0) }) }
    /// `bytea`.
    public static func bytes(_ value: [UInt8]?) -> Self { Self(value.map { .bytes($0) }) }
    /// `numeric`; not NaN.
    public static func numeric(_ value: Decimal?) -> Self { Self(value.map { .numeric($0) }) }
    /// `text[]`.
    public static func textArray(_ value: [String]?) -> Self { Self(value.map { .textArray($0) }) }
    /// `uuid[]`.
    public static func uuidArray(_ value: [UUID]?) -> Self { Self(value.map { .uuidArray($0) }) }
    /// `bigint[]` and arrays of the smaller integers.
    public static func intArray(_ value: [Int64]?) -> Self { Self(value.map { .integerArray($0) }) }
    /// An array of any type but `bytea` and arrays; its elements may be NULL.
    public static func array(_ elements: [PostgresValue]) -> Self { Self(.array(elements)) }
}

extension PostgresValue {
    /// Refuses what PostgreSQL cannot hold, before anything is sent.
    ///
    /// - Parameter number: the parameter's number in the SQL, from 1, for the message.
    func validate(number: Int) throws(PostgresError) {
        switch storage {
        case .text(let text): try Self.refuseNUL(text, number)
        case .json(let bytes):
            if bytes.contains(0) { throw Self.containsNUL(number) }
        case .textArray(let texts):
            for text in texts { try Self.refuseNUL(text, number) }
        case .double(let value):
            if !value.isFinite { throw PostgresError(.invalidValue, "parameter $\(number) is not a finite number") }
        case .timestamp(let date):
            if TimestampText.microseconds(of: date) == nil {
                throw PostgresError(.invalidValue, "parameter $\(number) is a date outside the years 1 to 9999")
            }
        case .numeric(let value):
            if value.isNaN { throw PostgresError(.invalidValue, "parameter $\(number) is not a number") }
        case .array(let elements):
            for element in elements {
                guard element.isScalar else {
                    throw PostgresError(.invalidValue, "parameter $\(number) has an array or bytea for an element")
                }
                try element.validate(number: number)
            }
        case .null, .integer, .boolean, .uuid, .bytes, .uuidArray, .integerArray: break
        }
    }

    private var isScalar: Bool {
        switch storage {
        case .bytes, .textArray, .uuidArray, .integerArray, .array: false
        default: true
        }
    }

    private static func refuseNUL(_ text: String, _ number: Int) throws(PostgresError) {
        let found = text.utf8.withContiguousStorageIfAvailable { $0.contains(0) } ?? text.utf8.contains(0)
        if found { throw containsNUL(number) }
    }

    private static func containsNUL(_ number: Int) -> PostgresError {
        PostgresError(.invalidValue, "parameter $\(number) contains a NUL character, which PostgreSQL cannot hold")
    }
}
