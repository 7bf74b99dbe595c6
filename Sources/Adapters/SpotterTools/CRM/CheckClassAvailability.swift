public import SpotterDomain

/// How full a session is.
public struct CheckClassAvailability: Tool {
    /// The session, by its id or by what people call it.
    public struct Arguments: Codable, Sendable {
        let sessionId: ClassSessionID?
        let className: String?
        let date: String?
        let time: String?
    }

    private let schedule: any ScheduleStore
    /// The most sessions in one answer when no date was given.
    static let limit = 5

    /// A tool over one store of sessions.
    public init(schedule: any ScheduleStore) { self.schedule = schedule }

    /// `check_class_availability`
    public let name = "check_class_availability"
    /// What a model is told.
    public let summary = """
        Check whether a class session has free places (spots, space, room, availability) or is full: answers capacity, \
        how many are booked, how many are free and how many are waiting. Give session_id, or class_name with a date and \
        perhaps a time. Without a date it answers the next sessions of that class. Use it before saying that there is \
        room, and before booking somebody.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Finds the session or sessions meant. When there is none, the failure says what there is.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let finder = SessionFinder(schedule: schedule, calendar: calendar, context: context)
        let rows = try await sessions(arguments, calendar, finder, context)
        return [
            "summary": .string(rows.map(\.sentence).joined(separator: " ")),
            "timezone": .string(calendar.timezone),
            "sessions": .array(rows.map(\.availability)),
        ]
    }

    private func sessions(
        _ arguments: Arguments, _ calendar: GymCalendar, _ finder: SessionFinder, _ context: ToolContext
    ) async throws -> [SessionRow] {
        if let id = arguments.sessionId {
            guard let session = try await schedule.session(id, in: context.scope) else {
                throw ToolFailure(
                    "There is no session \(id). Take ids from view_class_schedule, or give class_name and date.")
            }
            return [finder.row(session)]
        }
        let time = try arguments.time.map(Self.time)
        guard let className = try await finder.className(matching: arguments.className) else {
            let classes = try await schedule.classes(in: context.scope).map(\.name)
            let list = classes.isEmpty ? "" : " The classes are: \(classes.prefix(40).joined(separator: ", "))."
            throw ToolFailure("Say which class: give class_name, perhaps with date and time, or session_id.\(list)")
        }
        guard let date = arguments.date else { return try await next(className, at: time, finder, calendar) }
        return try await on(calendar.day(from: date), className, at: time, finder, context)
    }

    private func next(
        _ className: String, at time: TimeOfDay?, _ finder: SessionFinder, _ calendar: GymCalendar
    ) async throws -> [SessionRow] {
        let wanted = time == nil ? Self.limit : 60
        let rows = try await finder.upcoming(className, from: calendar.today, days: 14, limit: wanted)
        guard !rows.isEmpty else { throw ToolFailure("No \(className) session is planned within 14 days.") }
        guard let time else { return rows }
        let atTime = rows.filter { calendar.time(of: $0.session.startsAt) == time.description }
        guard !atTime.isEmpty else {
            throw ToolFailure("No \(className) session starts at \(time). The next are: \(Self.list(rows)).")
        }
        return Array(atTime.prefix(Self.limit))
    }

    private func on(
        _ day: GymCalendar.Day, _ className: String, at time: TimeOfDay?, _ finder: SessionFinder,
        _ context: ToolContext
    ) async throws -> [SessionRow] {
        let calendar = finder.calendar
        let rows = try await schedule.sessions(
            startingIn: calendar.range(from: day, days: 1), className: className, limit: 60, in: context.scope
        ).map(finder.row)
        guard !rows.isEmpty else {
            let near = try await finder.upcoming(className, from: max(day, calendar.today), days: 14, limit: 3)
            let hint = near.isEmpty ? "" : " The nearest after it: \(Self.list(near))."
            throw ToolFailure("There is no \(className) session on \(calendar.name(of: day)).\(hint)")
        }
        guard let time else { return Array(rows.prefix(20)) }
        let atTime = rows.filter { calendar.time(of: $0.session.startsAt) == time.description }
        guard !atTime.isEmpty else {
            throw ToolFailure(
                "No \(className) session starts at \(time) on \(calendar.name(of: day)). That day: \(Self.list(rows)).")
        }
        return atTime
    }

    private static func time(_ text: String) throws -> TimeOfDay {
        guard let time = TimeOfDay(text) else {
            throw ToolFailure("\"\(text.prefix(20))\" is not a time. Use the local start time, such as 18:30 or 6pm.")
        }
        return time
    }

    private static func list(_ rows: [SessionRow]) -> String { rows.prefix(5).map(\.title).joined(separator: "; ") }
}

extension CheckClassAvailability.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "session_id": Field("One session, by the id that view_class_schedule answered. Nothing else is needed then."),
        "class_name": Field("The class: its name or a part of it.", length: 1...100, example: "Spin"),
        "date": Field(
            "The day: \(GymCalendar.accepted). A weekday is the next such day, today included.", length: 1...20,
            example: "tomorrow"),
        "time": Field("The local start time, such as 18:30 or 6pm.", length: 1...10, example: "18:30"),
    ]
}
