/// What a model's answer must look like: one JSON object.
public struct ResponseSchema: Sendable, Hashable {
    /// Names the form for the model: 1 to 64 of letters, digits, `_` and `-`.
    public let name: String
    /// What the object holds.
    public let schema: JSONSchema

    /// - Throws: `SpotterError` at `/response_schema` for a name the providers would refuse, and for anything that is no
    ///   object.
    public init(name: String, schema: JSONSchema) throws {
        guard name.wholeMatch(of: /[A-Za-z0-9_\-]{1,64}/) != nil else {
            throw SpotterError.invalid(
                "/response_schema/name", "must be 1 to 64 letters, digits, underscores and hyphens")
        }
        guard schema.kind == .object, !schema.isNullable else {
            throw SpotterError.invalid("/response_schema/schema", "must be of an object")
        }
        self.name = name
        self.schema = schema
    }

    /// The object that a text holds.
    ///
    /// - Throws: `SpotterError` with what is wrong and where: for models, to mend it, as much as for people.
    public func read(_ text: String) throws -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONParser.parse(text)
        } catch {
            throw SpotterError.invalid("", "is not JSON")
        }
        let issues = schema.issues(in: value)
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return value
    }
}

extension JSONSchema {
    /// Whether providers can hold a model to the letter of it: every object has just its members, all of them required.
    public var isStrict: Bool {
        switch kind {
        case .any: false
        case .object:
            !properties.isEmpty && elements.isEmpty
                && properties.allSatisfy { $0.isRequired && $0.schema.isStrict }
        case .array: elements.first?.isStrict ?? false
        case .string, .integer, .number, .boolean: true
        }
    }
}
