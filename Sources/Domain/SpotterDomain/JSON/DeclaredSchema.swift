/// What is wrong with a schema that somebody has declared.
public struct SchemaIssues: Error, Sendable, CustomStringConvertible {
    /// Where and what.
    public let issues: [FieldIssue]

    /// For a log; the places are within the schema.
    public var description: String {
        issues.map { $0.pointer.isEmpty ? $0.message : "\($0.pointer) \($0.message)" }.joined(separator: "; ")
    }

    /// The same in a document that holds the schema at `pointer`.
    public func issues(at pointer: String) -> [FieldIssue] {
        issues.map { FieldIssue(pointer: pointer + $0.pointer, message: $0.message) }
    }
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
        func number(_ key: String, _ value: JSONValue) throws(SchemaIssues) -> Double {
            guard let number = value.double else { throw refuse("must be a number", "/\(key)") }
            return number
        }
        func count(_ key: String, _ value: JSONValue) throws(SchemaIssues) -> Int {
            guard let count = value.int.map({ Int($0) }), (0...Int(Int32.max)).contains(count) else {
                throw refuse("must be a whole number from 0 to \(Int32.max)", "/\(key)")
            }
            return count
        }
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
            case "minimum": minimum = try number(key, value)
            case "maximum": maximum = try number(key, value)
            case "minLength": minimumLength = try count(key, value)
            case "maxLength": maximumLength = try count(key, value)
            case "minItems": minimumCount = try count(key, value)
            case "maxItems": maximumCount = try count(key, value)
            default:
                let hint = DidYouMean.hint(for: key, among: Self.keywords(of: kind))
                throw refuse("is a keyword that is not known here\(hint)", "/\(Self.escape(key))")
            }
        }
        if kind == .array {
            elements = [try JSONSchema(declared: object["items"] ?? [:], at: "\(pointer)/items", depth: depth + 1)]
        }
        if kind == .object { try declareMembers(object, at: pointer, depth: depth) }
    }

    /// What may stand in a schema, for hints.
    private static func keywords(of kind: Kind) -> [String] {
        let own =
            switch kind {
            case .object: ["properties", "required", "additionalProperties"]
            case .array: ["items", "minItems", "maxItems"]
            case .string: ["enum", "format", "pattern", "minLength", "maxLength"]
            case .integer, .number: ["minimum", "maximum"]
            case .boolean, .any: [String]()
            }
        return own + ["type", "description", "title", "default", "examples"]
    }

    private static func kind(of object: JSONObject) -> Kind? {
        guard let type = object["type"] else { return object["properties"] == nil ? .any : .object }
        return type.string.flatMap { $0 == "any" ? nil : Kind(rawValue: $0) }
    }

    private func members(of object: JSONObject, at pointer: String) throws(SchemaIssues) -> JSONObject {
        guard let properties = object["properties"] else { return JSONObject() }
        guard let members = properties.object else {
            throw SchemaIssues(issues: [.init(pointer: "\(pointer)/properties", message: "must be an object")])
        }
        return members
    }

    private func required(of object: JSONObject, at pointer: String) throws(SchemaIssues) -> Set<String> {
        guard let required = object["required"] else { return [] }
        let names = (required.array ?? []).compactMap(\.string)
        guard let array = required.array, names.count == array.count else {
            throw SchemaIssues(
                issues: [.init(pointer: "\(pointer)/required", message: "must be an array of strings")])
        }
        return Set(names)
    }

    private mutating func declareMembers(
        _ object: JSONObject, at pointer: String, depth: Int
    ) throws(SchemaIssues) {
        let members = try self.members(of: object, at: pointer)
        let required = try self.required(of: object, at: pointer)
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
