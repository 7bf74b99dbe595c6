public import Foundation

/// Payments with their sums.
public struct PaymentFindings: Sendable {
    /// Those asked for, newest first.
    public let payments: [PaymentView]
    /// Of all that the filter lets pass, by currency and status.
    public let sums: [PaymentSum]

    /// Payments with their sums.
    public init(payments: [PaymentView], sums: [PaymentSum]) {
        self.payments = payments
        self.sums = sums
    }
}

/// A payment with who made it.
public struct PaymentView: Sendable, Decodable {
    /// The payment.
    public let id: PaymentID
    /// Who paid; nil for somebody unknown.
    public let clientId: ClientID?
    /// The name, where it is known.
    public let client: String?
    /// In units of the currency.
    public let amount: Decimal
    /// What was given back of it.
    public let refunded: Decimal
    /// ISO 4217.
    public let currency: String
    /// `pending`, `succeeded` or `failed`.
    public let status: String
    /// `membership`, `drop_in`, `personal_training`, `product` or `other`.
    public let kind: String
    /// `card`, `direct_debit`, `cash`, `transfer` or `other`.
    public let method: String
    /// Why it failed, where that was said.
    public let failureReason: String?
    /// What it was for.
    public let description: String
    /// When the money came, or the try failed.
    public let paidAt: Date
}

/// The sum of payments of one currency and status.
public struct PaymentSum: Sendable, Decodable {
    /// ISO 4217.
    public let currency: String
    /// `pending`, `succeeded` or `failed`.
    public let status: String
    /// How many.
    public let count: Int
    /// What they come to.
    public let amount: Decimal
    /// What was given back of them, until now.
    public let refunded: Decimal
}

/// Which payments are wanted. What is nil lets everything pass.
public struct PaymentQuery: Sendable {
    /// When they were made.
    public var range: Range<Date>?
    /// By this member.
    public var client: ClientID?
    /// Only of this status.
    public var status: String?
    /// Only by this method.
    public var method: String?
    /// Only for this.
    public var kind: String?
    /// Not less than this.
    public var least: Decimal?
    /// Not more than this.
    public var most: Decimal?
    /// The most rows.
    public var limit: Int

    /// A query for everything, at most `limit` rows.
    public init(limit: Int) { self.limit = limit }
}

/// Memberships with their sums.
public struct SubscriptionFindings: Sendable {
    /// Those asked for, newest first.
    public let subscriptions: [SubscriptionView]
    /// Of all that the filter lets pass, by plan, status and currency.
    public let groups: [SubscriptionGroup]

    /// Memberships with their sums.
    public init(subscriptions: [SubscriptionView], groups: [SubscriptionGroup]) {
        self.subscriptions = subscriptions
        self.groups = groups
    }
}

/// Memberships of one plan, status and currency.
public struct SubscriptionGroup: Sendable, Decodable {
    /// The plan's name; nil where the plan is gone.
    public let plan: String?
    /// `trialing`, `active`, `past_due`, `paused` or `cancelled`.
    public let status: String
    /// ISO 4217.
    public let currency: String
    /// How many.
    public let count: Int
    /// What they come to in a month.
    public let monthlyAmount: Decimal
}

/// Which memberships are wanted. What is nil lets everything pass.
public struct SubscriptionQuery: Sendable {
    /// Of this member.
    public var client: ClientID?
    /// Only of this status.
    public var status: String?
    /// A part of the plan's name.
    public var plan: String?
    /// When they began.
    public var started: Range<Date>?
    /// The next payment falls on this day, `2026-12-01`, or before.
    public var paymentBy: String?
    /// The most rows.
    public var limit: Int

    /// A query for everything, at most `limit` rows.
    public init(limit: Int) { self.limit = limit }
}
