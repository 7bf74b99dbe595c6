public import Foundation

/// Marks the ids of visits.
public enum CheckInKind: RecordKind {
    public typealias Fields = CheckInFields

    /// Ids begin with `visit_`.
    public static let prefix = "visit"
    /// What people call one.
    public static let noun = "check-in"
    /// As in `/v1/crm/check-ins`.
    public static let plural = "check-ins"
    /// Who came, and to what.
    public static let references = [RecordReference("client_id", .client), RecordReference("session_id", .session)]
    /// By when they came, among others.
    public static let filters: [RecordFilter.Member] = [.externalId, .clientId, .sessionId, .from, .to]
}

/// The id of a visit, such as `visit_01h…`.
public typealias CheckInID = Identifier<CheckInKind>

/// A visit.
public typealias CheckIn = GymRecord<CheckInKind>

/// Who came when.
public struct CheckInFields: RecordFields {
    /// Who came.
    public var clientId: ClientID
    /// The session it was for, if there was one.
    public var sessionId: ClassSessionID?
    /// When.
    public var checkedInAt: Date

    /// A visit.
    public init(clientId: ClientID, sessionId: ClassSessionID? = nil, checkedInAt: Date) {
        self.clientId = clientId
        self.sessionId = sessionId
        self.checkedInAt = checkedInAt
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "client_id": Field("Who came."), "session_id": Field("The class session it was for, if there was one."),
        "checked_in_at": Field("When: now unless given."),
    ]

    /// They came now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["checked_in_at": .string(Timestamp.string(from: setting.now))]
    }
}
