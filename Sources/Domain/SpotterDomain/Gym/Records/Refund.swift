public import Foundation

/// Marks the ids of refunds.
public enum RefundKind: RecordKind {
    /// What one says.
    public typealias Fields = RefundFields
    /// What holds between them.
    public typealias Rules = RefundRules

    /// Ids begin with `refund_`.
    public static let prefix = "refund"
    /// What people call one.
    public static let noun = "refund"
    /// As in `/v1/crm/refunds`.
    public static let plural = "refunds"
    /// The payment.
    public static let references = [RecordReference("payment_id", .payment)]
    /// By when it was given back, among others.
    public static let filters: [RecordFilter.Member] = [.externalId, .paymentId, .from, .to]
}

/// The id of a refund, such as `refund_01h…`.
public typealias RefundID = Identifier<RefundKind>

/// Money given back, of one payment.
public typealias Refund = GymRecord<RefundKind>

/// What was given back.
public struct RefundFields: RecordFields {
    /// The payment that it is of.
    public var paymentId: PaymentID
    /// How much, in the payment's currency.
    public var amount: Money
    /// Why.
    public var reason: String?
    /// When.
    public var refundedAt: Date

    /// Money given back.
    public init(paymentId: PaymentID, amount: Money, reason: String? = nil, refundedAt: Date) {
        self.paymentId = paymentId
        self.amount = amount
        self.reason = reason
        self.refundedAt = refundedAt
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "payment_id": Field("The payment."),
        "amount": Field("How much: with the payment's other refunds, at most what was paid."),
        "reason": Field("Why.", length: 1...500),
        "refunded_at": Field("When: now unless given."),
    ]

    /// Given back now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["refunded_at": .string(Timestamp.string(from: setting.now))]
    }

    /// Rules of the amount.
    public var issues: [FieldIssue] { FieldRules.amount(amount, at: "/amount", mayBeNothing: false) }

    /// A refund stays of the payment that it is of.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        try FieldRules.minorUnits(amount, old?.amount)
        try FieldRules.constant(paymentId, old?.paymentId, at: "/payment_id")
    }
}

/// No more is given back of a payment than was paid, and in the same currency.
public struct RefundRules: RecordRules {
    private let payments: [PaymentID: KnownRecords.Paid]
    private var refunds: [PaymentID: [RefundID: Decimal]] = [:]

    /// The rules, knowing the payments and their refunds.
    public init(_ known: KnownRecords) {
        payments = known.payments
        for (id, paid) in known.payments {
            refunds[id] = Dictionary(paid.refunds.map { ($0.id, $0.amount.amount) }, uniquingKeysWith: { $1 })
        }
    }

    /// Counts what is given back.
    public mutating func admit(_ record: inout Refund, replacing old: Refund?, _ setting: RecordSetting) throws {
        guard let payment = payments[record.paymentId]?.payment else {
            throw SpotterError.notFound(PaymentKind.noun)
        }
        guard payment.status == .succeeded else {
            throw SpotterError(.conflict, "Only a payment that succeeded can be given back.")
        }
        guard record.amount.currency == payment.amount.currency else {
            throw SpotterError.invalid("/amount/currency", "must be the payment's, \(payment.amount.currency)")
        }
        var others = refunds[record.paymentId] ?? [:]
        others[record.id] = nil
        let left = payment.amount.amount - others.values.reduce(0, +)
        guard record.amount.amount <= left else {
            throw SpotterError.invalid("/amount/amount", "is more than the \(left) that is left of the payment")
        }
        others[record.id] = record.amount.amount
        refunds[record.paymentId] = others
    }

    /// It is no longer counted.
    public mutating func remove(_ record: Refund) { refunds[record.paymentId]?[record.id] = nil }
}
