import Foundation
import Synchronization

/// What JSON may say of a kind of records, each form made once from the fields' own schema.
public struct RecordSchemas: Sendable {
    /// A new record, or one that replaces another.
    public let whole: JSONSchema
    /// A change of some members.
    public let patch: JSONSchema
    /// A row of a bulk upsert: a change of the record with an id or an external id, or a new one with an external id.
    /// References may be given by external id or e-mail address.
    public let row: JSONSchema
    /// A record as the API answers it.
    public let resource: JSONSchema

    /// The schemas of a kind.
    public static func of<Kind: RecordKind>(_ kind: Kind.Type) -> RecordSchemas {
        let key = ObjectIdentifier(kind)
        if let known = cache.withLock({ $0[key] }) { return known }
        let made = RecordSchemas(kind)
        cache.withLock { $0[key] = made }
        return made
    }

    private static let cache = Mutex<[ObjectIdentifier: RecordSchemas]>([:])

    private init<Kind: RecordKind>(_ kind: Kind.Type) {
        let fields = JSONSchema.derived(from: Kind.Fields.self)
        let defaults = Set(Kind.Fields.defaults(.sample).keys)
        let own = fields.properties.filter { !Kind.Fields.readOnly.contains($0.name) }
        var externalId = JSONSchema(.string, description: "What the gym's own system calls it: unique in its kind.")
        externalId.minimumLength = 1
        externalId.maximumLength = GymRecord<Kind>.longestExternalId
        externalId.example = .string("\(Kind.prefix)-1001")
        let given = own.map { property in
            JSONSchema.Property(
                property.name, property.schema.withOptionalCurrency,
                isRequired: property.isRequired && !defaults.contains(property.name))
        }
        whole = .object([.init("external_id", externalId, isRequired: false)] + given)
        patch = whole.asPatch
        row = Self.row(Identifier<Kind>.schema, externalId, given, Kind.references)
        resource = Self.resource(Kind.self, externalId, fields)
    }

    private static func row(
        _ id: JSONSchema, _ externalId: JSONSchema, _ given: [JSONSchema.Property], _ references: [RecordReference]
    ) -> JSONSchema {
        var id = id
        id.description = "Of a record there is, in place of its external id."
        var external = externalId
        external.description = "What the gym's own system calls it; required where there is no `id`."
        var properties = [
            JSONSchema.Property("id", id, isRequired: false),
            JSONSchema.Property("external_id", external, isRequired: false),
        ]
        properties += JSONSchema.object(given).asPatch.properties
        for reference in references {
            let noun = reference.target.noun
            if let member = reference.externalMember {
                let schema = JSONSchema(
                    .string, description: "In place of `\(reference.member)`: the \(noun)'s external id.")
                properties.append(.init(member, schema, isRequired: false))
            }
            if let member = reference.emailMember {
                let schema = JSONSchema(
                    .string, description: "In place of `\(reference.member)`: the \(noun)'s e-mail.")
                properties.append(.init(member, schema, isRequired: false))
            }
        }
        var created = Date.schema
        created.description = "When a new record was made where it comes from; now unless given."
        properties.append(.init("created_at", created, isRequired: false))
        return .object(properties)
    }

    private static func resource<Kind: RecordKind>(
        _ kind: Kind.Type, _ externalId: JSONSchema, _ fields: JSONSchema
    ) -> JSONSchema {
        .object(
            [
                .init("id", Identifier<Kind>.schema), .init("external_id", externalId, isRequired: false),
                .init("version", JSONSchema(.integer, description: "Raised by every change; its ETag.")),
            ] + fields.properties + [.init("created_at", Date.schema), .init("updated_at", Date.schema)])
    }
}

extension RecordSetting {
    /// Any circumstances: what is asked is which members have defaults, not what they are.
    fileprivate static var sample: RecordSetting {
        RecordSetting(now: Date(timeIntervalSince1970: 0), today: Day(days: 0), currency: "USD", actor: "")
    }
}

extension JSONSchema {
    /// Whether it is money: an amount with its currency.
    var isMoney: Bool { kind == .object && properties.map(\.name) == ["amount", "currency"] }

    fileprivate var withOptionalCurrency: JSONSchema {
        guard isMoney else { return self }
        var schema = self
        schema.properties = properties.map { Property($0.name, $0.schema, isRequired: $0.name == "amount") }
        return schema
    }
}

extension GymRecord {
    /// Reads a new record's fields.
    ///
    /// - Throws: `invalid` with every issue that the schema tells of.
    public static func fields(creating object: JSONObject, _ setting: RecordSetting) throws -> Kind.Fields {
        let schemas = RecordSchemas.of(Kind.self)
        let issues = schemas.whole.issues(in: .object(object))
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return try complete(object, schemas, setting)
    }

    /// The fields after a merge patch (RFC 7396); a member with a default that is removed gets it again.
    ///
    /// - Throws: `invalid` with every issue that the schema tells of.
    public func fields(changing patch: JSONObject, _ setting: RecordSetting) throws -> Kind.Fields {
        let schemas = RecordSchemas.of(Kind.self)
        let issues = schemas.patch.issues(in: .object(patch))
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        let merged = try JSONValue(encoding: fields).merging(patch: .object(patch)).object ?? JSONObject()
        return try Self.complete(merged, schemas, setting, checked: true)
    }

    /// The fields that replace these: members that are not given are as in a new record, but for those that are not
    /// for a caller to set, and those that a new record has from its circumstances, such as when it was made.
    ///
    /// - Throws: `invalid` with every issue that the schema tells of.
    public func fields(replacedBy object: JSONObject, _ setting: RecordSetting) throws -> Kind.Fields {
        let schemas = RecordSchemas.of(Kind.self)
        let issues = schemas.whole.issues(in: .object(object))
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        var whole = object
        let stored = try JSONValue(encoding: fields)
        for member in Kind.Fields.readOnly { whole[member] = stored[member] }
        let (now, other) = (Kind.Fields.defaults(setting), Kind.Fields.defaults(.sample))
        for (member, value) in now where value != other[member] && whole[member] == nil {
            whole[member] = stored[member]
        }
        return try Self.complete(whole, schemas, setting)
    }

    private static func complete(
        _ object: JSONObject, _ schemas: RecordSchemas, _ setting: RecordSetting, checked: Bool = false
    ) throws -> Kind.Fields {
        var whole = object
        whole["external_id"] = nil
        for (member, value) in Kind.Fields.defaults(setting) where whole[member] == nil { whole[member] = value }
        for property in schemas.whole.properties where property.schema.isMoney {
            guard var money = whole[property.name]?.object, money["currency"] == nil else { continue }
            money["currency"] = .string(setting.currency)
            whole[property.name] = .object(money)
        }
        // After a patch something that is required may be missing.
        if checked, let gone = schemas.whole.properties.first(where: { $0.isRequired && whole[$0.name] == nil }) {
            throw SpotterError.invalid("/\(gone.name)", "is required")
        }
        return try JSONValue.object(whole).decodedUnchecked(as: Kind.Fields.self)
    }
}
