/// What is wrong with a schema that somebody has declared.
public struct SchemaIssues: Error, Sendable {
    /// Where and what.
    public let issues: [FieldIssue]
}

extension JSONSchema {
    /// The deepest nesting of a declared schema.
    private static let deepest = 16

    /// Reads a schema that somebody has declared: the part of JSON Schema that Spotter uses.
    ///
    /// An object holds just its `properties`, unless `additionalProperties` is a schema and there are none.
    public init(declared document: JSONValue) throws(SchemaIssues) {
        try self.init(declared: document, at: "", depth: 0)
    }

    private init(declared document: JSONValue, at pointer: String, depth: Int) throws(SchemaIssues) {
        func refuse(_ message: String, _ member: String = "") -> SchemaIssues {
            SchemaIssues(issues: [FieldIssue(pointer: pointer + member, message: message)])
        }
        guard let object = document.object else { throw refuse("must be a schema: an object") }
        guard depth < Self.deepest else { throw refuse("is nested too deeply") }
        guard let kind = Self.kind(of: object) else {
            throw refuse("must be one of object, array, string, integer, number, boolean", "/type")
        }
        self.init(kind, description: object["description"]?.string)
        for (key, value) in object {
            switch key {
            case "type", "description", "title", "default", "$schema", "examples", "required", "additionalProperties":
                break
            case "properties" where kind == .object: break
            case "items" where kind == .array: break
            case "enum" where kind == .string:
                values = (value.array ?? []).compactMap(\.string)
                guard !values.isEmpty, values.count == value.array?.count else {
                    throw refuse("must be an array of strings", "/enum")
                }
            case "format" where kind == .string: format = value.string
            case "pattern" where kind == .string: pattern = value.string
            case "minimum": minimum = value.double
            case "maximum": maximum = value.double
            case "minLength": minimumLength = value.int.map { Int($0) }
            case "maxLength": maximumLength = value.int.map { Int($0) }
            case "minItems": minimumCount = value.int.map { Int($0) }
            case "maxItems": maximumCount = value.int.map { Int($0) }
            default: throw refuse("is a keyword that is not known here", "/\(Self.escape(key))")
            }
        }
        if kind == .array {
            elements = [try JSONSchema(declared: object["items"] ?? [:], at: "\(pointer)/items", depth: depth + 1)]
        }
        if kind == .object { try declareMembers(object, at: pointer, depth: depth) }
    }

    private static func kind(of object: JSONObject) -> Kind? {
        guard let type = object["type"] else { return object["properties"] == nil ? .any : .object }
        return type.string.flatMap { $0 == "any" ? nil : Kind(rawValue: $0) }
    }

    private mutating func declareMembers(
        _ object: JSONObject, at pointer: String, depth: Int
    ) throws(SchemaIssues) {
        let members = object["properties"]?.object ?? JSONObject()
        let required = Set((object["required"]?.array ?? []).compactMap(\.string))
        for (name, member) in members {
            let place = "\(pointer)/properties/\(Self.escape(name))"
            let schema = try JSONSchema(declared: member, at: place, depth: depth + 1)
            properties.append(Property(name, schema, isRequired: required.contains(name)))
        }
        if let unknown = required.subtracting(properties.map(\.name)).min() {
            throw SchemaIssues(
                issues: [.init(pointer: "\(pointer)/required", message: "names \(unknown), which is no property")])
        }
        if members.isEmpty, let values = object["additionalProperties"], values.bool != false {
            let schema = values.bool == true ? [:] : values
            elements = [
                try JSONSchema(declared: schema, at: "\(pointer)/additionalProperties", depth: depth + 1)
            ]
        }
    }
}
