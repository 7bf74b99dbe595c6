/// How a message is sent.
public enum MessageChannel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case email, sms
}

/// What a message is for: what somebody has to know, or what they may like to.
public enum MessagePurpose: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case transactional, marketing
}

/// Where a consent was said.
public enum ConsentSource: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case form
    case imported = "import"
    case stopMessage = "stop_message"
    case staff, api
}

/// How much a notification matters.
public enum NotificationLevel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case info, warning, urgent
}

/// What has become of a message that goes out.
public enum OutboxStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// No way out is configured.
    case held
    case queued, sending, sent, failed
    /// Whether it went out is not known.
    case needsReview = "needs_review"
    case cancelled
    /// The person does not want it.
    case suppressed
}

/// How far somebody is in a campaign.
public enum CampaignMemberStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case active, completed, stopped
}
