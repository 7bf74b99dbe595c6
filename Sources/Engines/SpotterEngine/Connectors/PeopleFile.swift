import Foundation
import SpotterDomain

/// Members and leads as a run reads and writes them.
struct PeopleFile: Sendable {
    let records: any RecordStore
    let contacts: any ContactStore
    let ids: any IDGenerator
    let setting: RecordSetting
    let scope: OrganizationScope

    /// Somebody as they are now; nil where they are gone.
    func person(_ person: MessagePerson) async throws -> SyncedPerson? {
        do {
            let refusals = try await refusals(of: person)
            switch person {
            case .client(let id):
                return SyncedPerson(try await records.record(id, in: scope), person, refusals: refusals)
            case .lead(let id):
                return SyncedPerson(try await records.record(id, in: scope), person, refusals: refusals)
            case .staff: return nil
            }
        } catch let error as SpotterError where error.code == .notFound { return nil }
    }

    /// A refusal for either purpose is one: a CRM knows no purposes.
    private func refusals(of person: MessagePerson) async throws -> SyncValues {
        let consents = try await contacts.consents(of: person, in: scope)
        var values: SyncValues = [:]
        for channel in MessageChannel.allCases
        where consents.contains(where: { $0.channel == channel && !$0.isGranted }) {
            values[.blocked(channel)] = "true"
        }
        return values
    }

    /// Who here has an e-mail address or else a phone number: members before leads. A number that belongs to somebody of
    /// another address is that of a family, and finds nobody.
    func candidates(email: String?, phone: String?, among kinds: Set<TenantConnector.Records>) async throws -> [Contact]
    {
        var found: [Contact] = []
        if let email, !email.isEmpty { found += try await contacts.contacts(at: email, .email, in: scope) }
        if let phone, !phone.isEmpty {
            found += try await contacts.contacts(at: phone, .sms, in: scope).filter { contact in
                guard let own = contact.email, let email, !email.isEmpty else { return true }
                return own.lowercased() == email.lowercased()
            }
        }
        var seen: Set<MessagePerson> = []
        return found.filter { contact in
            let isWanted =
                switch contact.person {
                case .client: kinds.contains(.clients)
                case .lead: kinds.contains(.leads)
                case .staff: false
                }
            return isWanted && seen.insert(contact.person).inserted
        }
    }

    /// Makes a member or a lead of a contact. The same contact makes the same record, however often it is tried.
    func create(_ contact: CRMContact, _ values: SyncValues, as kind: TenantConnector.Records, key: String) async throws
        -> MessagePerson
    {
        switch kind {
        case .clients:
            let id: ClientID = ids.id(at: setting.now)
            let made = try client(of: contact, values)
            let draft = RecordDraft<ClientKind>(.external(key), newID: id) { old in
                RecordDraft<ClientKind>.Content(old?.fields ?? made, externalId: key)
            }
            return .client(try await records.save(draft, setting, in: scope).id)
        case .leads:
            let id: LeadID = ids.id(at: setting.now)
            let made = try lead(of: contact, values)
            let draft = RecordDraft<LeadKind>(.external(key), newID: id) { old in
                RecordDraft<LeadKind>.Content(old?.fields ?? made, externalId: key)
            }
            return .lead(try await records.save(draft, setting, in: scope).id)
        }
    }

    /// Whether a member or a lead can be made of a contact.
    ///
    /// - Throws: `invalid` where not.
    func check(_ contact: CRMContact, _ values: SyncValues, as kind: TenantConnector.Records) throws {
        switch kind {
        case .clients: _ = try client(of: contact, values)
        case .leads: _ = try lead(of: contact, values)
        }
    }

    private func client(of contact: CRMContact, _ values: SyncValues) throws -> ClientFields {
        let name = Self.name(of: contact)
        var fields = ClientFields(name: name, joinedOn: setting.today, source: contact.source.flatMap(Self.source))
        try fields.take(values.merging([.name: name]) { $1 })
        return fields
    }

    private func lead(of contact: CRMContact, _ values: SyncValues) throws -> LeadFields {
        let name = Self.name(of: contact)
        var fields = LeadFields(name: name, source: contact.source.flatMap(Self.source))
        try fields.take(values.merging([.name: name]) { $1 })
        return fields
    }

    private static func name(of contact: CRMContact) -> String {
        contact.name.flatMap { $0.isEmpty ? nil : $0 } ?? contact.email ?? contact.phone ?? ""
    }

    private static func source(_ text: String) -> String? { text.isEmpty ? nil : String(text.prefix(100)) }

    /// Changes somebody, if they are still as they were when they were looked at.
    ///
    /// - Throws: `preconditionFailed` where somebody else was quicker.
    func change(_ person: SyncedPerson, to values: SyncValues) async throws {
        let plain = values.filter { $0.key.channel == nil && $0.key != .status }
        if !plain.isEmpty {
            switch person.person {
            case .client(let id):
                _ = try await records.update(id, version: person.version, setting, in: scope) {
                    try $0.fields.take(plain)
                }
            case .lead(let id):
                _ = try await records.update(id, version: person.version, setting, in: scope) {
                    try $0.fields.take(plain)
                }
            case .staff: break
            }
        }
        for channel in MessageChannel.allCases where values[.blocked(channel)] == "true" {
            try await refuse(person.person, channel)
        }
    }

    /// Notes that somebody wants no messages by a channel, of either purpose.
    private func refuse(_ person: MessagePerson, _ channel: MessageChannel) async throws {
        let consents = [MessagePurpose.transactional, .marketing].map { purpose in
            Consent(
                id: ids.id(at: setting.now), clientId: person.clientID, leadId: person.leadID, channel: channel,
                purpose: purpose, isGranted: false, source: .import, recordedAt: setting.now)
        }
        try await contacts.record(consents, in: scope)
    }

    /// Sets a lead's status.
    func change(_ lead: LeadID, version: Int, to status: LeadStatus) async throws {
        _ = try await records.update(lead, version: version, setting, in: scope) { $0.fields.status = status }
    }

    /// Deletes somebody; who is gone already is no error.
    func delete(_ person: MessagePerson) async throws {
        do {
            switch person {
            case .client(let id): try await records.delete(id, version: nil, setting, in: scope)
            case .lead(let id): try await records.delete(id, version: nil, setting, in: scope)
            case .staff: break
            }
        } catch let error as SpotterError where error.code == .notFound {}
    }
}
