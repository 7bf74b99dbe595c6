public import Foundation

/// Marks the ids of subscriptions.
public enum SubscriptionKind: RecordKind {
    /// What one says.
    public typealias Fields = SubscriptionFields

    /// Ids begin with `sub_`.
    public static let prefix = "sub"
    /// What people call one.
    public static let noun = "subscription"
    /// As in `/v1/crm/subscriptions`.
    public static let plural = "subscriptions"
    /// The member and the plan.
    public static let references = [RecordReference("client_id", .client), RecordReference("plan_id", .plan)]
    /// By the time of the beginning, among others.
    public static let filters: [RecordFilter.Member] = [.externalId, .status, .clientId, .planId, .from, .to]
}

/// The id of a subscription, such as `sub_01h…`.
public typealias SubscriptionID = Identifier<SubscriptionKind>

/// A membership that is paid for from time to time.
public typealias Subscription = GymRecord<SubscriptionKind>

/// How things stand with a subscription.
public enum SubscriptionStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case trialing, active
    case pastDue = "past_due"
    case paused, cancelled

    /// Whether it counts as recurring revenue.
    public var isPaying: Bool { self == .active || self == .pastDue }
}

/// What a subscription is now.
public struct SubscriptionFields: RecordFields {
    /// The member who pays.
    public var clientId: ClientID
    /// The plan; nil for a price of its own.
    public var planId: MembershipPlanID?
    /// How things stand.
    public var status: SubscriptionStatus
    /// What is paid each time.
    public var amount: Money
    /// From payment to payment, times `periodCount`.
    public var period: BillingPeriod
    /// How many periods a payment is for.
    public var periodCount: Int
    /// When it began.
    public var startedAt: Date
    /// When it ended; nil while it lasts.
    public var cancelledAt: Date?
    /// Why it ended.
    public var cancelReason: String?
    /// The day of the next payment.
    public var nextPaymentOn: Day?

    /// An active subscription, unless said otherwise.
    public init(
        clientId: ClientID, planId: MembershipPlanID? = nil, status: SubscriptionStatus = .active, amount: Money,
        period: BillingPeriod, periodCount: Int = 1, startedAt: Date, cancelledAt: Date? = nil,
        cancelReason: String? = nil, nextPaymentOn: Day? = nil
    ) {
        self.clientId = clientId
        self.planId = planId
        self.status = status
        self.amount = amount
        self.period = period
        self.periodCount = periodCount
        self.startedAt = startedAt
        self.cancelledAt = cancelledAt
        self.cancelReason = cancelReason
        self.nextPaymentOn = nextPaymentOn
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "client_id": Field("The member who pays."),
        "plan_id": Field("The membership plan."),
        "status": Field("How things stand: `active` unless given."),
        "amount": Field("What is paid each time, in the gym's currency unless another is given."),
        "period": Field("From payment to payment, times `period_count`.", example: "month"),
        "period_count": Field("How many periods a payment is for: 1 unless given.", range: 1...120),
        "started_at": Field("When it began: now unless given."),
        "cancelled_at": Field("When it ended: with status `cancelled` only, now unless given."),
        "cancel_reason": Field("Why it ended: with status `cancelled` only.", length: 1...500),
        "next_payment_on": Field("The day of the next payment."),
    ]

