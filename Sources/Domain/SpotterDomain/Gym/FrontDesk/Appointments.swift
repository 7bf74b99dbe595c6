public import Foundation

/// Trials and tours: who comes when, without anybody or any place being promised twice.
///
/// An appointment is made under a key, and the same key is the same appointment. Whatever it takes is locked in one
/// order and looked at after that: a session's places for a trial, the staff's calendar for a tour.
public protocol AppointmentStore: Sendable {
    /// Books a place in a session for a first visit.
    func bookTrial(_ request: TrialRequest, in scope: OrganizationScope) async throws -> AppointmentOutcome
    /// Puts a tour into the calendar of one of the staff: of `request.staff`, or of whoever is free.
    func bookTour(_ request: TourRequest, in scope: OrganizationScope) async throws -> AppointmentOutcome
}

/// Who comes.
public enum Visitor: Sendable {
    /// Somebody on record.
    case known(PersonID)
    /// Somebody new: found by address or number where that is known, or else made a lead.
    case new(NewLead)
}

/// Somebody of whom there is no record yet.
public struct NewLead: Sendable {
    /// The lead's id, unless there is one already.
    public let id: LeadID
    /// First and last name.
    public let name: String
    /// An e-mail address; this or a phone number is known.
    public let email: String?
    /// A phone number.
    public let phone: String?

    /// Somebody new.
    public init(id: LeadID, name: String, email: String?, phone: String?) {
        self.id = id
        self.name = name
        self.email = email
        self.phone = phone
    }
}

/// What is the same of every appointment that is asked for.
public struct AppointmentOrder: Sendable {
    /// The appointment's id, unless its key made one already.
    public let id: CalendarEventID
    /// Under which a step of a lead's status is noted.
    public let change: Identifier<StatusStepKind>
    /// Who asks.
    public let by: String
    /// The same key is the same appointment.
    public let key: String
    /// What is to be known beforehand.
    public let note: String
    /// When it is asked.
    public let at: Date
    /// Whether it is only asked what would happen.
    public let isDryRun: Bool

    /// An order.
    public init(
        id: CalendarEventID, change: Identifier<StatusStepKind>, by: String, key: String, note: String, at: Date,
        isDryRun: Bool
    ) {
        self.id = id
        self.change = change
        self.by = by
        self.key = key
        self.note = note
        self.at = at
        self.isDryRun = isDryRun
    }
}

/// A trial that is asked for.
public struct TrialRequest: Sendable {
    /// What is the same of every appointment.
    public let order: AppointmentOrder
    /// The booking's id.
    public let booking: BookingID
    /// Where.
    public let session: ClassSessionID
    /// Who.
    public let visitor: Visitor

    /// A request.
    public init(order: AppointmentOrder, booking: BookingID, session: ClassSessionID, visitor: Visitor) {
        self.order = order
        self.booking = booking
        self.session = session
        self.visitor = visitor
    }
}

/// A tour that is asked for.
public struct TourRequest: Sendable {
    /// What is the same of every appointment.
    public let order: AppointmentOrder
    /// From when until when.
    public let time: Range<Date>
    /// Who.
    public let visitor: Visitor
    /// With whom; nil for whoever is free.
    public let staff: StaffID?

    /// A request.
    public init(order: AppointmentOrder, time: Range<Date>, visitor: Visitor, staff: StaffID?) {
        self.order = order
        self.time = time
        self.visitor = visitor
        self.staff = staff
    }
}

/// What came of asking for an appointment.
public enum AppointmentOutcome: Sendable {
    /// It is booked, or with a dry run could be.
    case booked(Appointment)
    /// It cannot be.
    case refused(AppointmentRefusal)
}

/// An appointment as it stands.
public struct Appointment: Sendable {
    /// The appointment.
    public let id: CalendarEventID
    /// Who comes.
    public let person: PersonID
    /// The name.
    public let name: String
    /// What it is called.
    public let title: String
    /// From when until when.
    public let time: Range<Date>
    /// Who of the staff has it.
    public let staff: String?
    /// The session of a trial.
    public let session: ClassSessionID?
    /// Places that are left in it.
    public let placesLeft: Int?
    /// Whether it was made now, and not before under the same key.
    public let isNew: Bool

    /// An appointment.
    public init(
        id: CalendarEventID, person: PersonID, name: String, title: String, time: Range<Date>, staff: String?,
        session: ClassSessionID?, placesLeft: Int?, isNew: Bool
    ) {
        self.id = id
        self.person = person
        self.name = name
        self.title = title
        self.time = time
        self.staff = staff
        self.session = session
        self.placesLeft = placesLeft
        self.isNew = isNew
    }
}

/// Why an appointment cannot be made.
public enum AppointmentRefusal: Sendable, Hashable {
    /// There is no such session.
    case unknownSession
    /// The session has been called off.
    case cancelled(title: String)
    /// It has begun.
    case past(title: String)
    /// No place is left.
    case full(title: String, capacity: Int)
    /// There is nobody of that id.
    case unknownPerson
    /// An active member, who has no first visit any more.
    case isMember(name: String)
    /// The person has a place in that session already.
    case hasPlace(name: String, title: String)
    /// The person has something else then.
    case personIsBusy(name: String, with: String, at: Range<Date>)
    /// Something keeps everybody out then, such as a closure.
    case closed(title: String, at: Range<Date>)
    /// Nobody of the staff is on record.
    case noStaff
    /// Nobody of that id works there.
    case unknownStaff
    /// Whoever was asked for, or everybody, has something else then; who would be free.
    case staffIsBusy(name: String?, free: [String])
}
