/// Marks the ids of membership plans.
public enum MembershipPlanKind: RecordKind {
    /// What one says.
    public typealias Fields = MembershipPlanFields

    /// Ids begin with `mplan_`.
    public static let prefix = "mplan"
    /// What people call one.
    public static let noun = "membership plan"
    /// As in `/v1/crm/plans`.
    public static let plural = "plans"
    /// None.
    public static let references: [RecordReference] = []
    /// By whether they can be had.
    public static let filters: [RecordFilter.Member] = [.externalId, .status]
}

/// The id of a membership plan, such as `mplan_01h…`.
public typealias MembershipPlanID = Identifier<MembershipPlanKind>

/// What can be subscribed to.
public typealias MembershipPlan = GymRecord<MembershipPlanKind>

/// What a payment is for the time of, times a count.
public enum BillingPeriod: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case week, month, year
}

/// What a membership plan is.
public struct MembershipPlanFields: RecordFields {
    /// What members call it, such as "Monthly".
    public var name: String
    /// What it includes; may be empty.
    public var description: String
    /// What is paid each time.
    public var amount: Money
    /// From payment to payment, times `periodCount`.
    public var period: BillingPeriod
    /// How many periods a payment is for.
    public var periodCount: Int
    /// Whether it can be had now.
    public var isActive: Bool

    /// A plan that can be had now, unless said otherwise.
    public init(
        name: String, description: String = "", amount: Money, period: BillingPeriod, periodCount: Int = 1,
        isActive: Bool = true
    ) {
        self.name = name
        self.description = description
        self.amount = amount
        self.period = period
        self.periodCount = periodCount
        self.isActive = isActive
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("What members call it.", length: 1...200, example: "Monthly"),
        "description": Field("What it includes.", length: 0...5_000),
        "amount": Field("What is paid each time, in the gym's currency unless another is given."),
        "period": Field("From payment to payment, times `period_count`.", example: "month"),
        "period_count": Field("How many periods a payment is for: 1 unless given.", range: 1...120),
        "is_active": Field("Whether it can be had now: true unless given."),
    ]

    /// A plan that can be had now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["description": "", "period_count": 1, "is_active": true]
    }

    /// Rules of name and amount.
    public var issues: [FieldIssue] {
        [FieldRules.name(name)].compactMap(\.self) + FieldRules.amount(amount, at: "/amount")
    }

    /// An amount that can be paid.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        try FieldRules.minorUnits(amount, old?.amount)
    }
}
