/// The part of JSON Schema (2020-12) that Spotter uses, for request bodies, tool arguments, templates and OpenAPI alike.
public struct JSONSchema: Hashable, Sendable {
    /// What sort of value it is; the schema's `type`.
    public enum Kind: String, Hashable, Sendable {
        case object, array, string, integer, number, boolean
        /// Any JSON value.
        case any
    }

    /// A named member of an object.
    public struct Property: Hashable, Sendable {
        /// The member's name in JSON.
        public let name: String
        /// What its value must be.
        public var schema: JSONSchema
        /// Whether it must be there.
        public let isRequired: Bool

        /// A member, required unless said otherwise.
        public init(_ name: String, _ schema: JSONSchema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// What sort of value it is.
    public var kind: Kind
    /// What the value means, for people and for models.
    public var description: String?
    /// A well-known form of a string, such as `date-time`.
    public var format: String?
    /// A regular expression that a string should match.
    public var pattern: String?
    /// The only strings allowed; empty means any.
    public var values: [String] = []
    /// The least number allowed.
    public var minimum: Double?
    /// The greatest number allowed.
    public var maximum: Double?
    /// In characters (Unicode scalars).
    public var minimumLength: Int?
    /// The most characters (Unicode scalars) of a string.
    public var maximumLength: Int?
    /// The fewest elements of an array.
    public var minimumCount: Int?
    /// The most elements of an array.
    public var maximumCount: Int?
    /// Whether null is allowed as well.
    public var isNullable = false
    /// The members of an object, in order.
    public var properties: [Property] = []
    /// The schema of the elements of an array, or of the values of an object that is a dictionary. At most one.
    public var elements: [JSONSchema] = []
    /// A valid value, for readers.
    public var example: JSONValue?

    /// A schema without bounds; those are set afterwards.
    public init(
        _ kind: Kind, description: String? = nil, format: String? = nil, pattern: String? = nil,
        values: [String] = []
    ) {
        self.kind = kind
        self.description = description
        self.format = format
        self.pattern = pattern
        self.values = values
    }

    /// An object with just these members.
    public static func object(_ properties: [Property], description: String? = nil) -> JSONSchema {
        var schema = JSONSchema(.object, description: description)
        schema.properties = properties
        return schema
    }

    /// An array of any length whose elements follow `element`.
    public static func array(of element: JSONSchema) -> JSONSchema {
        var schema = JSONSchema(.array)
        schema.elements = [element]
        return schema
    }

    /// An object with any names and values of one schema.
    public static func dictionary(of value: JSONSchema) -> JSONSchema {
        var schema = JSONSchema(.object)
        schema.elements = [value]
        return schema
    }

    /// Whether an object may have only the members of `properties`.
    public var isClosed: Bool { kind == .object && elements.isEmpty }

    /// The member `name`.
    public subscript(name: String) -> Property? { properties.first { $0.name == name } }

    /// What a merge patch (RFC 7396) of this object may hold: at every depth no member is required, and null removes.
    public var asPatch: JSONSchema {
        guard kind == .object else { return self }
        var schema = self
        schema.properties = properties.map { Property($0.name, $0.schema.asNullablePatch, isRequired: false) }
        schema.elements = elements.map(\.asNullablePatch)
        return schema
    }

    private var asNullablePatch: JSONSchema {
        var schema = asPatch
        schema.isNullable = true
        return schema
    }
}

extension JSONSchema {
    /// The schema as JSON Schema 2020-12.
    public var json: JSONValue {
        var object = JSONObject()
        if kind != .any {
            object["type"] = isNullable ? [.string(kind.rawValue), "null"] : .string(kind.rawValue)
        }
        object["description"] = description.map(JSONValue.string)
        object["format"] = format.map(JSONValue.string)
        object["pattern"] = pattern.map(JSONValue.string)
        if !values.isEmpty { object["enum"] = .array(values.map(JSONValue.string) + (isNullable ? [.null] : [])) }
        object["minimum"] = minimum.map(Self.number)
        object["maximum"] = maximum.map(Self.number)
        object["minLength"] = minimumLength.map { .int(Int64($0)) }
        object["maxLength"] = maximumLength.map { .int(Int64($0)) }
        object["minItems"] = minimumCount.map { .int(Int64($0)) }
        object["maxItems"] = maximumCount.map { .int(Int64($0)) }
        if kind == .object { describeMembers(in: &object) }
        if kind == .array { object["items"] = elements.first?.json ?? [:] }
        if let example { object["examples"] = [example] }
        return .object(object)
    }

    private static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map(JSONValue.int) ?? .double(value)
    }

    private func describeMembers(in object: inout JSONObject) {
        if let value = elements.first {
            object["additionalProperties"] = value.json
            return
        }
        var members = JSONObject()
        for property in properties { members[property.name] = property.schema.json }
        object["properties"] = .object(members)
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { object["required"] = .array(required) }
        object["additionalProperties"] = false
    }
}
