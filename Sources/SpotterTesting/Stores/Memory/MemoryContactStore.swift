import Foundation
import SpotterDomain

/// Members and leads as people who can be written to, in memory. The staff are none here.
struct MemoryContactStore: ContactStore {
    let database: MemoryDatabase

    func contact(_ person: MessagePerson, in scope: OrganizationScope) async throws -> Contact? {
        database.read(scope) { records in
            person.clientID.flatMap { records.gym[$0] }.map(Contact.init)
                ?? person.leadID.flatMap { records.gym[$0] }.map(Contact.init)
        }
    }

    func contacts(
        at address: String, _ channel: MessageChannel, in scope: OrganizationScope
    ) async throws -> [Contact] {
        let digits = FoldedText.digits(address).suffix(9)
        let (clients, leads) = database.read(scope) { ($0.gym.all(ClientKind.self), $0.gym.all(LeadKind.self)) }
        let people =
            clients.sorted { $0.id < $1.id }.map(Contact.init) + leads.sorted { $0.id < $1.id }.map(Contact.init)
        let found = people.filter { person in
            switch channel {
            case .email: person.email?.lowercased() == address.lowercased()
            case .sms: digits.count >= 5 && FoldedText.digits(person.phone).suffix(9) == digits
            }
        }
        return Array(found.prefix(10))
    }

    func staff(role: String?, in scope: OrganizationScope) async throws -> [Contact] { [] }

    func audience(_ audience: Audience, limit: Int, in scope: OrganizationScope) async throws -> [Contact] {
        guard audience.kind == .clients else { return [] }
        let found = database.read(scope) { $0.gym.all(ClientKind.self) }.filter { client in
            (audience.statuses.isEmpty || audience.statuses.contains(client.status.rawValue))
                && (audience.tags.isEmpty || !Set(audience.tags).isDisjoint(with: client.tags))
        }
        return found.sorted { $0.id < $1.id }.prefix(limit).map(Contact.init)
    }

    func facts(
        of people: [MessagePerson], _ channel: MessageChannel, since: Date, besides message: OutboxID?,
        in scope: OrganizationScope
    ) async throws -> [MessagePerson: ContactFacts] {
        database.read(scope) { records in
            Dictionary(
                people.map { person in
                    let said = { (purpose: MessagePurpose) in
                        records.newestConsents(of: person).first { $0.channel == channel && $0.purpose == purpose }?
                            .isGranted
                    }
                    let own = message.flatMap { records.outbox[$0]?.message }
                    let sent = records.outbox.values.map(\.message).filter {
                        $0.person == person && $0.purpose == .marketing && $0.counts(before: own)
                            && ($0.sentAt ?? $0.dueAt) >= since && ($0.sentAt ?? $0.dueAt) < since + 14 * 86_400
                    }
                    return (
                        person,
                        ContactFacts(
                            marketing: said(.marketing), transactional: said(.transactional),
                            marketingInWeek: sent.count)
                    )
                }, uniquingKeysWith: { first, _ in first })
        }
    }

    func consents(of person: MessagePerson, in scope: OrganizationScope) async throws -> [Consent] {
        database.read(scope) { $0.newestConsents(of: person) }
    }

    func record(_ consents: [Consent], in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            let events = try records.keep(consents)
            if let first = consents.first { _ = records.append(events, at: first.recordedAt) }
        }
    }
}

extension OutboxMessage {
    /// Whether it counts towards what somebody may get, for another one that is about to go.
    fileprivate func counts(before other: OutboxMessage?) -> Bool {
        switch status {
        case .sent, .needsReview: true
        case .held: other == nil
        case .queued, .sending: other.map { (dueAt, id) < ($0.dueAt, $0.id) } ?? true
        case .failed, .cancelled, .suppressed: false
        }
    }
}

extension Contact {
    fileprivate init(_ client: Client) {
        self.init(person: .client(client.id), name: client.name, email: client.email, phone: client.phone)
    }

    fileprivate init(_ lead: Lead) {
        self.init(person: .lead(lead.id), name: lead.name, email: lead.email, phone: lead.phone)
    }
}

extension OrganizationRecords {
    /// Keeps what people have said. Returns the events that tell of it.
    mutating func keep(_ consents: [Consent]) throws -> [EventDraft] {
        for consent in consents {
            if let id = consent.clientId, gym[id] == nil { throw SpotterError.notFound("client") }
            if let id = consent.leadId, gym[id] == nil { throw SpotterError.notFound("lead") }
        }
        self.consents += consents
        return consents.map(\.event)
    }

    /// The newest for each channel and purpose, by these.
    fileprivate func newestConsents(of person: MessagePerson) -> [Consent] {
        MessageChannel.allCases.flatMap { channel in
            [MessagePurpose.marketing, .transactional].compactMap { purpose in
                consents.filter {
                    $0.channel == channel && $0.purpose == purpose
                        && ($0.clientId.map { .client($0) } ?? $0.leadId.map { .lead($0) }) == person
                }.max { ($0.recordedAt, $0.isGranted ? 0 : 1, $0.id) < ($1.recordedAt, $1.isGranted ? 0 : 1, $1.id) }
            }
        }
    }
}
