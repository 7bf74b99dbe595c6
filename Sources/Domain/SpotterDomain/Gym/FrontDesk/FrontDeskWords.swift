/// What became of a booking.
public enum BookingStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case booked, waitlisted, attended
    case noShow = "no_show"
    case cancelled
}

/// How things stand with a payment.
public enum PaymentStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case pending, succeeded, failed
}

/// How money came.
public enum PaymentMethod: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case card
    case directDebit = "direct_debit"
    case cash, transfer, other
}

/// What money came for.
public enum PaymentSort: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case membership
    case dropIn = "drop_in"
    case personalTraining = "personal_training"
    case product, other
}

/// How things stand with a membership that is paid for again and again.
public enum SubscriptionStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case trialing, active
    case pastDue = "past_due"
    case paused, cancelled
}

/// Where in the pipeline a lead is, in its order.
public enum LeadStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case new, contacted, qualified
    case trialBooked = "trial_booked"
    case trialAttended = "trial_attended"
    case won, lost
}

/// For whom a programme is.
public enum ClassLevel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case beginner, intermediate, advanced, all
}

/// Where a post appears.
public enum SocialPlatform: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case instagram, facebook, x, tiktok, linkedin
}

/// By which way a message reaches somebody outside.
public enum MessageChannel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case email, sms
}

/// One message of a campaign.
public struct CampaignStep: Sendable, Codable, Hashable, FieldsDescribed {
    /// How it is sent.
    public var channel: MessageChannel
    /// Of an e-mail.
    public var subject: String?
    /// Plain text, in which `{{first_name}}` and the like are filled in.
    public var body: String
    /// Days after the one before; after the start, for the first.
    public var delayDays: Int

    /// A message so many days after the one before.
    public init(channel: MessageChannel, subject: String? = nil, body: String, delayDays: Int = 0) {
        self.channel = channel
        self.subject = subject
        self.body = body
        self.delayDays = delayDays
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "channel": Field("How it is sent."), "subject": Field("Of an e-mail.", length: 1...300),
        "body": Field("Plain text.", length: 1...20_000),
        "delay_days": Field("Days after the one before; after the start, for the first.", range: 0...365),
    ]
}
