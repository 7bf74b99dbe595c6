public import Foundation

/// Somebody who may become a member, as a list shows it.
public struct LeadView: Sendable, Decodable {
    /// The lead.
    public let id: LeadID
    /// First and last name.
    public let name: String
    /// An e-mail address, where one is known.
    public let email: String?
    /// A phone number as it was given, where one is known.
    public let phone: String?
    /// Where in the pipeline.
    public let status: String
    /// Where they came from.
    public let source: String?
    /// The gym's own labels.
    public let tags: [String]
    /// What they said they want.
    public let interest: String
    /// Who of the staff looks after them.
    public let assignedTo: String?
    /// When somebody is to get in touch.
    public let nextFollowUpAt: Date?
    /// When they first got in touch.
    public let createdAt: Date
}

/// What the front desk is shown of one lead.
public struct LeadProfile: Sendable {
    /// As a list shows it.
    public let lead: LeadView
    /// What a list leaves out.
    public let details: Details
    /// Trials, tours and other appointments, the latest first.
    public let appointments: [CalendarEntry]
    /// Whether the lead may be written to: the newest word on each channel and purpose.
    public let consents: [ConsentView]
    /// The last changes of the status, newest first.
    public let changes: [StatusChangeView]

    /// What a list leaves out.
    public struct Details: Sendable, Decodable {
        /// What the staff noted.
        public let notes: String
        /// Why they were lost, where they were and it was said.
        public let lostReason: String?
        /// The member that they became.
        public let clientId: ClientID?
        /// Tickets that are open or pending.
        public let openTickets: Int
    }

    /// Puts a profile together.
    public init(
        lead: LeadView, details: Details, appointments: [CalendarEntry], consents: [ConsentView],
        changes: [StatusChangeView]
    ) {
        self.lead = lead
        self.details = details
        self.appointments = appointments
        self.consents = consents
        self.changes = changes
    }
}

/// Which leads are wanted. What is nil lets everything pass.
public struct LeadQuery: Sendable {
    /// Words, each of which begins a word of the name, the address or the number.
    public var words: [String]
    /// Only of this status.
    public var status: String?
    /// From here.
    public var source: String?
    /// With this label.
    public var tag: String?
    /// First got in touch in this range.
    public var created: Range<Date>?
    /// Somebody is to get in touch before this.
    public var followUpBefore: Date?
    /// The most rows.
    public var limit: Int

    /// A query for everything, at most `limit` rows.
    public init(words: [String] = [], limit: Int) {
        self.words = words
        self.limit = limit
    }
}
