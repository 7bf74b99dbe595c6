/// Every kind of the gym's records, by its plural.
public enum RecordKinds {
    /// In the order in which they can be brought in: what others refer to comes first.
    public static let all: [any RecordKind.Type] = [
        StaffKind.self, ClientKind.self, LeadKind.self, GymClassKind.self, ClassSessionKind.self, BookingKind.self,
        MembershipPlanKind.self, SubscriptionKind.self, PaymentKind.self, RefundKind.self, CheckInKind.self,
        TicketKind.self, CampaignKind.self, SocialPostKind.self, CalendarEventKind.self,
        MessageTemplateKind.self,
    ]

    /// The kind of a plural, such as `class-sessions`; nil for anything else.
    public static func named(_ plural: String) -> (any RecordKind.Type)? { all.first { $0.plural == plural } }
}
