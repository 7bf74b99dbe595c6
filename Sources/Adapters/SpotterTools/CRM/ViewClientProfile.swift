public import SpotterDomain

/// Everything the front desk needs to know of one member.
public struct ViewClientProfile: Tool {
    /// Whose profile.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `view_client_profile`
    public let name = "view_client_profile"
    /// What a model is told.
    public let summary = """
        Read one member's profile (client details, account): contact, membership status, tags, notes, subscriptions, \
        visits of the last 30 days and of the 30 before, upcoming bookings, no-shows, failed payments, open tickets, \
        consents and the last status changes. Needs the client_id that search_clients answers. Use it to understand \
        one person before you answer or act.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the profile.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let id = arguments.clientId
        guard let profile = try await frontDesk.profile(of: id, at: context.now, in: context.scope) else {
            throw ToolFailure.unknown(id, "member", takeFrom: "search_clients")
        }
        let calendar = try GymCalendar(context.organization, now: context.now)
        var row = profile.card.row(calendar)
        row.set("subscriptions", .array(profile.subscriptions.map { $0.row(calendar) }))
        row.set("consents", .array(profile.consents.map { $0.row(calendar) }))
        row.set("status_changes", .array(profile.changes.map { $0.row(calendar) }))
        return [
            "summary": .string(sentence(profile, calendar)), "timezone": .string(calendar.timezone),
            "client": row.json,
        ]
    }

    private func sentence(_ profile: ClientProfile, _ calendar: GymCalendar) -> String {
        let card = profile.card
        let visits =
            card.lastVisitAt.map {
                "\(counted(card.recentVisits, "visit")) in the last 30 days (\(card.earlierVisits) in the 30 before), "
                    + "the last on \(calendar.name(of: calendar.day(of: $0)))"
            } ?? "no visit on record"
        var notes: [String] = [visits]
        if card.upcomingBookings > 0 { notes.append(counted(card.upcomingBookings, "upcoming booking")) }
        if card.recentFailedPayments > 0 {
            notes.append("\(counted(card.recentFailedPayments, "failed payment")) in 90 days")
        }
        if card.openTickets > 0 { notes.append(counted(card.openTickets, "open ticket")) }
        return "\(card.name) is \(card.status.phrase): \(notes.joined(separator: ", "))."
    }
}

extension ViewClientProfile.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = ["client_id": .client]
}

extension Field {
    /// A member by its id.
    static let client = Field("The member, by the id that search_clients answered.")
    /// A lead by its id.
    static let lead = Field("The lead, by the id that search_leads answered.")
    /// How many rows at most.
    static func rows(_ usual: Int, most: Int = 50) -> Field {
        Field("The most rows to answer; \(usual) if left out.", range: 1...Double(most), example: .int(Int64(usual)))
    }
}

extension Client.Status {
    /// `an active member`.
    var phrase: String {
        switch self {
        case .active: "an active member"
        case .trial: "on trial"
        case .paused: "a paused member"
        case .cancelled: "no longer a member"
        }
    }
}
