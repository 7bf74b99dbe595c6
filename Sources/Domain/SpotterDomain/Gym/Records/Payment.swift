public import Foundation

/// Marks the ids of payments.
public enum PaymentKind: RecordKind {
    /// What one says.
    public typealias Fields = PaymentFields
    /// What holds between them and their refunds.
    public typealias Rules = PaymentRules

    /// Ids begin with `pay_`.
    public static let prefix = "pay"
    /// What people call one.
    public static let noun = "payment"
    /// As in `/v1/crm/payments`.
    public static let plural = "payments"
    /// The member, and the subscription that it is for.
    public static let references = [
        RecordReference("client_id", .client), RecordReference("subscription_id", .subscription),
    ]
    /// By when it was paid, among others.
    public static let filters: [RecordFilter.Member] = [
        .externalId, .status, .kind, .clientId, .subscriptionId, .from, .to,
    ]
}

/// The id of a payment, such as `pay_01h…`.
public typealias PaymentID = Identifier<PaymentKind>

/// Money that somebody paid, or failed to.
public typealias Payment = GymRecord<PaymentKind>

/// Whether the money came.
public enum PaymentStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case pending, succeeded, failed
}

/// What was paid for.
public enum PaymentSort: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case membership
    case dropIn = "drop_in"
    case personalTraining = "personal_training"
    case product, other
}

/// How it was paid.
public enum PaymentMethod: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case card
    case directDebit = "direct_debit"
    case cash, transfer, other
}

/// What is known of a payment.
public struct PaymentFields: RecordFields {
    /// Who paid; nil where it is not known.
    public var clientId: ClientID?
    /// The subscription it was for.
    public var subscriptionId: SubscriptionID?
    /// How much.
    public var amount: Money
    /// Whether the money came.
    public var status: PaymentStatus
    /// What for.
    public var kind: PaymentSort
    /// How.
    public var method: PaymentMethod
    /// Why the money did not come: of failed ones only.
    public var failureReason: String?
    /// When the money came, or the try failed.
    public var paidAt: Date
    /// For people; may be empty.
    public var description: String

    /// A payment that came, unless said otherwise.
    public init(
        clientId: ClientID? = nil, subscriptionId: SubscriptionID? = nil, amount: Money,
        status: PaymentStatus = .succeeded, kind: PaymentSort = .membership, method: PaymentMethod = .card,
        failureReason: String? = nil, paidAt: Date, description: String = ""
    ) {
        self.clientId = clientId
        self.subscriptionId = subscriptionId
        self.amount = amount
        self.status = status
        self.kind = kind
        self.method = method
        self.failureReason = failureReason
        self.paidAt = paidAt
        self.description = description
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "client_id": Field("Who paid."),
        "subscription_id": Field("The subscription that it was for."),
        "amount": Field("How much, in the gym's currency unless another is given."),
        "status": Field("Whether the money came: `succeeded` unless given."),
        "kind": Field("What for: `membership` unless given."),
        "method": Field("How: `card` unless given."),
        "failure_reason": Field("Why the money did not come: with status `failed` only.", length: 1...500),
        "paid_at": Field("When the money came, or the try failed: now unless given."),
        "description": Field("For people.", length: 0...1_000),
    ]

    /// A membership paid by card, now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        [
            "status": "succeeded", "kind": "membership", "method": "card", "description": "",
            "paid_at": .string(Timestamp.string(from: setting.now)),
        ]
    }

    /// Rules of the amount.
    public var issues: [FieldIssue] { FieldRules.amount(amount, at: "/amount") }

    /// Only failed ones have a reason for it.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        if status != .failed {
            try FieldRules.clear(&failureReason, old?.failureReason, unless: "failed", at: "/failure_reason")
        }
        try FieldRules.minorUnits(amount, old?.amount)
    }
}

/// A payment of which something was given back stays one that came, of at least so much and in that currency.
public struct PaymentRules: RecordRules {
    private let payments: [PaymentID: KnownRecords.Paid]

    /// The rules, knowing the refunds of payments.
    public init(_ known: KnownRecords) { payments = known.payments }

    /// Refuses what would leave refunds without their payment.
    public mutating func admit(_ record: inout Payment, replacing old: Payment?, _ setting: RecordSetting) throws {
        guard let old, let returned = returned(of: old) else { return }
        let because = "\(returned.sum) of it has been given back"
        var issues: [FieldIssue] = []
        if record.status != .succeeded {
            issues.append(FieldIssue(pointer: "/status", message: "must stay `succeeded`: \(because)"))
        }
        if record.amount.currency != old.amount.currency {
            let message = "must stay \(old.amount.currency): \(because)"
            issues.append(FieldIssue(pointer: "/amount/currency", message: message))
        } else if record.amount.amount < returned.amount {
            issues.append(FieldIssue(pointer: "/amount/amount", message: "must be at least that much: \(because)"))
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
    }

    /// Refuses to take refunds along.
    public mutating func remove(_ record: Payment) throws {
        guard let returned = returned(of: record) else { return }
        let refunds = returned.count == 1 ? "a refund" : "\(returned.count) refunds"
        let what = returned.count == 1 ? "it" : "them"
        throw SpotterError(
            .conflict,
            "This payment has \(refunds) of \(returned.sum) in all: delete \(what) first, and then the payment.")
    }

    private func returned(of payment: Payment) -> (count: Int, amount: Decimal, sum: String)? {
        guard let refunds = payments[payment.id]?.refunds, !refunds.isEmpty else { return nil }
        let amount = refunds.map(\.amount.amount).reduce(0, +)
        return (refunds.count, amount, "\(amount) \(payment.amount.currency)")
    }
}
