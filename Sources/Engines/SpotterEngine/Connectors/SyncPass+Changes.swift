import Foundation
import SpotterDomain

extension SyncPass {
    /// Brings what has changed here to the CRM: members, then leads.
    mutating func pushPage() async throws {
        let settings = setting.settings
        guard let records = state.cursor.records ?? Self.first(of: settings) else { return next(after: .push) }
        state.cursor.records = records
        // A change is stamped before it is committed: what was under way then is looked at again.
        let since = state.cursor.isFull ? nil : state.cursor.localSince.map { $0 - setting.options.overlap }
        let last = state.cursor.localAt.flatMap { at in state.cursor.localId.map { (at: at, id: $0) } }
        let changes = try await setting.store.changes(
            of: records, since: since ?? .init(timeIntervalSince1970: 0), after: last, limit: setting.options.page,
            in: setting.scope)
        let people = changes.map { change -> MessagePerson in
            records == .clients ? .client(ClientID(change.id)) : .lead(LeadID(change.id))
        }
        let links = try await setting.store.links(
            setting.id, .contact, people: people, in: setting.scope)
        let byPerson = Dictionary(links.map { ($0.person, $0) }, uniquingKeysWith: { first, _ in first })
        for person in people {
            state.counts.looked += 1
            try await look(at: person, byPerson[person])
        }
        if let change = changes.last, changes.count >= setting.options.page {
            state.cursor.localAt = change.at
            state.cursor.localId = change.id
        } else {
            state.cursor.localAt = nil
            state.cursor.localId = nil
            state.cursor.records = nil
            guard records == .clients, settings.people.contains(.leads) else { return next(after: .push) }
            state.cursor.records = .leads
        }
    }

    private static func first(of settings: TenantConnector) -> TenantConnector.Records? {
        settings.people.contains(.clients) ? .clients : settings.people.contains(.leads) ? .leads : nil
    }

    private mutating func look(at person: MessagePerson, _ link: ConnectorLink?) async throws {
        do {
            if setting.settings.subjects.contains(.contacts) { try await push(person, link) }
            if setting.settings.subjects.contains(.opportunities), let lead = person.leadID {
                try await pushStatus(of: lead)
            }
        } catch let error as CRMError where !error.endsRun {
            fail(person, remote: link?.remoteId, error.description)
        } catch let error as SpotterError where error.isOfOneRow {
            fail(person, remote: link?.remoteId, error.rowReason)
        }
    }

    // MARK: Deletions

    /// Looks for who was deleted. Nobody is gone because a list does not name them: here the record itself is missing,
    /// and there the CRM says of the very contact that there is none.
    mutating func deletionsPage() async throws {
        guard !setting.isDryRun else { return next(after: .deletions) }
        let orphans = try await setting.store.orphans(setting.id, limit: setting.options.page, in: setting.scope)
        for link in orphans { try await localIsGone(link) }
        if orphans.count >= setting.options.page { return }
        guard state.cursor.isFull, setting.settings.subjects.contains(.contacts) else { return next(after: .deletions) }
        let links = try await setting.store.links(
            setting.id, .contact, after: state.cursor.link, limit: setting.options.page, in: setting.scope)
        for link in links where link.state == .linked && link.syncedAt < (state.cursor.startedAt ?? .distantPast) {
            do {
                try await take(try await setting.crm.contact(link.remoteId), link)
            } catch CRMError.notFound {
                try await remoteIsGone(link)
            } catch let error as CRMError where !error.endsRun {
                fail(link.person, remote: link.remoteId, error.description)
            }
        }
        guard let last = links.last, links.count >= setting.options.page else { return next(after: .deletions) }
        state.cursor.link = last.remoteId
    }

    private mutating func localIsGone(_ link: ConnectorLink) async throws {
        var link = link
        let deletes =
            setting.settings.deletions == .delete && setting.settings.way.pushes && link.kind == .contact
        if deletes {
            try await setting.crm.deleteContact(link.remoteId)
            state.counts.deleted += 1
        }
        tell(
            .deletion, link.person, link.remoteId,
            deletes ? "Deleted here, and so in the CRM." : "Deleted here; the CRM keeps it.")
        link.state = .localGone
        link.syncedAt = setting.clock.now()
        try await setting.store.save(link, in: setting.scope)
    }

    /// The CRM says of a contact that there is none.
    mutating func remoteIsGone(_ link: ConnectorLink) async throws {
        let deletes = setting.settings.deletions == .delete && setting.settings.way.pulls && link.kind == .contact
        guard !setting.isDryRun else {
            return deletes ? differ(SyncDifference("here", "delete", link.person, link.remoteId)) : ()
        }
        var link = link
        // The link first: who is deleted here afterwards is no orphan then.
        link.state = .remoteGone
        link.syncedAt = setting.clock.now()
        try await setting.store.save(link, in: setting.scope)
        if deletes {
            try await setting.people.delete(link.person)
            state.counts.deleted += 1
        }
        tell(
            .deletion, link.person, link.remoteId,
            deletes ? "Deleted in the CRM, and so here." : "Deleted in the CRM; the record here stays.")
    }
}
