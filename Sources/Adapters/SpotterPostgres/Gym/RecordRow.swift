import Foundation
import PostgresKit
import SpotterDomain

/// A record as its table has it: ids as UUIDs, money as two columns, and what the application folds beside it.
enum RecordRow {
    /// The row of a record.
    static func row<Kind: RecordKind>(of record: GymRecord<Kind>) throws -> JSONValue {
        var row = try JSONValue(encoding: record.fields).object ?? JSONObject()
        for reference in Kind.references {
            guard let id = row[reference.member]?.string.flatMap(reference.uuid) else { continue }
            row[reference.member] = .string(id.uuidString)
        }
        if let money = row["amount"]?.object {
            row["amount"] = money["amount"]
            row["currency"] = money["currency"]
        }
        if let name = row["name"]?.string { row["name_key"] = .string(FoldedText.fold(name)) }
        if Kind.prefix == ClientKind.prefix || Kind.prefix == LeadKind.prefix {
            row["phone_digits"] = .string(FoldedText.digits(row["phone"]?.string))
        }
        row["id"] = .string(record.id.uuid.uuidString)
        row["external_id"] = record.externalId.map { .string($0) }
        row["version"] = .int(Int64(record.version))
        row["created_at"] = .string(Timestamp.string(from: record.createdAt))
        row["updated_at"] = .string(Timestamp.string(from: record.updatedAt))
        return .object(row)
    }

    /// The record of a row: its JSON, and behind it what stands in for members of it.
    static func record<Kind: RecordKind>(_ row: Row, as kind: Kind.Type = Kind.self) throws -> GymRecord<Kind> {
        guard var members = try row.json(0).object else { throw UnknownCase(column: 0) }
        if let others = try row.optionalJSON(1)?.object {
            for (member, value) in others { members[member] = value }
        }
        for reference in Kind.references {
            guard let id = members[reference.member]?.string.flatMap(UUID.init(uuidString:)) else { continue }
            members[reference.member] = .string(reference.text(of: id))
        }
        // What is not known is NULL there and nothing here.
        let id = members["id"]?.string.flatMap(UUID.init(uuidString:))
        members["id"] = id.map { .string(Identifier<Kind>($0).description) }
        return try JSONValue.object(members).decodedUnchecked(as: GymRecord<Kind>.self)
    }
}
