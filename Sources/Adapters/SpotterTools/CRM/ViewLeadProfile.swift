public import SpotterDomain

/// Everything the front desk needs to know of one lead.
public struct ViewLeadProfile: Tool {
    /// Whose profile.
    public struct Arguments: Codable, Sendable {
        let leadId: LeadID
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `view_lead_profile`
    public let name = "view_lead_profile"
    /// What a model is told.
    public let summary = """
        Read one lead's profile: contact, status, source, what they want, notes, trials and tours booked, open tickets, \
        consents and how the status came to be. Needs the lead_id that search_leads answers. Use it before you write to \
        somebody, so that nobody tells their story twice.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the profile.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        guard let profile = try await frontDesk.profile(of: arguments.leadId, in: context.scope) else {
            throw ToolFailure.unknown(arguments.leadId, "lead", takeFrom: "search_leads")
        }
        let calendar = try GymCalendar(context.organization, now: context.now)
        var row = profile.lead.row(calendar)
        row.set("notes", profile.details.notes)
        row.set("lost_reason", profile.details.lostReason)
        row.set("became_client_id", profile.details.clientId)
        row.set("open_tickets", profile.details.openTickets)
        row.set("appointments", .array(profile.appointments.map { $0.row(calendar) }))
        row.set("consents", .array(profile.consents.map { $0.row(calendar) }))
        row.set("status_changes", .array(profile.changes.map { $0.row(calendar) }))
        let next = profile.appointments.last { $0.status == "booked" && $0.startsAt > context.now }
        let lead = profile.lead
        var sentence = "\(lead.name) is a lead with the status \(lead.status.replacing("_", with: " "))"
        sentence += ", since \(calendar.day(of: lead.createdAt))"
        if let next { sentence += "; \(next.title) is booked for \(calendar.words(next.startsAt))" }
        return [
            "summary": .string(sentence + "."), "timezone": .string(calendar.timezone), "lead": row.json,
        ]
    }
}

extension ViewLeadProfile.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = ["lead_id": .lead]
}
