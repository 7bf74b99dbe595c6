public import Foundation

/// Which records a list shows. What is nil lets everything pass; what a kind does not have is not looked at.
public struct RecordFilter: Sendable, Hashable {
    /// What lists can be narrowed by, as the API names it.
    public enum Member: String, Sendable, Hashable, CaseIterable {
        case externalId = "external_id"
        case status, kind, email, phone, tag
        case clientId = "client_id"
        case leadId = "lead_id"
        case staffId = "staff_id"
        case assignedTo = "assigned_to"
        case classId = "class_id"
        case sessionId = "session_id"
        case planId = "plan_id"
        case subscriptionId = "subscription_id"
        case paymentId = "payment_id"
        /// At or after this moment: of the time that the kind is about.
        case from
        /// Before this moment.
        case to
        /// Words to find.
        case words = "q"
    }

    /// Only that of this external id.
    public var externalId: String?
    /// Only those with this status; for staff, classes and plans `active` or `inactive`.
    public var status: String?
    /// Only those of this sort.
    public var kind: String?
    /// Only those with this e-mail address, whatever the case.
    public var email: String?
    /// Only those with this phone number, by its digits.
    public var phone: String?
    /// Only those with this label.
    public var tag: String?
    /// Only those of this member.
    public var client: ClientID?
    /// Only those of this lead.
    public var lead: LeadID?
    /// Only those held by, or assigned to, this one of the staff.
    public var staff: StaffID?
    /// Only those that hang on this record: the class of a session, the session of a booking or visit, the plan of a
    /// subscription, the subscription of a payment, the payment of a refund.
    public var parent: UUID?
    /// Only those at or after this moment.
    public var from: Date?
    /// Only those before this moment.
    public var to: Date?
    /// Only those with a word that begins with each of these.
    public var words: [String] = []

    /// A filter that lets everything pass.
    public init() {}
}
