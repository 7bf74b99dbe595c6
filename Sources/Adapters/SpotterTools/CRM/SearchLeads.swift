public import SpotterDomain

/// Finds people who may become members.
public struct SearchLeads: Tool {
    /// What to look for.
    public struct Arguments: Codable, Sendable {
        let query: String?
        let status: LeadStatus?
        let source: String?
        let tag: String?
        let createdFrom: String?
        let createdTo: String?
        let followUpDue: Bool?
        let limit: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `search_leads`
    public let name = "search_leads"
    /// What a model is told.
    public let summary = """
        Find leads (prospects, enquiries: people who may become members) by name, e-mail address or phone number, and by \
        status, source, tag, when they first got in touch, or whether a follow-up is due. Answers the newest first with \
        id, contact, status, what they want and who looks after them. Without arguments: the newest leads.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Searches; finding nobody is an answer, not a failure.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let limit = arguments.limit ?? 10
        let words = SearchWords.words(of: arguments.query ?? "")
        if let text = arguments.query, words.isEmpty || words.count > SearchWords.mostWanted {
            throw ToolFailure(
                "\"\(text.prefix(60))\" cannot be searched for. Give 1 to \(SearchWords.mostWanted) words: parts of a "
                    + "name, an e-mail address or a phone number.")
        }
        var query = LeadQuery(words: words, limit: limit + 1)
        query.status = arguments.status?.rawValue
        query.source = arguments.source
        query.tag = arguments.tag
        query.created = try calendar.range(from: arguments.createdFrom, to: arguments.createdTo)
        query.followUpBefore = arguments.followUpDue == true ? context.now : nil
        let found = try await frontDesk.leads(query, in: context.scope)
        let more = found.count > limit
        let count = min(found.count, limit)
        let sentence =
            found.isEmpty
            ? "No lead matches. Try a part of the name, or fewer filters."
            : more
                ? "More than \(count) leads match; the newest \(count) are listed. Narrow the search."
                : "\(counted(count, "lead matches", "leads match"))."
        return [
            "summary": .string(sentence), "timezone": .string(calendar.timezone), "has_more": .bool(more),
            "leads": .array(found.prefix(limit).map { $0.row(calendar).json }),
        ]
    }
}

extension SearchLeads.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "query": Field(
            "Words of the name, the e-mail address or the phone number; each may be a beginning. All must match.",
            length: 1...100, example: "Leo Fischer"),
        "status": Field("Only leads with this status."),
        "source": Field("Only leads from here, such as website or referral.", length: 1...100),
        "tag": Field("Only leads with this tag.", length: 1...50),
        "created_from": Field("First got in touch on this day or later: \(GymCalendar.accepted).", length: 1...20),
        "created_to": Field("First got in touch on this day or before.", length: 1...20),
        "follow_up_due": Field("Only leads whose follow-up is due by now."), "limit": .rows(10),
    ]
}

extension LeadView {
    /// As a model reads a lead.
    func row(_ calendar: GymCalendar) -> ToolRow {
        var row = ToolRow()
        row.set("id", id)
        row.set("name", name)
        row.set("email", email)
        row.set("phone", phone)
        row.set("status", status)
        row.set("source", source)
        row.set("tags", tags)
        row.set("interest", interest)
        row.set("assigned_to", assignedTo)
        row.set("next_follow_up", nextFollowUpAt.map(calendar.moment))
        row.set("created", calendar.moment(createdAt))
        return row
    }
}
