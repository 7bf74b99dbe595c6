public import SpotterDomain

/// The timetable of some days.
public struct ViewClassSchedule: Tool {
    /// Which part of the timetable.
    public struct Arguments: Codable, Sendable {
        let from: String?
        let days: Int?
        let className: String?
    }

    private let schedule: any ScheduleStore
    /// The most sessions in one answer.
    static let limit = 60

    /// A tool over one store of sessions.
    public init(schedule: any ScheduleStore) { self.schedule = schedule }

    /// `view_class_schedule`
    public let name = "view_class_schedule"
    /// What a model is told.
    public let summary = """
        Show the class schedule (timetable, calendar): which classes are on, when and with which instructor. Answers \
        every session of the days asked for with its local start and end time, instructor, places left and session id. \
        Use it to see what is on or when a class takes place next.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the timetable. An unknown class is a failure that names those there are.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let first = try arguments.from.map(calendar.day(from:)) ?? calendar.today
        let days = arguments.days ?? (arguments.from == nil && arguments.className != nil ? 7 : 1)
        let finder = SessionFinder(schedule: schedule, calendar: calendar, context: context)
        let className = try await finder.className(matching: arguments.className)
        let found = try await schedule.sessions(
            startingIn: calendar.range(from: first, days: days), className: className, limit: Self.limit + 1,
            in: context.scope)
        let shown = found.prefix(Self.limit)
        let rows = shown.map { SessionRow(session: $0, calendar: calendar, now: context.now) }
        let next = found.isEmpty ? try await finder.next(className, after: first) : nil
        let last = calendar.day(first, plus: days - 1)
        var span = calendar.name(of: first)
        if last != first { span += " to \(calendar.name(of: last))" }
        return [
            "summary": .string(sentence(rows, span: span, className: className, next: next)),
            "timezone": .string(calendar.timezone),
            "has_more": .bool(found.count > Self.limit),
            "sessions": .array(rows.map(\.json)),
        ]
    }

    private func sentence(_ rows: [SessionRow], span: String, className: String?, next: SessionRow?) -> String {
        let kind = className.map { "\($0) " } ?? ""
        guard !rows.isEmpty else {
            let hint = next.map { " The next is \($0.title)." } ?? ""
            return "No \(kind)sessions on \(span).\(hint)"
        }
        let count = "\(rows.count) \(kind)session\(rows.count == 1 ? "" : "s") on \(span)"
        let ahead = rows.filter { $0.state == .upcoming }.count
        let cancelled = rows.filter { $0.state == .cancelled }.count
        var notes: [String] = []
        if ahead < rows.count { notes.append("\(ahead) still to come") }
        if cancelled > 0 { notes.append("\(cancelled) cancelled") }
        return notes.isEmpty ? "\(count)." : "\(count), \(notes.joined(separator: ", "))."
    }
}

extension ViewClassSchedule.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "from": Field(
            "The first day: \(GymCalendar.accepted). Today if left out. A weekday is the next such day, today included.",
            length: 1...20, example: "tomorrow"),
        "days": Field(
            "How many days to show. If left out: 7 when only class_name is given, else 1.", range: 1...14, example: 1),
        "class_name": Field("Only this class: its name or a part of it.", length: 1...100, example: "Spin"),
    ]
}
