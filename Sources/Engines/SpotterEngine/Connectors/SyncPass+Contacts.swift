import Foundation
import SpotterDomain

extension SyncPass {
    /// How often somebody is looked at again who was changed meanwhile.
    private static let tries = 3

    // MARK: From the CRM

    mutating func pullPage() async throws {
        guard setting.settings.subjects.contains(.contacts) else { return next(after: .pull) }
        // A CRM's search may be behind its records for a while, and clocks differ.
        let since = state.cursor.isFull ? nil : state.cursor.remoteSince.map { $0 - setting.options.overlap }
        let page = try await setting.crm.contacts(
            changedSince: since, page: state.cursor.page, limit: setting.options.page)
        for problem in page.unreadable { fail(nil, remote: nil, problem) }
        let links = try await links(.contact, page.items.map(\.id))
        for contact in page.items {
            state.counts.seen += 1
            try await take(contact, links[contact.id])
        }
        if let following = page.next, !page.items.isEmpty || !page.unreadable.isEmpty {
            state.cursor.page = following
        } else {
            next(after: .pull)
        }
    }

    /// Brings one contact and whoever it is here together. What is wrong with one keeps no other back.
    mutating func take(_ contact: CRMContact, _ link: ConnectorLink?) async throws {
        do {
            try await bring(contact, link)
        } catch let error as CRMError where !error.endsRun {
            fail(link?.person, remote: contact.id, error.description)
        } catch let error as SpotterError where error.isOfOneRow {
            fail(link?.person, remote: contact.id, error.rowReason)
        }
    }

    private mutating func bring(_ contact: CRMContact, _ link: ConnectorLink?) async throws {
        if var link {
            // Whoever was deleted here does not come back.
            guard link.state != .localGone else { return }
            link.state = .linked
            return try await merge(link.person, contact, link)
        }
        if let person = try await unlinked(matching: contact) { return try await merge(person, contact, nil) }
        guard setting.settings.way.pulls else { return }
        switch setting.settings.newcomers {
        case .ignore: return
        case .leads: try await create(contact, as: .leads)
        case .clients: try await create(contact, as: .clients)
        }
    }

    /// Somebody here with the contact's address or number, who is nobody else there.
    private func unlinked(matching contact: CRMContact) async throws -> MessagePerson? {
        let candidates = try await setting.people.candidates(
            email: contact.email, phone: contact.phone, among: setting.settings.people)
        let taken = try await setting.store.links(
            setting.id, .contact, people: candidates.map(\.person), in: setting.scope)
        let busy = Set(taken.filter { $0.state == .linked }.map(\.person))
        return candidates.map(\.person).first { !busy.contains($0) }
    }

    private mutating func create(_ contact: CRMContact, as kind: TenantConnector.Records) async throws {
        let values = contact.syncValues(custom: setting.settings.customFields ?? [:])
        let own = values.filter { $0.key.channel == nil }
        if setting.isDryRun { try setting.people.check(contact, own, as: kind) }
        state.counts.createdHere += 1
        guard !setting.isDryRun else { return differ(SyncDifference("here", "create", nil, contact.id, values)) }
        do {
            let key = "\(setting.id):\(contact.id)"
            let person = try await setting.people.create(
                contact, own, as: kind, key: String(key.prefix(200)))
            try await merge(person, contact, nil, isNew: true)
        } catch {
            state.counts.createdHere -= 1
            throw error
        }
    }

    // MARK: Both sides

    /// Makes a contact and somebody here alike, and keeps what both have then.
    private mutating func merge(
        _ person: MessagePerson, _ contact: CRMContact, _ link: ConnectorLink?, isNew: Bool = false
    ) async throws {
        for attempt in 1...Self.tries {
            do {
                return try await mergeOnce(person, contact, link, isNew: isNew)
            } catch let error as SpotterError where error.code == .preconditionFailed && attempt < Self.tries {
                continue
            }
        }
    }

    private mutating func mergeOnce(
        _ person: MessagePerson, _ contact: CRMContact, _ link: ConnectorLink?, isNew: Bool
    ) async throws {
        guard let here = try await setting.people.person(person) else {
            // Deleted here; the last phase says so.
            return
        }
        let custom = setting.settings.customFields ?? [:]
        let there = contact.syncValues(custom: custom)
        let merge = SyncMerge(
            setting.settings.contactFields,
            local: SyncMerge.Side(here.values, marks: link?.localMarks ?? [:], updatedAt: here.updatedAt),
            remote: SyncMerge.Side(there, marks: link?.remoteMarks ?? [:], updatedAt: contact.updatedAt),
            canon: setting.canon, direction: setting.settings.way, policy: setting.settings.conflicts ?? .newest)
        guard !setting.isDryRun else { return show(merge, person, contact.id) }
        if !merge.toLocal.isEmpty {
            try await setting.people.change(here, to: merge.toLocal)
            if !isNew { state.counts.updatedHere += 1 }
        }
        let written = try await write(merge.toRemote, to: contact)
        note(merge.conflicts, person, contact.id)
        let now = merge.toLocal.isEmpty ? here : try await setting.people.person(person) ?? here
        var kept =
            link
            ?? ConnectorLink(
                connector: setting.id, kind: .contact, person: person, remoteId: contact.id,
                syncedAt: setting.clock.now())
        kept.localMarks = merge.marks(of: now.values, before: kept.localMarks)
        kept.remoteMarks = merge.marks(of: written.syncValues(custom: custom), before: kept.remoteMarks)
        kept.syncedAt = setting.clock.now()
        let isSame = kept.localMarks == link?.localMarks && kept.remoteMarks == link?.remoteMarks
        if !isSame || state.cursor.isFull || link?.state != .linked {
            try await setting.store.save(kept, in: setting.scope)
        }
    }

