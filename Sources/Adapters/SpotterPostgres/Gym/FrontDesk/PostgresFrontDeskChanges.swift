import Foundation
import PostgresKit
import SpotterDomain

/// What the front desk changes, in PostgreSQL.
struct PostgresFrontDeskChanges: FrontDeskChanges {
    let door: StoreDoor

    func setStatus(
        of client: ClientID, _ change: StatusOrder, in scope: OrganizationScope
    ) async throws -> StatusOutcome? {
        if change.isDryRun { return try await door.read(scope, Statement(ChangeSQL.client, client.uuid)).firstView() }
        return try await door.write(
            scope,
            Statement(
                ChangeSQL.setClientStatus, client.uuid, change.to, change.reason, change.by, change.at, change.id,
                change.day)
        ).firstView()
    }

    func setStatus(
        of lead: LeadID, _ change: StatusOrder, in scope: OrganizationScope
    ) async throws -> StatusOutcome? {
        if change.isDryRun { return try await door.read(scope, Statement(ChangeSQL.lead, lead.uuid)).firstView() }
        return try await door.write(
            scope,
            Statement(
                ChangeSQL.setLeadStatus, lead.uuid, change.to, change.reason, change.by, change.at, change.id)
        ).firstView()
    }

    func setTags(of person: PersonID, _ change: TagChange, in scope: OrganizationScope) async throws -> TagOutcome? {
        try await door.transaction(scope) { transaction in
            let found = try await transaction.query(Statement(ChangeSQL.tags, person.client?.uuid, person.lead?.uuid))
            guard let now = try found.firstView(of: TagRow.self) else { return nil }
            let removed = Set(change.remove.map(FoldedText.fold))
            var after = now.tags.filter { !removed.contains(FoldedText.fold($0)) }
            var known = Set(after.map(FoldedText.fold))
            for tag in change.add where known.insert(FoldedText.fold(tag)).inserted { after.append(tag) }
            let outcome = TagOutcome(name: now.name, before: now.tags, after: after)
            if change.isDryRun || after == now.tags || after.count > change.most { return outcome }
            _ = try await transaction.query(
                Statement(ChangeSQL.setTags, person.client?.uuid, person.lead?.uuid, after, change.at))
            return outcome
        }
    }

    private struct TagRow: Decodable {
        let name: String
        let tags: [String]
    }

    func staff(named part: String?, in scope: OrganizationScope) async throws -> [StaffView] {
        let pattern = part.map { LikePattern.containing(FoldedText.fold($0)) }
        return try await door.read(scope, Statement(ChangeSQL.staff, pattern)).views()
    }

    func openTicket(_ ticket: TicketDraft, in scope: OrganizationScope) async throws -> TicketOutcome {
        let facts = Statement(
            ChangeSQL.ticketFacts, ticket.person?.client?.uuid, ticket.person?.lead?.uuid, ticket.staff?.uuid,
            ticket.key)
        let insert = Statement(
            ChangeSQL.openTicket, ticket.id.uuid, StorableText.text(of: ticket.subject),
            StorableText.text(of: ticket.body), ticket.priority.rawValue, ticket.category,
            ticket.person?.client?.uuid, ticket.person?.lead?.uuid, ticket.staff?.uuid, ticket.conversation?.uuid,
            ticket.by, ticket.dueAt, ticket.key, ticket.at)
        return try await door.transaction(scope) { transaction in
            guard let known = try await transaction.query(facts).firstView(of: TicketFacts.self) else {
                throw SpotterError(.internal, "A query without a condition had no row.")
            }
            if let id = known.ticket { return .opened(id, person: known.person, isNew: false) }
            if ticket.person != nil, known.person == nil { return .unknownPerson }
            if ticket.staff != nil, known.staff == nil { return .unknownStaff }
            if ticket.isDryRun { return .opened(ticket.id, person: known.person, isNew: true) }
            // Another call with the key may have been quicker: then there is no row, and its ticket is the one.
            if try await transaction.query(insert).isEmpty {
                let other = try await transaction.query(facts).firstView(of: TicketFacts.self)
                return .opened(other?.ticket ?? ticket.id, person: known.person, isNew: false)
            }
            return .opened(ticket.id, person: known.person, isNew: true)
        }
    }

    private struct TicketFacts: Decodable {
        let person: String?
        let staff: String?
        let ticket: TicketID?
    }
}
