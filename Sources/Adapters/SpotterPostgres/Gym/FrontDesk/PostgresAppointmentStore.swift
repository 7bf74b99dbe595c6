import Foundation
import PostgresKit
import SpotterDomain

/// Trials and tours in PostgreSQL.
///
/// Somebody new is locked first, then the session or the staff; whatever decides is read by later statements of the transaction, which
/// see what others committed while it waited.
struct PostgresAppointmentStore: AppointmentStore {
    let door: StoreDoor

    func bookTrial(_ request: TrialRequest, in scope: OrganizationScope) async throws -> AppointmentOutcome {
        try await door.transaction(scope) { transaction in
            let rows = try await request.visitor.locked(
                transaction,
                [
                    Statement(AppointmentSQL.lockSession, request.session.uuid),
                    Statement(AppointmentSQL.existing, request.order.key),
                    Statement(AppointmentSQL.session, request.session.uuid), request.visitor.find,
                ])
            if let done = try rows[1].firstView(of: ExistingRow.self) { return .booked(done.appointment) }
            guard let session = try rows[2].firstView(of: SessionFacts.self) else { return .refused(.unknownSession) }
            let person = try rows[3].firstView(of: VisitorRow.self)
            let visitor = try await facts(of: person, request.visitor, session.time, request.session, transaction)
            let facts = session.facts
            if let refusal = facts.refusal(for: visitor, at: request.order.at) { return .refused(refusal) }
            let who = person?.id ?? request.visitor.newID
            guard let who, let visitor else { return .refused(.unknownPerson) }
            let appointment = Appointment(
                id: request.order.id, person: who, name: visitor.name, title: "Trial: \(facts.title)",
                time: facts.time, staff: session.staff, session: request.session,
                placesLeft: facts.capacity - facts.taken - 1, isNew: true)
            if request.order.isDryRun { return .booked(appointment) }
            let booking = Statement(
                AppointmentSQL.book, request.booking.uuid, request.session.uuid, who.client?.uuid, who.lead?.uuid,
                request.order.at)
            let seat = Statement(AppointmentSQL.takeSeat, request.session.uuid, request.order.at)
            _ = try await transaction.batch(
                (person == nil ? request.visitor.create(at: request.order.at) : [])
                    + [
                        seat, booking,
                        appointment.insert("trial", request.order, booking: request.booking, staff: session.staffId),
                        who.moveToTrial(request.order),
                    ])
            return .booked(appointment)
        }
    }

    func bookTour(_ request: TourRequest, in scope: OrganizationScope) async throws -> AppointmentOutcome {
        try await door.transaction(scope) { transaction in
            let rows = try await request.visitor.locked(
                transaction,
                [
                    Statement(AppointmentSQL.lockStaff), Statement(AppointmentSQL.existing, request.order.key),
                    Statement(AppointmentSQL.engagements, request.time.lowerBound, request.time.upperBound),
                    request.visitor.find,
                ])
            if let done = try rows[1].firstView(of: ExistingRow.self) { return .booked(done.appointment) }
            let facts = TourFacts(
                staff: try rows[0].views(), engagements: try rows[2].views(of: EngagementRow.self).map(\.engagement))
            let person = try rows[3].firstView(of: VisitorRow.self)
            let visitor = try await self.facts(of: person, request.visitor, request.time, nil, transaction)
            let guide: StaffView
            switch facts.guide(request.staff, for: visitor, during: request.time) {
            case .failure(let refused): return .refused(refused.refusal)
            case .success(let found): guide = found
            }
            let who = person?.id ?? request.visitor.newID
            guard let who, let visitor else { return .refused(.unknownPerson) }
            let appointment = Appointment(
                id: request.order.id, person: who, name: visitor.name, title: "Tour", time: request.time,
                staff: guide.name, session: nil, placesLeft: nil, isNew: true)
            if request.order.isDryRun { return .booked(appointment) }
            _ = try await transaction.batch(
                (person == nil ? request.visitor.create(at: request.order.at) : [])
                    + [appointment.insert("tour", request.order, booking: nil, staff: guide.id)])
            return .booked(appointment)
        }
    }

    /// What is known of the visitor; of somebody new, that they have nothing else to do.
    private func facts(
        of person: VisitorRow?, _ visitor: Visitor, _ time: Range<Date>, _ session: ClassSessionID?,
        _ transaction: Transaction
    ) async throws -> VisitorFacts? {
        guard let person, let id = person.id else {
            guard case .new(let lead) = visitor else { return nil }
            return VisitorFacts(name: lead.name, isActiveMember: false, hasPlace: false, engagements: [])
        }
        let rows = try await transaction.query(
            Statement(
                AppointmentSQL.engagementsOfVisitor, id.client?.uuid, id.lead?.uuid, time.lowerBound, time.upperBound,
                session?.uuid))
        let engagements = try rows.views(of: EngagementRow.self)
        return VisitorFacts(
            name: person.name, isActiveMember: person.status == Client.Status.active.rawValue,
            hasPlace: engagements.contains(where: \.isSameSession),
            engagements: engagements.filter { !$0.isSameSession }.map(\.engagement))
    }
}

