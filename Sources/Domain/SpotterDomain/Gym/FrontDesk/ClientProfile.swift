public import Foundation

/// What the front desk is shown of one member: the record, and what has come of it lately.
public struct ClientProfile: Sendable {
    /// The record with its figures.
    public let card: Card
    /// Memberships, the newest first.
    public let subscriptions: [SubscriptionView]
    /// Whether the member may be written to: the newest word on each channel and purpose.
    public let consents: [ConsentView]
    /// The last changes of the status, newest first.
    public let changes: [StatusChangeView]

    /// A member as the records have it.
    public struct Card: Sendable, Decodable {
        /// The member.
        public let id: ClientID
        /// First and last name.
        public let name: String
        /// An e-mail address, where one is known.
        public let email: String?
        /// A phone number as it was given, where one is known.
        public let phone: String?
        /// How things stand with the membership.
        public let status: Client.Status
        /// The gym's own labels.
        public let tags: [String]
        /// The day the membership began.
        public let joinedOn: Date
        /// The day it ended, such as `2026-11-30`; nil while it lasts.
        public let cancelledOn: String?
        /// The day of birth, where it is known.
        public let birthday: String?
        /// How they came to the gym.
        public let source: String?
        /// Who of the staff looks after them.
        public let assignedTo: String?
        /// What the staff noted.
        public let notes: String
        /// The last visit: a check-in, or a class attended.
        public let lastVisitAt: Date?
        /// Visits in the last 30 days: check-ins, and classes attended without one.
        public let recentVisits: Int
        /// Visits in the 30 days before those.
        public let earlierVisits: Int
        /// Bookings of sessions still to come.
        public let upcomingBookings: Int
        /// Bookings of the last 90 days that nobody came to.
        public let recentNoShows: Int
        /// Payments of the last 90 days that failed.
        public let recentFailedPayments: Int
        /// When money last came in.
        public let lastPaidAt: Date?
        /// Tickets that are open or pending.
        public let openTickets: Int
    }

    /// Puts a profile together.
    public init(
        card: Card, subscriptions: [SubscriptionView], consents: [ConsentView], changes: [StatusChangeView]
    ) {
        self.card = card
        self.subscriptions = subscriptions
        self.consents = consents
        self.changes = changes
    }
}

/// A membership with its plan.
public struct SubscriptionView: Sendable, Decodable {
    /// The membership.
    public let id: SubscriptionID
    /// Whose it is.
    public let clientId: ClientID
    /// The member's name.
    public let client: String
    /// What was subscribed to; nil where the plan is gone.
    public let plan: String?
    /// `trialing`, `active`, `past_due`, `paused` or `cancelled`.
    public let status: String
    /// What is paid every period.
    public let amount: Decimal
    /// ISO 4217.
    public let currency: String
    /// `week`, `month` or `year`.
    public let period: String
    /// How many of them from payment to payment.
    public let periodCount: Int
    /// What it comes to in a month.
    public let monthlyAmount: Decimal
    /// When it began.
    public let startedAt: Date
    /// When it ended; nil while it lasts.
    public let cancelledAt: Date?
    /// Why it ended, where that was said.
    public let cancelReason: String?
    /// The day of the next payment, such as `2026-12-01`.
    public let nextPaymentOn: String?
}

/// The newest word on whether somebody may be written to.
public struct ConsentView: Sendable, Decodable {
    /// `email` or `sms`.
    public let channel: String
    /// `transactional` or `marketing`.
    public let purpose: String
    /// Whether it was given, or taken back.
    public let isGranted: Bool
    /// When.
    public let recordedAt: Date
}

/// One step of a member's or a lead's status.
public struct StatusChangeView: Sendable, Decodable {
    /// Before; nil for the first.
    public let fromStatus: String?
    /// After.
    public let toStatus: String
    /// Why, where that was said.
    public let reason: String?
    /// Who changed it.
    public let changedBy: String
    /// When.
    public let changedAt: Date
}
