public import Foundation

/// A type that says itself what its JSON looks like, because it is not a plain struct of members.
public protocol SchemaDescribed {
    static var schema: JSONSchema { get }
    /// Any valid value: what the schema recorder hands out while it reads a type's members.
    static var sample: Self { get }
}

/// What a member's type cannot say: meaning and bounds. Used by types whose schema is derived.
public struct Field: Sendable {
    let description: String
    var minimum: Double?
    var maximum: Double?
    var minimumLength: Int?
    var maximumLength: Int?
    var minimumCount: Int?
    var maximumCount: Int?
    var pattern: String?
    var example: JSONValue?

    /// - Parameters:
    ///   - description: for people and for models.
    ///   - range: bounds of a number, both included.
    ///   - length: bounds of a string, in Unicode scalars.
    ///   - count: bounds of an array.
    ///   - pattern: a regular expression for the schema's readers; Spotter checks it only where the type does.
    public init(
        _ description: String, range: ClosedRange<Double>? = nil, length: ClosedRange<Int>? = nil,
        count: ClosedRange<Int>? = nil, pattern: String? = nil, example: JSONValue? = nil
    ) {
        self.description = description
        minimum = range?.lowerBound
        maximum = range?.upperBound
        minimumLength = length?.lowerBound
        maximumLength = length?.upperBound
        minimumCount = count?.lowerBound
        maximumCount = count?.upperBound
        self.pattern = pattern
        self.example = example
    }

    func apply(to schema: JSONSchema) -> JSONSchema {
        var schema = schema
        schema.description = description
        schema.minimum = minimum ?? schema.minimum
        schema.maximum = maximum ?? schema.maximum
        schema.minimumLength = minimumLength ?? schema.minimumLength
        schema.maximumLength = maximumLength ?? schema.maximumLength
        schema.minimumCount = minimumCount ?? schema.minimumCount
        schema.maximumCount = maximumCount ?? schema.maximumCount
        schema.pattern = pattern ?? schema.pattern
        schema.example = example ?? schema.example
        return schema
    }
}

/// A type with a derived schema that adds meaning and bounds to its members, by their names in JSON.
public protocol FieldsDescribed {
    static var fields: [String: Field] { get }
}

extension SchemaDescribed where Self: CaseIterable & RawRepresentable, RawValue == String {
    /// A string that is one of the cases' raw values.
    public static var schema: JSONSchema { JSONSchema(.string, values: allCases.map(\.rawValue)) }
    /// The first case.
    public static var sample: Self {
        guard let first = allCases.first else { preconditionFailure("\(Self.self) has no cases") }
        return first
    }
}

extension JSONValue: SchemaDescribed {
    /// Any value.
    public static var schema: JSONSchema { JSONSchema(.any) }
    /// Null.
    public static var sample: JSONValue { .null }
}

extension String: SchemaDescribed {
    /// A string of any length.
    public static var schema: JSONSchema { JSONSchema(.string) }
    /// The empty string.
    public static var sample: String { "" }
}

extension Bool: SchemaDescribed {
    /// True or false.
    public static var schema: JSONSchema { JSONSchema(.boolean) }
    /// False.
    public static var sample: Bool { false }
}

extension Int: SchemaDescribed {
    /// A whole number.
    public static var schema: JSONSchema { JSONSchema(.integer) }
    /// Zero.
    public static var sample: Int { 0 }
}

extension Int64: SchemaDescribed {
    /// A whole number.
    public static var schema: JSONSchema { JSONSchema(.integer) }
    /// Zero.
    public static var sample: Int64 { 0 }
}

extension Double: SchemaDescribed {
    /// Any number.
    public static var schema: JSONSchema { JSONSchema(.number) }
    /// Zero.
    public static var sample: Double { 0 }
}

extension Date: SchemaDescribed {
    /// An RFC 3339 time.
    public static var schema: JSONSchema { JSONSchema(.string, description: "RFC 3339, UTC.", format: "date-time") }
    /// The start of 1970.
    public static var sample: Date { Date(timeIntervalSince1970: 0) }
}

extension Dictionary: SchemaDescribed where Key == String, Value: SchemaDescribed {
    /// An object with any names, whose values follow the value type's schema.
    public static var schema: JSONSchema { .dictionary(of: Value.schema) }
    /// No members.
    public static var sample: [String: Value] { [:] }
}
