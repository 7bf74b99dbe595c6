public import Foundation

/// A member of a record that names another one.
public struct RecordReference: Sendable, Hashable {
    /// What kind of record is named.
    public enum Target: String, Sendable, Hashable, CaseIterable {
        case staff, client, lead, gymClass, session, booking, plan, subscription, payment, conversation

        /// What people call one.
        public var noun: String {
            switch self {
            case .staff: StaffKind.noun
            case .client: ClientKind.noun
            case .lead: LeadKind.noun
            case .gymClass: GymClassKind.noun
            case .session: ClassSessionKind.noun
            case .booking: BookingKind.noun
            case .plan: MembershipPlanKind.noun
            case .subscription: SubscriptionKind.noun
            case .payment: PaymentKind.noun
            case .conversation: "conversation"
            }
        }

        /// What ids of it begin with.
        public var prefix: String {
            switch self {
            case .staff: StaffKind.prefix
            case .client: ClientKind.prefix
            case .lead: LeadKind.prefix
            case .gymClass: GymClassKind.prefix
            case .session: ClassSessionKind.prefix
            case .booking: BookingKind.prefix
            case .plan: MembershipPlanKind.prefix
            case .subscription: SubscriptionKind.prefix
            case .payment: PaymentKind.prefix
            case .conversation: ConversationKind.prefix
            }
        }

        /// Whether such records can also be told by what the gym's own system calls them.
        public var hasExternalIds: Bool { self != .conversation }
        /// Whether such records can also be told by an e-mail address.
        public var hasEmails: Bool { [.staff, .client, .lead].contains(self) }
    }

    /// The member's name in JSON, such as `client_id`.
    public let member: String
    /// What it names.
    public let target: Target

    /// A member that names a record of a kind.
    public init(_ member: String, _ target: Target) {
        self.member = member
        self.target = target
    }

    /// The member with the `_id` at its end taken away, as in `client`.
    public var stem: String { member.hasSuffix("_id") ? String(member.dropLast(3)) : member }
    /// The member that names the same record by what the gym's own system calls it, such as `client_external_id`.
    public var externalMember: String? { target.hasExternalIds ? "\(stem)_external_id" : nil }
    /// The member that names the same record by an e-mail address, such as `client_email`.
    public var emailMember: String? { target.hasEmails ? "\(stem)_email" : nil }

    /// The bits of an id of the target, from its text; nil for any other text.
    public func uuid(of text: String) -> UUID? { TypeID.decode(text, prefix: target.prefix) }
    /// The text of an id of the target.
    public func text(of uuid: UUID) -> String { TypeID.encode(uuid, prefix: target.prefix) }
}

extension RecordReference {
    /// A record as something else than its id tells it.
    public enum Handle: Sendable, Hashable {
        /// By what the gym's own system calls it.
        case external(Target, String)
        /// By its e-mail address, whatever the case.
        case email(Target, String)

        /// What kind of record it is.
        public var target: Target {
            switch self {
            case .external(let target, _), .email(let target, _): target
            }
        }
    }
}
