public import Foundation

/// Sequences of messages to many members, step by step.
public protocol CampaignDesk: Sendable {
    /// Counts whom a campaign would reach, and with `isDryRun` does no more; else keeps it with its members, once for
    /// each key. Nothing is kept where nobody is reached, or more than `order.most`.
    func create(_ order: CampaignOrder, in scope: OrganizationScope) async throws -> CampaignOutcome
    /// Members whose next step is due, the longest due first, each of which is the caller's until `until`. Those whom
    /// the campaign's stop rule meets are stopped instead.
    func claimDue(
        at now: Date, until: Date, limit: Int, in scope: OrganizationScope
    ) async throws -> [CampaignTurn]
    /// Writes that a step was handed over, or why the member gets no more; and ends the campaign with its last member.
    func record(
        _ outcome: CampaignTurnOutcome, of turn: CampaignTurn, at now: Date, in scope: OrganizationScope
    ) async throws
}

/// Whom a retention campaign is for. Every member of the organisation unless narrowed down.
public struct CampaignAudience: Sendable, Codable, Hashable, FieldsDescribed {
    /// Those with one of these statuses; nil means active ones.
    public var statuses: [Client.Status]?
    /// Those with any of these labels.
    public var tags: [String]?
    /// Those without a visit for so many days.
    public var inactiveDays: Int?
    /// Exactly these, within what else is said.
    public var clientIds: [ClientID]?

    /// An audience.
    public init(
        statuses: [Client.Status]? = nil, tags: [String]? = nil, inactiveDays: Int? = nil, clientIds: [ClientID]? = nil
    ) {
        self.statuses = statuses
        self.tags = tags
        self.inactiveDays = inactiveDays
        self.clientIds = clientIds
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "statuses": Field("Members with one of these statuses; active ones if left out.", count: 1...4),
        "tags": Field("Members with any of these tags.", count: 1...20),
        "inactive_days": Field("Members without a visit for so many days.", range: 1...730),
        "client_ids": Field("Only these members, by ids that search_clients answered.", count: 1...500),
    ]
}

/// What ends a campaign for a member before its last step.
public enum CampaignStop: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// A visit since the campaign began.
    case visit
    /// A booking made since the campaign began.
    case booking
    /// Nothing but the end of the membership.
    case never
}

/// A campaign that is to be.
public struct CampaignOrder: Sendable {
    /// Its id, unless its key made one already.
    public let id: CampaignID
    /// For the staff.
    public let name: String
    /// Whom it is for.
    public let audience: CampaignAudience
    /// What ends it early.
    public let stop: CampaignStop
    /// What is sent when; at least one.
    public let steps: [CampaignStep]
    /// When the first step counts from.
    public let startsAt: Date
    /// Whether it begins by itself, or waits as a draft.
    public let begins: Bool
    /// The most members.
    public let most: Int
    /// Who makes it.
    public let by: String
    /// The same key is the same campaign.
    public let key: String
    /// When it is made.
    public let at: Date
    /// Whether it is only asked what would happen.
    public let isDryRun: Bool

    /// A campaign.
    public init(
        id: CampaignID, name: String, audience: CampaignAudience, stop: CampaignStop, steps: [CampaignStep],
        startsAt: Date, begins: Bool, most: Int, by: String, key: String, at: Date, isDryRun: Bool
    ) {
        self.id = id
        self.name = name
        self.audience = audience
        self.stop = stop
        self.steps = steps
        self.startsAt = startsAt
        self.begins = begins
        self.most = most
        self.by = by
        self.key = key
        self.at = at
        self.isDryRun = isDryRun
    }

    /// When a step is due: each so many days after the one before.
    public func dueAt(_ index: Int) -> Date {
        startsAt.addingTimeInterval(Double(steps.prefix(index + 1).reduce(0) { $0 + $1.delayDays }) * 86_400)
    }
}

/// Whom a campaign reaches.
public struct CampaignOutcome: Sendable, Decodable {
    /// The campaign under the key, if one stands.
    public let id: CampaignID?
    /// Members whom the audience describes.
    public let matching: Int
    /// Those of them who said yes to marketing by a channel of the steps, and can be written to by it.
    public let reachable: Int
    /// Those of them who never said yes to it, or took it back.
    public let withoutConsent: Int

    /// An outcome.
    public init(id: CampaignID?, matching: Int, reachable: Int, withoutConsent: Int) {
        self.id = id
        self.matching = matching
        self.reachable = reachable
        self.withoutConsent = withoutConsent
    }
}

/// A member of a campaign whose next step is due.
public struct CampaignTurn: Sendable {
    /// The place in the campaign.
    public let member: UUID
    /// The campaign.
    public let campaign: CampaignID
    /// Who.
    public let client: ClientID
    /// The name.
    public let name: String
    /// Which step, from 0.
    public let index: Int
    /// What is sent.
    public let step: CampaignStep
    /// Days until the step after it; nil for the last.
    public let nextDelayDays: Int?

    /// A turn.
    public init(
        member: UUID, campaign: CampaignID, client: ClientID, name: String, index: Int, step: CampaignStep,
        nextDelayDays: Int?
    ) {
        self.member = member
        self.campaign = campaign
        self.client = client
        self.name = name
        self.index = index
        self.step = step
        self.nextDelayDays = nextDelayDays
    }

    /// The same for this member and step, however often it is tried.
    public var key: String { "campaign:\(campaign):\(client):\(index)" }
}

/// What became of a step.
public enum CampaignTurnOutcome: Sendable, Hashable {
    /// It was handed over.
    case sent
    /// The member gets no more: why.
    case stopped(String)
    /// It is tried again later.
    case postponed(until: Date)
}

/// Where a campaign's messages go: to the outbox, which has the rules of consent and quiet hours.
public protocol CampaignMessenger: Sendable {
    /// Hands one step's message over, once for each key.
    func send(_ turn: CampaignTurn, in scope: OrganizationScope, at now: Date) async throws -> CampaignTurnOutcome
}
