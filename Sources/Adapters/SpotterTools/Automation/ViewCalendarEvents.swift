import Foundation
public import SpotterDomain

/// What stands in the gym's calendar.
public struct ViewCalendarEvents: Tool {
    /// Which part of it.
    public struct Arguments: Codable, Sendable {
        let from: String?
        let days: Int?
        let kinds: [CalendarKind]?
        let staff: String?
        let limit: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `view_calendar_events`
    public let name = "view_calendar_events"
    /// What a model is told.
    public let summary = """
        Show the gym's calendar (events, appointments, closures) for some days: class sessions, trials, tours, other \
        appointments and blocks such as closures, maintenance or leave, in order, with local times, who has it and who \
        comes. Use it to see what is planned or who is taken; it does not know opening hours.
        """
    /// Reads what the others of its kind write.
    public let category = ToolCategory.automation
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the calendar; that nothing is planned is an answer.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let first = try arguments.from.map(calendar.day(from:)) ?? calendar.today
        let days = arguments.days ?? 1
        let limit = arguments.limit ?? 60
        let query = CalendarQuery(
            range: calendar.range(from: first, days: days), kinds: (arguments.kinds ?? []).map(\.rawValue),
            staff: arguments.staff, limit: limit + 1)
        let found = try await frontDesk.calendar(query, in: context.scope)
        let shown = found.prefix(limit)
        let last = calendar.day(first, plus: days - 1)
        let span = calendar.name(of: first) + (last == first ? "" : " to \(calendar.name(of: last))")
        let nouns = [
            "class": "class session", "trial": "trial", "tour": "tour", "appointment": "appointment", "block": "block",
        ]
        let counts = CalendarKind.allCases.compactMap { kind -> String? in
            let count = shown.count { $0.kind == kind.rawValue }
            return count == 0 ? nil : counted(count, nouns[kind.rawValue] ?? kind.rawValue)
        }
        let sentence = shown.isEmpty ? "Nothing is planned on \(span)." : "\(span): \(counts.joined(separator: ", "))."
        return [
            "summary": .string(sentence), "timezone": .string(calendar.timezone),
            "has_more": .bool(found.count > limit), "events": .array(shown.map { $0.row(calendar) }),
        ]
    }
}

extension ViewCalendarEvents.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "from": Field("The first day: \(GymCalendar.accepted). Today if left out.", length: 1...20),
        "days": Field("How many days to show; 1 if left out.", range: 1...31),
        "kinds": Field("Only these kinds. Left out: all.", count: 0...5),
        "staff": Field("Only what somebody with this name, or a part of it, has.", length: 1...100),
        "limit": .rows(60, most: 200),
    ]
}
