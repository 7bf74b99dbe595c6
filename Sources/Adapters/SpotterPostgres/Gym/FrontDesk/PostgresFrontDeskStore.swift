import Foundation
import PostgresKit
import SpotterDomain

/// What the front desk reads, in PostgreSQL.
struct PostgresFrontDeskStore: FrontDeskStore {
    let door: StoreDoor

    func profile(of id: ClientID, at now: Date, in scope: OrganizationScope) async throws -> ClientProfile? {
        let rows = try await door.read(
            scope,
            [
                Statement(ClientSQL.card, id.uuid, now),
                SubscriptionSQL.rows(SubscriptionQuery(of: id, limit: 10)),
                Statement(ClientSQL.consents, id.uuid), Statement(ClientSQL.changes, id.uuid),
            ])
        guard let card = try rows[0].firstView(of: ClientProfile.Card.self) else { return nil }
        return ClientProfile(
            card: card, subscriptions: try rows[1].views(), consents: try rows[2].views(), changes: try rows[3].views())
    }

    func name(of id: ClientID, in scope: OrganizationScope) async throws -> String? {
        try await door.read(scope, Statement(ClientSQL.name, id.uuid)).firstDecoded { try $0.get(0) }
    }

    func bookings(
        of id: ClientID, _ query: BookingQuery, in scope: OrganizationScope
    ) async throws -> PersonBookings? {
        let rows = try await door.read(
            scope,
            [
                Statement(ClientSQL.name, id.uuid),
                Statement(
                    BookingSQL.ofClient, id.uuid, query.range?.lowerBound, query.range?.upperBound, query.status,
                    query.isAscending, query.limit),
                Statement(
                    BookingSQL.countsOfClient, id.uuid, query.range?.lowerBound, query.range?.upperBound, query.status),
            ])
        guard let name = try rows[0].firstDecoded({ try $0.get(0, as: String.self) }) else { return nil }
        return PersonBookings(name: name, bookings: try rows[1].views(), counts: try rows[2].views())
    }

    func attendees(of id: ClassSessionID, limit: Int, in scope: OrganizationScope) async throws -> [AttendeeView] {
        try await door.read(scope, Statement(BookingSQL.ofSession, id.uuid, limit)).views()
    }

    func payments(_ query: PaymentQuery, in scope: OrganizationScope) async throws -> PaymentFindings {
        let rows = try await door.read(scope, PaymentSQL.statements(query))
        return PaymentFindings(payments: try rows[0].views(), sums: try rows[1].views())
    }

    func subscriptions(_ query: SubscriptionQuery, in scope: OrganizationScope) async throws -> SubscriptionFindings {
        let rows = try await door.read(scope, [SubscriptionSQL.rows(query), SubscriptionSQL.groups(query)])
        return SubscriptionFindings(subscriptions: try rows[0].views(), groups: try rows[1].views())
    }

    func leads(_ query: LeadQuery, in scope: OrganizationScope) async throws -> [LeadView] {
        let statement =
            query.words.isEmpty
            ? Statement(
                LeadSQL.list, query.status, query.source, query.tag, query.created.first,
                query.created.last, query.followUpBefore, query.limit)
            : Statement(
                LeadSQL.find, query.words, query.status, query.source, query.tag, query.created.first,
                query.created.last, query.followUpBefore, query.limit)
        return try await door.read(scope, statement).views()
    }

    func profile(of id: LeadID, in scope: OrganizationScope) async throws -> LeadProfile? {
        let rows = try await door.read(
            scope,
            [
                Statement(LeadSQL.one, id.uuid), Statement(LeadSQL.details, id.uuid),
                Statement(LeadSQL.appointments, id.uuid), Statement(LeadSQL.consents, id.uuid),
                Statement(LeadSQL.changes, id.uuid),
            ])
        guard let lead = try rows[0].firstView(of: LeadView.self),
            let details = try rows[1].firstView(of: LeadProfile.Details.self)
        else { return nil }
        return LeadProfile(
            lead: lead, details: details, appointments: try rows[2].views(), consents: try rows[3].views(),
            changes: try rows[4].views())
    }

    func programmes(
        _ query: ProgrammeQuery, at now: Date, in scope: OrganizationScope
    ) async throws -> [ProgrammeView] {
        let statement = Statement(
            ProgrammeSQL.list, now, query.text.map { LikePattern.containing(FoldedText.fold($0)) },
            query.instructor.map { LikePattern.containing(FoldedText.fold($0)) },
            query.category.map(FoldedText.fold), query.level, query.limit)
        return try await door.read(scope, statement).views()
    }

    func calendar(_ query: CalendarQuery, in scope: OrganizationScope) async throws -> [CalendarEntry] {
        let statement = Statement(
            CalendarSQL.entries, query.range.lowerBound, query.range.upperBound, query.kinds,
            query.staff.map { LikePattern.containing(FoldedText.fold($0)) }, query.limit)
        return try await door.read(scope, statement).views()
    }
}

extension SubscriptionQuery {
    init(of client: ClientID, limit: Int) {
        self.init(limit: limit)
        self.client = client
    }
}
