/// Marks the ids of notifications.
public enum NotificationKind: IdentifierKind {
    /// Ids begin with `note_`.
    public static let prefix = "note"
}

/// The id of a notification, such as `note_01h…`.
public typealias NotificationID = Identifier<NotificationKind>

/// Marks the ids of messages that go out.
public enum OutboxMessageKind: IdentifierKind {
    /// Ids begin with `mail_`.
    public static let prefix = "mail"
}

/// The id of a message that goes out, such as `mail_01h…`.
public typealias OutboxMessageID = Identifier<OutboxMessageKind>

/// Marks the ids of consents.
public enum ConsentKind: IdentifierKind {
    /// Ids begin with `consent_`.
    public static let prefix = "consent"
}

/// The id of a consent, such as `consent_01h…`.
public typealias ConsentID = Identifier<ConsentKind>

/// Marks the ids of an organisation's own templates of messages.
public enum MessageTemplateKind: IdentifierKind {
    /// Ids begin with `mtpl_`.
    public static let prefix = "mtpl"
}

/// The id of a template of messages, such as `mtpl_01h…`.
public typealias MessageTemplateID = Identifier<MessageTemplateKind>

/// Marks the ids of those who are in a campaign.
public enum CampaignMemberKind: IdentifierKind {
    /// Ids begin with `cmem_`.
    public static let prefix = "cmem"
}

/// The id of somebody's place in a campaign, such as `cmem_01h…`.
public typealias CampaignMemberID = Identifier<CampaignMemberKind>