/// An appointment that a key made before.
private struct ExistingRow: Decodable {
    let id: CalendarEventID
    let clientId: ClientID?
    let leadId: LeadID?
    let name: String?
    let title: String
    let startsAt: Date
    let endsAt: Date
    let staff: String?
    let sessionId: ClassSessionID?
    let placesLeft: Int?

    var appointment: Appointment {
        let person = clientId.map { PersonID.client($0) } ?? .lead(leadId ?? Identifier(id.uuid))
        return Appointment(
            id: id, person: person, name: name ?? "", title: title, time: startsAt..<max(startsAt, endsAt),
            staff: staff, session: sessionId, placesLeft: placesLeft, isNew: false)
    }
}

private struct SessionFacts: Decodable {
    let title: String
    let startsAt: Date
    let endsAt: Date
    let isCancelled: Bool
    let capacity: Int
    let taken: Int
    let staffId: StaffID?
    let staff: String?

    var time: Range<Date> { startsAt..<max(startsAt, endsAt) }
    var facts: TrialFacts {
        TrialFacts(title: title, time: time, isCancelled: isCancelled, capacity: capacity, taken: taken)
    }
}

private struct VisitorRow: Decodable {
    let clientId: ClientID?
    let leadId: LeadID?
    let name: String
    let status: String

    var id: PersonID? { clientId.map { .client($0) } ?? leadId.map { .lead($0) } }
}

private struct EngagementRow: Decodable {
    let title: String
    let startsAt: Date
    let endsAt: Date
    let staffId: StaffID?
    let isSameSession: Bool

    var engagement: Engagement {
        Engagement(title: title, time: startsAt..<max(startsAt, endsAt), staff: staffId)
    }
}

extension Visitor {
    /// Runs statements after everybody else is done who is about to make a lead of the same new person. That lock comes
    /// before all others, so that nobody who holds one of them waits for it.
    fileprivate func locked(_ transaction: Transaction, _ statements: [Statement]) async throws -> [Rows] {
        let locks = locks
        return Array(try await transaction.batch(locks + statements).dropFirst(locks.count))
    }

    /// One for each way in which somebody new is told from others, in one order.
    private var locks: [Statement] {
        guard case .new(let lead) = self else { return [] }
        let digits = FoldedText.digits(lead.phone)
        let ways = [lead.email.map { "email \($0.lowercased())" }, digits.isEmpty ? nil : "phone \(digits)"]
        return ways.compactMap { way in way.map { Statement(AppointmentSQL.lockContact, $0) } }
    }

    /// Finds the record: by its id, or by address or number.
    fileprivate var find: Statement {
        switch self {
        case .known(let person):
            Statement(AppointmentSQL.visitor, person.client?.uuid, person.lead?.uuid)
        case .new(let lead):
            Statement(AppointmentSQL.visitorByContact, lead.email?.lowercased(), FoldedText.digits(lead.phone))
        }
    }

    fileprivate var newID: PersonID? { if case .new(let lead) = self { .lead(lead.id) } else { nil } }

    /// Makes the lead, and the words that it is found by.
    fileprivate func create(at now: Date) -> [Statement] {
        guard case .new(let lead) = self else { return [] }
        let words = SearchWords.words(
            of: [lead.name, lead.email, lead.phone].compactMap(\.self).joined(separator: "\n"))
        let digits = FoldedText.digits(lead.phone)
        return [
            Statement(
                AppointmentSQL.createLead, lead.id.uuid, lead.name, FoldedText.fold(lead.name), lead.email, lead.phone,
                digits, now),
            Statement(AppointmentSQL.keepLeadWords, lead.id.uuid, words + (digits.isEmpty ? [] : [digits])),
        ]
    }
}

extension PersonID {
    /// A lead that is not so far yet has a trial booked now; nothing for a member.
    fileprivate func moveToTrial(_ order: AppointmentOrder) -> Statement {
        Statement(AppointmentSQL.moveToTrial, lead?.uuid, order.change.uuid, order.by, order.at)
    }
}

extension Appointment {
    fileprivate func insert(
        _ kind: String, _ order: AppointmentOrder, booking: BookingID?, staff: StaffID?
    ) -> Statement {
        Statement(
            AppointmentSQL.insert, id.uuid, kind, title, StorableText.text(of: order.note), time.lowerBound,
            time.upperBound, staff?.uuid, person.client?.uuid, person.lead?.uuid, session?.uuid, booking?.uuid,
            order.by, order.key, order.at)
    }
}
