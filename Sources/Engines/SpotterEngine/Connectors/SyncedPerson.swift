import Foundation
import SpotterDomain

/// Fields that members and leads both have, and that a CRM's contacts have, too.
protocol SyncedFields: RecordFields {
    var name: String { get set }
    var email: String? { get set }
    var phone: String? { get set }
    var tags: [String] { get set }
    var metadata: [String: String]? { get set }
}

extension ClientFields: SyncedFields {}
extension LeadFields: SyncedFields {}

extension SyncedFields {
    /// What is compared.
    var syncValues: SyncValues {
        var values: SyncValues = [.name: name, .tags: tags.joined(separator: "\n")]
        values[.email] = email
        values[.phone] = phone
        for (key, value) in metadata ?? [:] { values[.custom(key)] = value }
        return values
    }

    /// Takes over what the other side has. Refusals of messages and statuses are kept elsewhere.
    ///
    /// - Throws: `invalid` for what a record may not say: a CRM has rules of its own, and the API's hold for whoever
    ///   writes.
    mutating func take(_ values: SyncValues) throws {
        for (field, value) in values {
            let text = value.isEmpty ? nil : value
            switch field {
            case .name: name = value
            case .email: email = text
            case .phone: phone = text
            case .tags: tags = Array(SyncCanon.tags(value).prefix(50))
            default:
                guard let key = field.customKey else { continue }
                var entries = metadata ?? [:]
                entries[key] = text
                metadata = entries.isEmpty ? nil : entries
            }
        }
        let issues = JSONSchema.derived(from: Self.self).issues(in: try JSONValue(encoding: self))
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
    }
}

/// A member or a lead, as a run looks at them.
struct SyncedPerson: Sendable {
    let person: MessagePerson
    let version: Int
    let updatedAt: Date
    /// With what they have said about messages.
    let values: SyncValues
    /// Of a lead.
    let status: LeadStatus?
    /// The member that a lead became.
    let becameClient: ClientID?

    var email: String? { values[.email] }
    var phone: String? { values[.phone] }

    init<Kind: RecordKind>(_ record: GymRecord<Kind>, _ person: MessagePerson, refusals: SyncValues)
    where Kind.Fields: SyncedFields {
        self.person = person
        version = record.version
        updatedAt = record.updatedAt
        values = record.fields.syncValues.merging(refusals) { _, refusal in refusal }
        let lead = record.fields as? LeadFields
        status = lead?.status
        becameClient = lead?.clientId
    }
}

extension CRMContact {
    /// What is compared.
    ///
    /// - Parameter custom: the CRM's fields for entries of metadata.
    func syncValues(custom: [String: String]) -> SyncValues {
        var values: SyncValues = [.tags: tags.joined(separator: "\n")]
        values[.name] = name
        values[.email] = email
        values[.phone] = phone
        for channel in blocked { values[.blocked(channel)] = "true" }
        for (key, field) in custom { values[.custom(key)] = customFields[field] }
        return values
    }
}

extension CRMContactChange {
    /// What is to be written of a contact.
    init(_ values: SyncValues, custom: [String: String], canon: SyncCanon) {
        self.init()
        for (field, value) in values {
            switch field {
            case .name: name = value
            case .email: email = value
            case .phone: phone = PhoneNumber(value, countryCode: canon.countryCode)?.description ?? value
            case .tags: tags = SyncCanon.tags(value)
            default:
                if let channel = field.channel {
                    blocked[channel] = value == "true"
                } else if let id = field.customKey.flatMap({ custom[$0] }) {
                    customFields[id] = value
                }
            }
        }
    }
}
