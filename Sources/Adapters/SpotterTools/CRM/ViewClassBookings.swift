public import SpotterDomain

/// Who has booked a session.
public struct ViewClassBookings: Tool {
    /// The session, by its id or by what people call it.
    public struct Arguments: Codable, Sendable {
        let sessionId: ClassSessionID?
        let className: String?
        let date: String?
        let time: String?
    }

    private let schedule: any ScheduleStore
    private let frontDesk: any FrontDeskStore
    /// The most people in one answer.
    static let limit = 200

    /// A tool over the gym's records.
    public init(schedule: any ScheduleStore, frontDesk: any FrontDeskStore) {
        self.schedule = schedule
        self.frontDesk = frontDesk
    }

    /// `view_class_bookings`
    public let name = "view_class_bookings"
    /// What a model is told.
    public let summary = """
        List who is booked into one class session (attendees, participants, register, wait-list): each person with \
        status (booked, waitlisted, attended, no_show, cancelled), trial or member, and whether it is their first \
        session, with how many there are of each. Give session_id, or class_name with date and perhaps time. For the \
        team: never tell one member who else is booked.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the bookings of the one session that is meant.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let finder = SessionFinder(schedule: schedule, calendar: calendar, context: context)
        let session = try await finder.one(
            id: arguments.sessionId, className: arguments.className, date: arguments.date, time: arguments.time)
        let found = try await frontDesk.attendees(of: session.session.id, limit: Self.limit + 1, in: context.scope)
        let people = found.prefix(Self.limit)
        let counts = BookingStatus.allCases.map { status in
            (status, people.count { $0.status == status.rawValue })
        }
        var row = ToolRow()
        for (status, count) in counts where count > 0 { row.set(status.rawValue, count) }
        let parts = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue.replacing("_", with: "-"))" }
        let sentence =
            people.isEmpty
            ? "Nobody is booked into \(session.title)." : "\(session.title): \(parts.joined(separator: ", "))."
        return [
            "summary": .string(sentence), "timezone": .string(calendar.timezone), "session": session.availability,
            "counts": row.json, "has_more": .bool(found.count > Self.limit),
            "attendees": .array(people.map { $0.row(calendar) }),
        ]
    }
}

extension ViewClassBookings.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = .session
}

extension [String: Field] {
    /// One session: its id, or what people call it.
    static let session: [String: Field] = [
        "session_id": Field("The session, by the id that view_class_schedule answered. Nothing else is needed then."),
        "class_name": Field("The class: its name or a part of it, together with date.", length: 1...100),
        "date": Field("The day: \(GymCalendar.accepted).", length: 1...20, example: "tomorrow"),
        "time": Field(
            "The local start time, such as 18:30 or 6pm: where there are several that day.", length: 1...10),
    ]
}

extension SessionFinder {
    /// The one session that is meant, by id or by class, day and time.
    ///
    /// - Throws: `ToolFailure` that says what there is instead, or between which to choose.
    func one(id: ClassSessionID?, className: String?, date: String?, time: String?) async throws -> SessionRow {
        if let id {
            guard let session = try await schedule.session(id, in: context.scope) else {
                throw ToolFailure.unknown(id, "session", takeFrom: "view_class_schedule")
            }
            return row(session)
        }
        guard let name = try await self.className(matching: className), let date else {
            throw ToolFailure("Say which session: give session_id, or class_name together with date and perhaps time.")
        }
        let day = try calendar.day(from: date)
        let found = try await schedule.sessions(
            startingIn: calendar.range(from: day, days: 1), className: name, limit: 60, in: context.scope
        ).map(row)
        let wanted = time.flatMap { TimeOfDay($0)?.description }
        if let time, wanted == nil {
            throw ToolFailure("\"\(time.prefix(20))\" is not a time. Use the local start time, such as 18:30 or 6pm.")
        }
        let matches = found.filter { wanted == nil || calendar.time(of: $0.session.startsAt) == wanted }
        if let only = matches.first, matches.count == 1 { return only }
        guard !found.isEmpty else {
            let next = try await next(name, after: day).map { " The next after it: \($0.title)." } ?? ""
            throw ToolFailure("There is no \(name) session on \(calendar.name(of: day)).\(next)")
        }
        let choice = found.prefix(10).map { "\($0.title) (\($0.session.id))" }.joined(separator: "; ")
        throw ToolFailure(
            matches.isEmpty
                ? "No \(name) session starts at that time. That day: \(choice)."
                : "Several sessions match. Give the session_id of one: \(choice).")
    }
}

extension AttendeeView {
    /// As a model reads somebody who is booked.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("name", name)
        row.set("status", status)
        row.set("kind", kind)
        if isFirst { row.set("first_session", true) }
        row.set("booked", calendar.moment(bookedAt))
        row.set("client_id", clientId)
        row.set("lead_id", leadId)
        row.set("booking_id", id)
        return row.json
    }
}
