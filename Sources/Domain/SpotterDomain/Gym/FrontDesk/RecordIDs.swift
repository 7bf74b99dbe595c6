/// Marks the ids of leads.
public enum LeadKind: IdentifierKind {
    /// Ids begin with `lead_`.
    public static let prefix = "lead"
}

/// The id of a lead, such as `lead_01h…`.
public typealias LeadID = Identifier<LeadKind>

/// Marks the ids of staff.
public enum StaffKind: IdentifierKind {
    /// Ids begin with `staff_`.
    public static let prefix = "staff"
}

/// The id of somebody who works at the gym, such as `staff_01h…`.
public typealias StaffID = Identifier<StaffKind>

/// Marks the ids of memberships.
public enum SubscriptionKind: IdentifierKind {
    /// Ids begin with `sub_`.
    public static let prefix = "sub"
}

/// The id of a membership, such as `sub_01h…`.
public typealias SubscriptionID = Identifier<SubscriptionKind>

/// Marks the ids of payments.
public enum PaymentKind: IdentifierKind {
    /// Ids begin with `payment_`.
    public static let prefix = "payment"
}

/// The id of a payment, such as `payment_01h…`.
public typealias PaymentID = Identifier<PaymentKind>

/// Marks the ids of tickets.
public enum TicketKind: IdentifierKind {
    /// Ids begin with `ticket_`.
    public static let prefix = "ticket"
}

/// The id of a ticket, such as `ticket_01h…`.
public typealias TicketID = Identifier<TicketKind>

/// Marks the ids of campaigns.
public enum CampaignKind: IdentifierKind {
    /// Ids begin with `campaign_`.
    public static let prefix = "campaign"
}

/// The id of a campaign, such as `campaign_01h…`.
public typealias CampaignID = Identifier<CampaignKind>

/// Marks the ids of posts.
public enum SocialPostKind: IdentifierKind {
    /// Ids begin with `post_`.
    public static let prefix = "post"
}

/// The id of a post, such as `post_01h…`.
public typealias SocialPostID = Identifier<SocialPostKind>

/// Marks the ids of appointments.
public enum CalendarEventKind: IdentifierKind {
    /// Ids begin with `appt_`.
    public static let prefix = "appt"
}

/// The id of an appointment, such as `appt_01h…`.
public typealias CalendarEventID = Identifier<CalendarEventKind>