    /// An active subscription that begins now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["status": "active", "period_count": 1, "started_at": .string(Timestamp.string(from: setting.now))]
    }

    /// Rules of amount and times.
    public var issues: [FieldIssue] {
        var issues = FieldRules.amount(amount, at: "/amount")
        if let cancelledAt, cancelledAt < startedAt {
            issues.append(FieldIssue(pointer: "/cancelled_at", message: "must not be before started_at"))
        }
        return issues
    }

    /// It stays whose it is and when it began, and has an end where it is cancelled: one that is not to come.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        if status != .cancelled {
            try FieldRules.clear(&cancelledAt, old?.cancelledAt, unless: "cancelled", at: "/cancelled_at")
            try FieldRules.clear(&cancelReason, old?.cancelReason, unless: "cancelled", at: "/cancel_reason")
        } else {
            let end = cancelledAt ?? max(setting.now, startedAt)
            cancelledAt = end
            nextPaymentOn = nil
            if end > setting.now, end > startedAt {
                throw SpotterError.invalid("/cancelled_at", "must not be in the future: cancel it on that day")
            }
        }
        try FieldRules.minorUnits(amount, old?.amount)
        try FieldRules.constant(clientId, old?.clientId, at: "/client_id")
        try FieldRules.constant(startedAt, old?.startedAt, at: "/started_at")
    }

    /// What it comes to in a month; nothing unless it is paid for. A year has 12 months and 365.25 / 7 weeks.
    public var monthlyAmount: Money {
        guard status.isPaying else { return Money(0, amount.currency) }
        let month =
            switch period {
            case .week: amount.amount * 36_525 / 8_400
            case .month: amount.amount
            case .year: amount.amount / 12
            }
        return Money((month / Decimal(periodCount)).rounded(to: 8), amount.currency)
    }
}

/// What a subscription was for a while.
public struct SubscriptionChange: Sendable, Codable, Hashable {
    /// The subscription.
    public let subscriptionId: SubscriptionID
    /// The member who pays.
    public let clientId: ClientID
    /// The plan at that time.
    public let planId: MembershipPlanID?
    /// How things stood.
    public let status: SubscriptionStatus
    /// What it came to in a month; nothing unless it was paid for.
    public let monthlyAmount: Money
    /// From when on.
    public let validFrom: Date
    /// Until when; nil: still.
    public var validUntil: Date?

    /// A while of a subscription; see the members.
    public init(
        subscriptionId: SubscriptionID, clientId: ClientID, planId: MembershipPlanID?, status: SubscriptionStatus,
        monthlyAmount: Money, validFrom: Date, validUntil: Date? = nil
    ) {
        self.subscriptionId = subscriptionId
        self.clientId = clientId
        self.planId = planId
        self.status = status
        self.monthlyAmount = monthlyAmount
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    /// What a subscription is from some time on.
    public init(_ subscription: Subscription, from start: Date, status: SubscriptionStatus? = nil) {
        var fields = subscription.fields
        fields.status = status ?? fields.status
        self.init(
            subscriptionId: subscription.id, clientId: fields.clientId, planId: fields.planId, status: fields.status,
            monthlyAmount: fields.monthlyAmount, validFrom: start)
    }

    /// Whether another one says the same of its time.
    public func saysSame(as other: SubscriptionChange) -> Bool {
        planId == other.planId && status == other.status && monthlyAmount == other.monthlyAmount
    }
}

extension SubscriptionChange {
    /// How the history goes on after a subscription was written: the open entry ends where the next begins, so that
    /// there is neither a gap nor an overlap.
    ///
    /// - Parameters:
    ///   - open: the entry that is still valid; nil for a new subscription.
    /// - Returns: when the open entry ends, nil where it goes on; and what comes after it.
    public static func following(
        _ open: SubscriptionChange?, _ subscription: Subscription, at now: Date
    ) -> (end: Date?, next: [SubscriptionChange]) {
        guard let open else {
            let first = SubscriptionChange(subscription, from: subscription.startedAt)
            guard let end = subscription.cancelledAt, end > subscription.startedAt else { return (nil, [first]) }
            // Brought in when it was over already: it was active until then.
            var life = SubscriptionChange(subscription, from: subscription.startedAt, status: .active)
            life.validUntil = end
            return (nil, [life, SubscriptionChange(subscription, from: end)])
        }
        let start = max(subscription.cancelledAt ?? now, open.validFrom)
        let next = SubscriptionChange(subscription, from: start)
        return open.saysSame(as: next) ? (nil, []) : (start, [next])
    }
}
