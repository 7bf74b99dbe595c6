/// By which way a message reaches somebody outside.
public enum MessageChannel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case email, sms

    /// As a sentence names it.
    public var noun: String {
        switch self {
        case .email: "e-mail"
        case .sms: "SMS"
        }
    }
}

/// What a message is for, which decides whether somebody has to have agreed to it.
public enum MessagePurpose: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// Something that the person has asked for or has to know: a confirmation, a failed payment.
    case transactional
    /// Everything else: needs consent.
    case marketing
}

/// Whom a message is for: always one of the organisation's own records.
public enum MessagePerson: Sendable, Hashable {
    case client(ClientID)
    case lead(LeadID)
    case staff(StaffID)

    /// Reads an id of any of the three.
    public init?(_ text: String) {
        if let id = ClientID(text) {
            self = .client(id)
        } else if let id = LeadID(text) {
            self = .lead(id)
        } else if let id = StaffID(text) {
            self = .staff(id)
        } else {
            return nil
        }
    }

    /// The id as text.
    public var id: String {
        switch self {
        case .client(let id): id.description
        case .lead(let id): id.description
        case .staff(let id): id.description
        }
    }

    /// Nil for anybody else than a member.
    public var clientID: ClientID? { if case .client(let id) = self { id } else { nil } }
    /// Nil for anybody else than a lead.
    public var leadID: LeadID? { if case .lead(let id) = self { id } else { nil } }
    /// Nil for anybody who does not work at the gym.
    public var staffID: StaffID? { if case .staff(let id) = self { id } else { nil } }
}
