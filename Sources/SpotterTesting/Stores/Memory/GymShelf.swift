import Foundation
import SpotterDomain

/// One organisation's gym records in memory, of every kind, with their histories.
struct GymShelf: Sendable {
    private var kinds: [String: [UUID: any Sendable]] = [:]
    /// The steps of statuses, by the record's id.
    var statusChanges: [UUID: [StatusChange]] = [:]
    /// What subscriptions were from when until when.
    var subscriptionChanges: [SubscriptionID: [SubscriptionChange]] = [:]

    /// All records of a kind, in no order.
    func all<Kind: RecordKind>(_ kind: Kind.Type = Kind.self) -> [GymRecord<Kind>] {
        (kinds[Kind.prefix] ?? [:]).values.compactMap { $0 as? GymRecord<Kind> }
    }

    /// The record of an id.
    subscript<Kind: RecordKind>(id: Identifier<Kind>) -> GymRecord<Kind>? {
        get { kinds[Kind.prefix]?[id.uuid] as? GymRecord<Kind> }
        set { kinds[Kind.prefix, default: [:]][id.uuid] = newValue }
    }

    /// How many there are of a kind.
    func count(_ kind: (some RecordKind).Type) -> Int { kinds[kind.prefix]?.count ?? 0 }

    /// Which of the ids of a kind there are.
    func ids(of target: RecordReference.Target, among ids: Set<UUID>) -> Set<UUID> {
        ids.filter { kinds[target.prefix]?[$0] != nil }
    }
}

// MARK: What is shown otherwise than it is kept

extension GymShelf {
    /// Sessions have their class's name, and are as full as is known; bookings are at the time of their session.
    func shown<Kind: RecordKind>(_ record: GymRecord<Kind>) -> GymRecord<Kind> {
        if let session = record as? ClassSession, let shown = shown(session) as? GymRecord<Kind> { return shown }
        if var booking = record as? Booking {
            booking.startsAt = self[booking.sessionId]?.startsAt ?? booking.startsAt
            if let shown = booking as? GymRecord<Kind> { return shown }
        }
        return record
    }

    private func shown(_ session: ClassSession) -> ClassSession {
        let bookings = all(BookingKind.self).filter { $0.sessionId == session.id }
        var shown = session
        shown.className = self[session.classId]?.name ?? session.className
        shown.booked = max(session.headCount, bookings.count { $0.status.takesPlace })
        shown.waiting = bookings.count { $0.status == .waitlisted }
        return shown
    }
}

// MARK: What must be unique

extension GymShelf {
    /// Of the message templates of a channel, no two have the same name.
    func requireTemplateNames() throws {
        var names: Set<[String]> = []
        for template in all(MessageTemplateKind.self)
        where !names.insert([template.name, template.channel.rawValue]).inserted {
            throw MessageTemplateFields.nameIsTaken
        }
    }
}

// MARK: Deleting

extension GymShelf {
    /// Deletes a record with what hangs on it, as the database's foreign keys do.
    mutating func delete<Kind: RecordKind>(_ id: Identifier<Kind>) {
        kinds[Kind.prefix]?[id.uuid] = nil
        statusChanges[id.uuid] = nil
        let text = id.description
        drop(BookingKind.self, ["client_id", "lead_id", "session_id"], text)
        drop(ClassSessionKind.self, ["class_id"], text)
        drop(SubscriptionKind.self, ["client_id"], text)
        drop(CheckInKind.self, ["client_id"], text)
        drop(RefundKind.self, ["payment_id"], text)
        drop(CalendarEventKind.self, ["client_id", "lead_id", "staff_id"], text)
        for event in all(CalendarEventKind.self) {
            if event.sessionId?.description == text { self[event.id]?.sessionId = nil }
            if event.bookingId?.description == text { self[event.id]?.bookingId = nil }
        }
        forget(text)
        subscriptionChanges = subscriptionChanges.filter { self[$0.key] != nil }
    }

    /// Deletes the records that name a deleted one where they cannot do without it.
    private mutating func drop<Kind: RecordKind>(_ kind: Kind.Type, _ members: [String], _ text: String) {
        for record in all(kind) {
            guard let fields = try? JSONValue(encoding: record.fields) else { continue }
            if members.contains(where: { fields[$0]?.string == text }) { delete(record.id) }
        }
    }

    /// Takes the name of a deleted record out of those that can do without it.
    private mutating func forget(_ text: String) {
        for client in all(ClientKind.self) where client.assignedTo?.description == text {
            self[client.id]?.assignedTo = nil
        }
        for lead in all(LeadKind.self) {
            if lead.assignedTo?.description == text { self[lead.id]?.assignedTo = nil }
            if lead.clientId?.description == text { self[lead.id]?.clientId = nil }
        }
        for session in all(ClassSessionKind.self) where session.staffId?.description == text {
            self[session.id]?.staffId = nil
        }
        for visit in all(CheckInKind.self) where visit.sessionId?.description == text {
            self[visit.id]?.sessionId = nil
        }
        for payment in all(PaymentKind.self) {
            if payment.clientId?.description == text { self[payment.id]?.clientId = nil }
            if payment.subscriptionId?.description == text { self[payment.id]?.subscriptionId = nil }
        }
        for subscription in all(SubscriptionKind.self) where subscription.planId?.description == text {
            self[subscription.id]?.planId = nil
        }
        for ticket in all(TicketKind.self) {
            if ticket.clientId?.description == text { self[ticket.id]?.clientId = nil }
            if ticket.leadId?.description == text { self[ticket.id]?.leadId = nil }
            if ticket.assignedTo?.description == text { self[ticket.id]?.assignedTo = nil }
        }
    }
}
