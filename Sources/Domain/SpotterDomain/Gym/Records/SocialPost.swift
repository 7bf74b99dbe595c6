public import Foundation

/// Marks the ids of posts.
public enum SocialPostKind: RecordKind {
    public typealias Fields = SocialPostFields

    /// Ids begin with `post_`.
    public static let prefix = "post"
    /// What people call one.
    public static let noun = "social post"
    /// As in `/v1/crm/social-posts`.
    public static let plural = "social-posts"
    /// None.
    public static let references: [RecordReference] = []
    /// By when it is planned, among others; `kind` is the platform.
    public static let filters: [RecordFilter.Member] = [.externalId, .status, .kind, .from, .to]
}

/// The id of a post, such as `post_01h…`.
public typealias SocialPostID = Identifier<SocialPostKind>

/// A post, written or planned.
public typealias SocialPost = GymRecord<SocialPostKind>

/// Where a post appears.
public enum SocialPlatform: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case instagram, facebook, x, tiktok, linkedin
}

/// How far a post has come.
public enum SocialPostStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case draft, scheduled, published, failed, cancelled
}

/// What a post says where.
public struct SocialPostFields: RecordFields {
    /// Where it appears.
    public var platform: SocialPlatform
    /// What it says.
    public var content: String
    /// Without the `#`.
    public var hashtags: [String]
    /// A picture or a film.
    public var mediaUrl: String?
    /// How far it has come.
    public var status: SocialPostStatus
    /// When it is to appear.
    public var scheduledAt: Date?
    /// When it appeared.
    public var publishedAt: Date?
    /// What the platform calls it.
    public var providerId: String?
    /// Why the platform did not take it.
    public var error: String?
    /// Who made it: a token's subject or an agent's id.
    public var createdBy: String
    /// The same key is the same post: of those that tools make.
    public var idempotencyKey: String?

    /// A draft, unless said otherwise.
    public init(
        platform: SocialPlatform, content: String, hashtags: [String] = [], mediaUrl: String? = nil,
        status: SocialPostStatus = .draft, scheduledAt: Date? = nil, publishedAt: Date? = nil,
        providerId: String? = nil, error: String? = nil, createdBy: String, idempotencyKey: String? = nil
    ) {
        self.platform = platform
        self.content = content
        self.hashtags = hashtags
        self.mediaUrl = mediaUrl
        self.status = status
        self.scheduledAt = scheduledAt
        self.publishedAt = publishedAt
        self.providerId = providerId
        self.error = error
        self.createdBy = createdBy
        self.idempotencyKey = idempotencyKey
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "platform": Field("Where it appears."),
        "content": Field("What it says.", length: 1...10_000, example: "Spin is back on Mondays."),
        "hashtags": Field("Without the `#`.", count: 0...30),
        "media_url": Field("A picture or a film.", length: 1...2_000),
        "status": Field("How far it has come: `scheduled` where it has a time, else `draft`, unless given."),
        "scheduled_at": Field("When it is to appear."),
        "published_at": Field("When it appeared."),
        "provider_id": Field("What the platform calls it.", length: 1...200),
        "error": Field("Why the platform did not take it.", length: 1...2_000),
        "created_by": Field("Who made it."),
        "idempotency_key": Field("What a tool made it under."),
    ]

    /// A draft.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["hashtags": [], "status": "draft", "created_by": .string(setting.actor)]
    }

    /// What follows from who makes it.
    public static let readOnly: Set<String> = ["created_by", "idempotency_key"]

    /// Rules of address and labels; what is planned has a time.
    public var issues: [FieldIssue] {
        var issues = [FieldRules.address(mediaUrl, at: "/media_url")].compactMap(\.self)
        issues += FieldRules.tags(hashtags, at: "/hashtags")
        if status == .scheduled, scheduledAt == nil {
            issues.append(FieldIssue(pointer: "/scheduled_at", message: "is required of a scheduled post"))
        }
        return issues
    }

    /// A new one with a time is planned; a published one has appeared.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        if old == nil, status == .draft, scheduledAt != nil { status = .scheduled }
        if status == .published { publishedAt = publishedAt ?? setting.now }
    }
}
