import Foundation
import PostgresKit
import SpotterDomain

extension PostgresValue {
    /// A document of one of Spotter's own types.
    static func document(_ value: (some Encodable)?) throws -> PostgresValue {
        .json(try value.map { StorableJSON.bytes(of: try JSONWriter.encode($0)) })
    }

    /// A document of a type that writes itself.
    static func document(_ value: (some JSONWritable & Encodable)?) throws -> PostgresValue {
        .json(try value.map { StorableJSON.bytes(of: try JSONWriter.encode($0)) })
    }

    /// Any JSON.
    static func document(_ value: JSONValue?) -> PostgresValue { .json(value.map { StorableJSON.bytes(of: $0.bytes) }) }

    /// An id.
    static func id(_ id: Identifier<some IdentifierKind>?) -> PostgresValue { .uuid(id?.uuid) }
}

extension Row {
    /// An id.
    func id<Kind>(_ column: Int) throws -> Identifier<Kind> { Identifier(try get(column)) }

    /// An id, where there is one.
    func optionalID<Kind>(_ column: Int) throws -> Identifier<Kind>? {
        try get(column, as: UUID?.self).map { Identifier($0) }
    }

    /// A document of one of Spotter's own types.
    func document<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
        try JSONParser.parse(get(column, as: PostgresJSON.self).bytes).decodedUnchecked(as: type)
    }

    /// A document that is most often the same: that one is told by its bytes, and not parsed.
    func document<Value: Decodable>(_ column: Int, mostly common: CommonDocument<Value>) throws -> Value {
        let bytes = try get(column, as: PostgresJSON.self).bytes
        if bytes == common.bytes { return common.value }
        return try JSONParser.parse(bytes).decodedUnchecked(as: Value.self)
    }

    /// A document of one of Spotter's own types, where there is one.
    func optionalDocument<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value? {
        guard let json = try get(column, as: PostgresJSON?.self) else { return nil }
        return try JSONParser.parse(json.bytes).decodedUnchecked(as: type)
    }

    /// Any JSON.
    func json(_ column: Int) throws -> JSONValue {
        try JSONParser.parse(get(column, as: PostgresJSON.self).bytes)
    }

    /// Any JSON, where there is some.
    func optionalJSON(_ column: Int) throws -> JSONValue? {
        try get(column, as: PostgresJSON?.self).map { try JSONParser.parse($0.bytes) }
    }

    /// A case that is stored by its name.
    func named<Case: RawRepresentable>(_ column: Int) throws -> Case where Case.RawValue == String {
        guard let value = Case(rawValue: try get(column)) else { throw UnknownCase(column: column) }
        return value
    }

    /// A case that is stored by its name, where there is one.
    func optionallyNamed<Case: RawRepresentable>(_ column: Int) throws -> Case? where Case.RawValue == String {
        guard let name = try get(column, as: String?.self) else { return nil }
        guard let value = Case(rawValue: name) else { throw UnknownCase(column: column) }
        return value
    }

    /// Labels.
    func labels(_ column: Int) throws -> [String: String] { try get(column, as: Labels.self).values }
}

/// What most rows have in a column: neither written nor parsed each time.
struct CommonDocument<Value: JSONWritable & Equatable & Sendable>: Sendable {
    let value: Value
    /// As it is stored.
    let bytes: [UInt8]

    init(_ value: Value) {
        self.value = value
        bytes = Self.bytes(of: value)
    }

    /// A parameter.
    func json(of value: Value) -> PostgresValue {
        .json(value == self.value ? bytes : StorableJSON.bytes(of: Self.bytes(of: value)))
    }

    private static func bytes(of value: Value) -> [UInt8] {
        var json = JSONWriter()
        value.write(to: &json)
        return json.take()
    }
}

extension CommonDocument<TokenUsage> {
    /// Of executions that have called no model.
    static let noUsage = CommonDocument(TokenUsage())
}

extension CommonDocument<Cost> {
    /// Of executions that have called no model.
    static let noCost = CommonDocument(Cost.zero)
}

/// An object of strings.
private struct Labels: PostgresDecodable {
    let values: [String: String]

    static func decode(_ field: PostgresField) throws -> Labels {
        // The common empty object, behind the byte that tells jsonb's version, is neither copied nor parsed.
        if field.bytes?.count == 3 { return Labels(values: [:]) }
        let json = try JSONParser.parse(PostgresJSON.decode(field).bytes)
        return Labels(values: try json.decodedUnchecked(as: [String: String].self))
    }
}

/// A stored name that this version of the program does not know.
struct UnknownCase: Error {
    let column: Int
}

/// Patterns for `LIKE`.
enum LikePattern {
    /// Matches text that contains `text`, whatever signs of patterns are in it.
    static func containing(_ text: String) -> String {
        var pattern = "%"
        for character in text {
            if character == "%" || character == "_" || character == "\\" { pattern.append("\\") }
            pattern.append(character)
        }
        return pattern + "%"
    }

    /// One pattern for each word of a search.
    static func words(of query: String?) -> [String] { FoldedText.words(query ?? "").map(containing) }
}

extension PageRequest {
    /// Below which id a list that is shown newest first goes on.
    var before: UUID { after?.uuid ?? Self.highest }

    /// One more than asked for: it tells that there is another page.
    var fetchLimit: Int { limit + 1 }

    private static let highest = UUID(
        uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
}
