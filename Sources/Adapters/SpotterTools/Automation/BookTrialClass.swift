import Foundation
public import SpotterDomain

/// Books a first visit.
public struct BookTrialClass: Tool {
    /// Who comes, and where.
    public struct Arguments: Codable, Sendable {
        let sessionId: ClassSessionID?
        let className: String?
        let date: String?
        let time: String?
        let leadId: LeadID?
        let clientId: ClientID?
        let name: String?
        let email: String?
        let phone: String?
        let note: String?
    }

    private let appointments: any AppointmentStore
    private let schedule: any ScheduleStore
    private let ids: any IDGenerator

    /// A tool over the gym's calendar.
    public init(appointments: any AppointmentStore, schedule: any ScheduleStore, ids: any IDGenerator) {
        self.appointments = appointments
        self.schedule = schedule
        self.ids = ids
    }

    /// `book_trial_class`
    public let name = "book_trial_class"
    /// What a model is told.
    public let summary = """
        Book a trial class (first visit, taster) for somebody who is not an active member: takes one real place in one \
        session, never more than there are, and moves a lead to trial_booked. Give session_id (or class_name with date \
        and time) and lead_id or client_id; for somebody new, name with email or phone, and the lead is made. Confirm \
        session and name with the person first.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Changes records.
    public let access = ToolAccess.write
    /// The same key is the same booking.
    public let effect = ToolEffect.keyed

    /// Books the place, or says why not and what is free instead.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let finder = SessionFinder(schedule: schedule, calendar: calendar, context: context)
        let visitor = try Visitor(
            client: arguments.clientId, lead: arguments.leadId, name: arguments.name, email: arguments.email,
            phone: arguments.phone, id: ids.id(at: context.now))
        let session = try await finder.one(
            id: arguments.sessionId, className: arguments.className, date: arguments.date, time: arguments.time)
        let request = TrialRequest(
            order: AppointmentOrder(arguments.note, ids, context), booking: ids.id(at: context.now),
            session: session.session.id, visitor: visitor)
        switch try await appointments.bookTrial(request, in: context.scope) {
        case .booked(let appointment): return appointment.answer(calendar, context)
        case .refused(let refusal):
            throw ToolFailure(refusal.sentence(calendar) + (try await alternatives(refusal, session, finder)))
        }
    }

    /// The sessions of the same class with a place that are nearest.
    private func alternatives(
        _ refusal: AppointmentRefusal, _ session: SessionRow, _ finder: SessionFinder
    ) async throws -> String {
        switch refusal {
        case .full, .cancelled, .past, .personIsBusy: break
        default: return ""
        }
        let wanted = session.session.startsAt
        let day = max(finder.calendar.day(finder.calendar.day(of: wanted), plus: -3), finder.calendar.today)
        let rows = try await finder.upcoming(session.session.className, from: day, days: 14, limit: 40)
        let others = rows.filter { $0.session.free > 0 && $0.session.id != session.session.id }
        let nearest = others.sorted { left, right in
            let distances = [left, right].map { abs($0.session.startsAt.timeIntervalSince(wanted)) }
            return distances[0] < distances[1]
        }
        let free = nearest.prefix(3).sorted { $0.session.startsAt < $1.session.startsAt }
        guard !free.isEmpty else { return " No other \(session.session.className) session within 14 days is free." }
        let list = free.map { "\($0.title) (\($0.session.id), \($0.session.free) free)" }
        return " Free instead: \(list.joined(separator: "; "))."
    }
}

extension BookTrialClass.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [String: Field].session.merging(.visitor) { first, _ in first }
}

extension [String: Field] {
    /// Who comes: somebody on record, or somebody new.
    static let visitor: [String: Field] = [
        "lead_id": .lead, "client_id": .client,
        "name": Field("First and last name of somebody who is not on record yet.", length: 1...200),
        "email": Field("The e-mail address of somebody new; this or phone is needed.", length: 3...254),
        "phone": Field("The phone number of somebody new; this or email is needed.", length: 5...40),
        "note": Field("What the team should know beforehand, such as an injury or a wish.", length: 0...500),
    ]
}

extension Visitor {
    /// Who is meant by what a model said.
    ///
    /// - Throws: `ToolFailure` unless it is one person, and somebody who can be reached.
    init(
        client: ClientID?, lead: LeadID?, name: String?, email: String?, phone: String?, id: LeadID
    ) throws {
        switch (client, lead) {
        case (.some, .some): throw ToolFailure("Give lead_id or client_id, not both.")
        case (let client?, nil): self = .known(.client(client))
        case (nil, let lead?): self = .known(.lead(lead))
        case (nil, nil):
            guard let name = name?.trimmingCharacters(in: .whitespacesAndNewlines), !name.isEmpty else {
                throw ToolFailure(
                    "Say who comes: lead_id (from search_leads) or client_id (from search_clients); for somebody new, "
                        + "name with email or phone.")
            }
            if let problem = DisplayName.problem(with: name) { throw ToolFailure("The name \(problem).") }
            if let email, !email.contains("@") || email.contains(where: \.isWhitespace) {
                throw ToolFailure("\"\(email.prefix(60))\" is not an e-mail address.")
            }
            if let phone, !(7...15).contains(FoldedText.digits(phone).count) {
                throw ToolFailure(
                    "\"\(phone.prefix(40))\" is not a phone number: 7 to 15 digits, better with +country.")
            }
            guard email != nil || phone != nil else {
                throw ToolFailure("How can \(name) be reached? Give email or phone.")
            }
            self = .new(NewLead(id: id, name: name, email: email, phone: phone))
        }
    }
}

extension AppointmentOrder {
    init(_ note: String?, _ ids: any IDGenerator, _ context: ToolContext) {
        self.init(
            id: ids.id(at: context.now), change: ids.id(at: context.now), by: context.actor, key: context.effectKey,
            note: note ?? "", at: context.now, isDryRun: context.isDryRun)
    }
}

extension Appointment {
    /// What a model is told of an appointment that stands, or would.
    func answer(_ calendar: GymCalendar, _ context: ToolContext) -> JSONValue {
        let what = title == "Tour" ? "a tour" : title.replacing("Trial: ", with: "a trial of ")
        let with = staff.map { " with \($0)" } ?? ""
        let when = calendar.words(time.lowerBound)
        var row = ToolRow()
        row.set(
            "summary",
            context.isDryRun
                ? "Nothing was booked. \(name) could have \(what) on \(when)\(with)."
                : "\(name) has \(what) on \(when)\(with).")
        if context.isDryRun { row.set("dry_run", true) }
        row.set("booked", !context.isDryRun)
        row.set("day", calendar.weekday(of: time.lowerBound))
        row.set("date", calendar.day(of: time.lowerBound).description)
        row.set("starts", calendar.time(of: time.lowerBound))
        row.set("ends", calendar.time(of: time.upperBound))
        row.set("timezone", calendar.timezone)
        row.set("staff", staff)
        row.set("places_left", placesLeft)
        row.set("session_id", session)
        if !context.isDryRun {
            row.set("event_id", id)
            row.set("lead_id", person.lead)
            row.set("client_id", person.client)
        }
        return row.json
    }
}

extension AppointmentRefusal {
    /// Why, and what would be right, for a model.
    func sentence(_ calendar: GymCalendar) -> String {
        func span(_ time: Range<Date>) -> String {
            "\(calendar.words(time.lowerBound)) to \(calendar.time(of: time.upperBound))"
        }
        switch self {
        case .unknownSession: return "There is no such session. Take ids from view_class_schedule."
        case .cancelled(let title): return "That \(title) session is cancelled."
        case .past(let title): return "That \(title) session has begun already."
        case .full(let title, let capacity):
            return "That \(title) session is full: all \(counted(capacity, "place is", "places are")) taken."
        case .unknownPerson:
            return "There is nobody of that id. Take ids from search_leads or search_clients; for somebody new give "
                + "name with email or phone."
        case .isMember(let name):
            return
                "\(name) is an active member, and trials are for people who are not. Members book classes themselves."
        case .hasPlace(let name, let title): return "\(name) has a place in that \(title) session already."
        case .personIsBusy(let name, let other, let time):
            return "\(name) has \(other) at that time (\(span(time))). Choose another time."
        case .closed(let title, let time):
            return "The gym's calendar is blocked then: \(title), \(span(time)). Choose another time."
        case .noStaff:
            return "Nobody of the staff is on record who could give a tour. Use create_lead_task, so that a person "
                + "arranges it."
        case .unknownStaff: return "Nobody of that id works here. Leave staff out, or give a name."
        case .staffIsBusy(let name, let free):
            guard let name else { return "Nobody of the staff is free at that time. Choose another time." }
            let others = free.isEmpty ? " Nobody else is free then." : " Free then: \(free.joined(separator: ", "))."
            return "\(name) is busy at that time.\(others)"
        }
    }
}
