public import Foundation

/// Marks the ids of campaigns.
public enum CampaignKind: RecordKind {
    public typealias Fields = CampaignFields

    /// Ids begin with `camp_`.
    public static let prefix = "camp"
    /// What people call one.
    public static let noun = "campaign"
    /// As in `/v1/crm/campaigns`.
    public static let plural = "campaigns"
    /// None.
    public static let references: [RecordReference] = []
    /// By when it was made, among others.
    public static let filters: [RecordFilter.Member] = [.externalId, .status, .kind, .from, .to]
}

/// The id of a campaign, such as `camp_01h…`.
public typealias CampaignID = Identifier<CampaignKind>

/// Messages to many, for one purpose.
public typealias Campaign = GymRecord<CampaignKind>

/// What a campaign is for.
public enum CampaignSort: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case retention, bulk
    case leadNurture = "lead_nurture"
}

/// How far a campaign has come.
public enum CampaignStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case draft
    case awaitingApproval = "awaiting_approval"
    case running, completed, cancelled

    /// Whether nothing more is sent.
    public var isOver: Bool { self == .completed || self == .cancelled }
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

/// What a campaign sends to whom.
public struct CampaignFields: RecordFields {
    /// For the staff.
    public var name: String
    /// What it is for.
    public var kind: CampaignSort
    /// How far it has come.
    public var status: CampaignStatus
    /// Whom it is for, as the tool was asked.
    public var audience: JSONValue
    /// What is sent when.
    public var steps: [CampaignStep]
    /// Who made it: a token's subject or an agent's id.
    public var createdBy: String
    /// The same key is the same campaign: of those that tools make.
    public var idempotencyKey: String?
    /// When the first message is due.
    public var startsAt: Date?
    /// When it was over.
    public var completedAt: Date?

    /// A draft, unless said otherwise.
    public init(
        name: String, kind: CampaignSort, status: CampaignStatus = .draft, audience: JSONValue, steps: [CampaignStep],
        createdBy: String, idempotencyKey: String? = nil, startsAt: Date? = nil, completedAt: Date? = nil
    ) {
        self.name = name
        self.kind = kind
        self.status = status
        self.audience = audience
        self.steps = steps
        self.createdBy = createdBy
        self.idempotencyKey = idempotencyKey
        self.startsAt = startsAt
        self.completedAt = completedAt
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("For the staff.", length: 1...200, example: "We miss you"),
        "kind": Field("What it is for."),
        "status": Field("How far it has come: `draft` unless given."),
        "audience": Field("Whom it is for: any JSON of at most 32 KiB.", example: ["inactive_days": 30]),
        "steps": Field("What is sent when.", count: 0...20),
        "created_by": Field("Who made it."),
        "idempotency_key": Field("What a tool made it under."),
        "starts_at": Field("When the first message is due."),
        "completed_at": Field("When it was over."),
    ]

    /// A draft without messages.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["status": "draft", "audience": [:], "steps": [], "created_by": .string(setting.actor)]
    }

    /// What follows from who makes it and when it is over.
    public static let readOnly: Set<String> = ["created_by", "idempotency_key", "completed_at"]

    /// Rules of name and messages.
    public var issues: [FieldIssue] {
        var issues = [FieldRules.name(name)].compactMap(\.self)
        if audience.bytes.count > 32 * 1024 {
            issues.append(FieldIssue(pointer: "/audience", message: "must have at most 32768 bytes as JSON"))
        }
        for (index, step) in steps.enumerated() where step.channel == .email && step.subject == nil {
            issues.append(FieldIssue(pointer: "/steps/\(index)/subject", message: "is required of an e-mail"))
        }
        return issues
    }

    /// It was over when its status says so for the first time.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        completedAt = status.isOver ? completedAt ?? setting.now : nil
    }
}
