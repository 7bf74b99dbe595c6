/// The columns of an export: what an import of the same kind reads.
public struct ExportColumns<Kind: RecordKind>: Sendable {
    private let properties: [JSONSchema.Property]

    /// The columns of a kind, in the order of its members: the id is the first.
    public init() { properties = RecordSchemas.of(Kind.self).resource.properties }

    /// The first row.
    public var headers: [String] {
        properties.flatMap { $0.schema.isMoney ? [$0.name, "currency"] : [$0.name] }
    }

    /// The row of a record. Times are in UTC, labels have semicolons between them where that is read back as they are,
    /// everything that has parts is JSON.
    public func cells(of record: GymRecord<Kind>) throws -> [String] {
        let members = try JSONValue(encoding: record)
        return properties.flatMap { property -> [String] in
            let value = members[property.name] ?? .null
            guard property.schema.isMoney else { return [Self.cell(value)] }
            return [Self.cell(value["amount"] ?? .null), Self.cell(value["currency"] ?? .null)]
        }
    }

    private static func joined(_ elements: [JSONValue]) -> String {
        elements.compactMap(\.string).joined(separator: "; ")
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .array(let elements) where CellReader.labels(Self.joined(elements)) == elements: Self.joined(elements)
        default: value.description
        }
    }
}