    /// - Returns: the contact as the CRM has it then.
    private mutating func write(_ values: SyncValues, to contact: CRMContact) async throws -> CRMContact {
        let change = CRMContactChange(values, custom: setting.settings.customFields ?? [:], canon: setting.canon)
        guard !change.isEmpty else { return contact }
        let written = try await setting.crm.updateContact(contact.id, change)
        state.counts.updatedThere += 1
        return written
    }

    mutating func show(_ merge: SyncMerge, _ person: MessagePerson, _ remote: String) {
        if !merge.toLocal.isEmpty {
            state.counts.updatedHere += 1
            differ(SyncDifference("here", "update", person, remote, merge.toLocal))
        }
        if !merge.toRemote.isEmpty {
            state.counts.updatedThere += 1
            differ(SyncDifference("crm", "update", person, remote, merge.toRemote))
        }
        note(merge.conflicts, person, remote)
    }

    mutating func note(_ conflicts: [SyncMerge.Conflict], _ person: MessagePerson, _ remote: String) {
        for conflict in conflicts {
            state.counts.conflicts += 1
            let winner =
                switch conflict.winner {
                case "spotter": "what is here counts"
                case "crm": "what the CRM has counts"
                default: "both were put together"
                }
            tell(.conflict, person, remote, "`\(conflict.field)` was changed on both sides; \(winner).")
        }
    }

    // MARK: To the CRM

    /// Brings somebody who has changed here to the CRM.
    mutating func push(_ person: MessagePerson, _ link: ConnectorLink?) async throws {
        guard let here = try await setting.people.person(person) else { return }
        if let link {
            guard link.state == .linked, hasChanged(here, since: link) else { return }
            do {
                return try await merge(person, try await setting.crm.contact(link.remoteId), link)
            } catch CRMError.notFound { return try await remoteIsGone(link) }
        }
        // The member that a lead became stands for both.
        guard here.becameClient == nil, setting.settings.way.pushes else { return }
        guard here.email != nil || here.phone != nil else { return }
        let phone = here.phone.flatMap { PhoneNumber($0, countryCode: setting.connector.countryCode)?.description }
        if let known = try await setting.crm.findContact(email: here.email, phone: phone ?? here.phone) {
            return try await join(here, known)
        }
        try await createThere(here)
    }

    private func hasChanged(_ here: SyncedPerson, since link: ConnectorLink) -> Bool {
        setting.settings.contactFields.contains {
            link.localMarks[$0.name] != setting.canon.mark(here.values[$0], $0)
        }
    }

    /// Links somebody with a contact that was found by address or number.
    private mutating func join(_ here: SyncedPerson, _ contact: CRMContact) async throws {
        guard let other = try await links(.contact, [contact.id])[contact.id] else {
            return try await merge(here.person, contact, nil)
        }
        let lead = try await setting.people.person(other.person)
        let isOwnLead = lead?.becameClient != nil && lead?.becameClient == here.person.clientID
        // Whoever became a member takes the place of the lead.
        guard isOwnLead || (lead == nil && other.state == .linked) else {
            return fail(here.person, remote: contact.id, "Somebody else here is this contact already.")
        }
        let link = ConnectorLink(
            connector: setting.id, kind: .contact, person: here.person, remoteId: contact.id,
            syncedAt: setting.clock.now())
        try await merge(here.person, contact, link)
    }

    private mutating func createThere(_ here: SyncedPerson) async throws {
        let values = here.values.filter { setting.settings.contactFields.contains($0.key) && !$0.value.isEmpty }
        guard !setting.isDryRun else {
            state.counts.createdThere += 1
            return differ(SyncDifference("crm", "create", here.person, nil, values))
        }
        let change = CRMContactChange(values, custom: setting.settings.customFields ?? [:], canon: setting.canon)
        do {
            let made = try await setting.crm.createContact(change)
            state.counts.createdThere += 1
            try await merge(here.person, made, nil)
        } catch CRMError.duplicate(let id?) {
            try await join(here, try await setting.crm.contact(id))
        }
    }
}

extension SpotterError {
    /// Whether it is about the one record that was written.
    var isOfOneRow: Bool {
        [.invalid, .conflict, .notFound, .preconditionFailed, .limitReached, .unprocessable].contains(code)
    }

    /// Why, without any value.
    var rowReason: String {
        issues.isEmpty ? message : issues.map { "`\($0.pointer)` \($0.message)" }.joined(separator: "; ")
    }
}
