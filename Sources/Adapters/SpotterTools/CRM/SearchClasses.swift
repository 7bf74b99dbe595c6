public import SpotterDomain

/// The programmes that a gym offers.
public struct SearchClasses: Tool {
    /// What to look for.
    public struct Arguments: Codable, Sendable {
        let query: String?
        let instructor: String?
        let category: String?
        let level: ClassLevel?
        let limit: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `search_classes`
    public let name = "search_classes"
    /// What a model is told.
    public let summary = """
        Find the programmes (classes, courses) that the gym offers, by a part of the name or description, by instructor \
        (coach, trainer), category or level: what each is, how long it takes, how many have room, who holds it, and the \
        next session. Use it to learn what there is; view_class_schedule has the dates.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Searches; where nothing matches, says what there is.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let limit = arguments.limit ?? 20
        var query = ProgrammeQuery(limit: limit + 1)
        query.text = arguments.query
        query.instructor = arguments.instructor
        query.category = arguments.category
        query.level = arguments.level == .all ? nil : arguments.level?.rawValue
        let found = try await frontDesk.programmes(query, at: context.now, in: context.scope)
        let sentence =
            found.isEmpty
            ? try await nothing(context)
            : "\(counted(min(found.count, limit), "programme matches", "programmes match"))."
        return [
            "summary": .string(sentence), "timezone": .string(calendar.timezone),
            "has_more": .bool(found.count > limit),
            "classes": .array(found.prefix(limit).map { $0.row(calendar) }),
        ]
    }

    private func nothing(_ context: ToolContext) async throws -> String {
        let all = try await frontDesk.programmes(ProgrammeQuery(limit: 40), at: context.now, in: context.scope)
        guard !all.isEmpty else { return "This gym has no classes yet." }
        return "No programme matches. There are: \(all.map(\.name).joined(separator: ", "))."
    }
}

extension SearchClasses.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "query": Field("A part of the name or the description.", length: 1...100, example: "yoga"),
        "instructor": Field("A part of the name of who holds it in the next 14 days.", length: 1...100),
        "category": Field("Only this category, such as strength.", length: 1...50),
        "level": Field("Programmes for this level, those for all among them."), "limit": .rows(20),
    ]
}

extension ProgrammeView {
    /// As a model reads a programme.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("class", name)
        row.set("description", description)
        row.set("category", category)
        row.set("level", level)
        row.set("minutes", durationMinutes)
        row.set("capacity", capacity)
        row.set("instructors", instructors)
        row.set("sessions_next_7_days", sessionsAhead)
        row.set("next_session", nextStartsAt.map(calendar.words))
        row.set("next_session_id", nextSessionId)
        row.set("class_id", id)
        return row.json
    }
}
