import Foundation
import SpotterDomain

extension SyncPass {
    /// Lets leads be as far as their opportunities.
    mutating func opportunitiesPage() async throws {
        let page = try await setting.crm.opportunities(
            ofContact: nil, page: state.cursor.page, limit: setting.options.page)
        for problem in page.unreadable { fail(nil, remote: nil, problem) }
        let own = page.items.filter { $0.pipelineId == setting.settings.pipelineId }
        let contacts = try await links(.contact, own.map(\.contactId))
        let links = try await links(.opportunity, own.map(\.id))
        for opportunity in own {
            state.counts.seen += 1
            guard let contact = contacts[opportunity.contactId], contact.state == .linked,
                let lead = contact.person.leadID
            else { continue }
            try await take(opportunity, lead, links[opportunity.id])
        }
        if let following = page.next, !page.items.isEmpty || !page.unreadable.isEmpty {
            state.cursor.page = following
        } else {
            next(after: .opportunities)
        }
    }

    private mutating func take(_ opportunity: CRMOpportunity, _ lead: LeadID, _ link: ConnectorLink?) async throws {
        do {
            if link == nil {
                // Of several opportunities the first that was seen stands for the lead.
                let others = try await setting.store.links(
                    setting.id, .opportunity, people: [.lead(lead)], in: setting.scope)
                guard !others.contains(where: { $0.state == .linked }) else { return }
            }
            try await merge(lead, opportunity, link)
        } catch let error as CRMError where !error.endsRun {
            fail(.lead(lead), remote: opportunity.id, error.description)
        } catch let error as SpotterError where error.isOfOneRow {
            fail(.lead(lead), remote: opportunity.id, error.rowReason)
        }
    }

    /// Brings a lead's status to the CRM.
    mutating func pushStatus(of lead: LeadID) async throws {
        guard setting.settings.way.pushes, let here = try await setting.people.person(.lead(lead)),
            let status = here.status
        else { return }
        let links = try await setting.store.links(setting.id, .opportunity, people: [.lead(lead)], in: setting.scope)
        if let link = links.first {
            let mark = setting.canon.mark(status.rawValue, .status)
            guard link.state == .linked, link.localMarks[SyncField.status.name] != mark else { return }
            do {
                return try await merge(lead, try await setting.crm.opportunity(link.remoteId), link)
            } catch CRMError.notFound { return try await remoteIsGone(link) }
        }
        // Who came and went without an opportunity needs none now.
        guard !status.isClosed, var change = setting.settings.change(for: status) else { return }
        let contacts = try await setting.store.links(setting.id, .contact, people: [.lead(lead)], in: setting.scope)
        guard let contact = contacts.first(where: { $0.state == .linked }) else { return }
        if let known = try await opportunity(ofContact: contact.remoteId) { return try await merge(lead, known, nil) }
        guard !setting.isDryRun else {
            state.counts.createdThere += 1
            return differ(SyncDifference("crm", "create", .lead(lead), nil, [.status: status.rawValue]))
        }
        change.name = here.values[.name]
        let made = try await setting.crm.createOpportunity(ofContact: contact.remoteId, change)
        state.counts.createdThere += 1
        try await merge(lead, made, nil)
    }

    /// The one of the pipeline, where there is one.
    private func opportunity(ofContact contact: String) async throws -> CRMOpportunity? {
        try await setting.crm.opportunities(ofContact: contact, page: nil, limit: setting.options.page).items
            .first { $0.pipelineId == setting.settings.pipelineId }
    }

    private mutating func merge(_ lead: LeadID, _ opportunity: CRMOpportunity, _ link: ConnectorLink?) async throws {
        guard let here = try await setting.people.person(.lead(lead)), let status = here.status else { return }
        let merge = SyncMerge(
            [.status],
            local: SyncMerge.Side(
                [.status: status.rawValue], marks: link?.localMarks ?? [:], updatedAt: here.updatedAt),
            remote: SyncMerge.Side(
                [.status: setting.settings.status(of: opportunity)], marks: link?.remoteMarks ?? [:],
                updatedAt: opportunity.updatedAt),
            canon: setting.canon, direction: setting.settings.way, policy: setting.settings.conflicts ?? .newest)
        guard !setting.isDryRun else { return show(merge, .lead(lead), opportunity.id) }
        var (settled, written) = (status, opportunity)
        if let wanted = merge.toLocal[.status].flatMap(LeadStatus.init) {
            try await setting.people.change(lead, version: here.version, to: wanted)
            state.counts.updatedHere += 1
            settled = wanted
        }
        if let wanted = merge.toRemote[.status].flatMap(LeadStatus.init),
            let change = setting.settings.change(for: wanted)
        {
            written = try await setting.crm.updateOpportunity(opportunity.id, change)
            state.counts.updatedThere += 1
        }
        note(merge.conflicts, .lead(lead), opportunity.id)
        var kept =
            link
            ?? ConnectorLink(
                connector: setting.id, kind: .opportunity, person: .lead(lead), remoteId: opportunity.id,
                syncedAt: setting.clock.now())
        kept.localMarks = merge.marks(of: [.status: settled.rawValue], before: kept.localMarks)
        kept.remoteMarks = merge.marks(of: [.status: setting.settings.status(of: written)], before: kept.remoteMarks)
        kept.syncedAt = setting.clock.now()
        kept.state = .linked
        if kept.localMarks != link?.localMarks || kept.remoteMarks != link?.remoteMarks || link?.state != .linked {
            try await setting.store.save(kept, in: setting.scope)
        }
    }
}
