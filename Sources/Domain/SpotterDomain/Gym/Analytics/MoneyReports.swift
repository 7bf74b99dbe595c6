public import Foundation

/// What came and was given back in one part of a period: by currency, by what it was for, and by how it was paid.
///
/// Gross is what succeeded payments brought, counted when the money came. A refund counts when it was given, against
/// the revenue of that time, whenever the payment was. Net is gross less refunds. Amounts of different currencies are
/// never added.
public struct RevenueLine: Sendable, Hashable {
    /// The part of the period, from 0.
    public let part: Int
    /// ISO 4217.
    public let currency: String
    /// What was paid for, such as `membership`.
    public let kind: String
    /// How it was paid, such as `card`.
    public let method: String
    /// Exact, in units of the currency.
    public let gross: Decimal
    /// Payments that succeeded.
    public let payments: Int
    /// Exact, in units of the currency; not negative.
    public let refunded: Decimal
    /// How many refunds.
    public let refunds: Int

    /// Gross less refunds.
    public var net: Decimal { gross - refunded }

    /// A line.
    public init(
        part: Int, currency: String, kind: String, method: String, gross: Decimal, payments: Int, refunded: Decimal,
        refunds: Int
    ) {
        self.part = part
        self.currency = currency
        self.kind = kind
        self.method = method
        self.gross = gross
        self.payments = payments
        self.refunded = refunded
        self.refunds = refunds
    }
}

/// Tries to pay in one part of a period: by currency, by outcome, and by how it was paid.
public struct PaymentLine: Sendable, Hashable {
    /// The part of the period, from 0.
    public let part: Int
    /// ISO 4217.
    public let currency: String
    /// `succeeded`, `failed` or `pending`.
    public let status: String
    /// How it was to be paid, such as `card`.
    public let method: String
    /// Exact, in units of the currency.
    public let amount: Decimal
    /// How many.
    public let payments: Int

    /// A line.
    public init(part: Int, currency: String, status: String, method: String, amount: Decimal, payments: Int) {
        self.part = part
        self.currency = currency
        self.status = status
        self.method = method
        self.amount = amount
        self.payments = payments
    }
}

/// Why tries to pay failed.
public struct FailureLine: Sendable, Hashable {
    /// ISO 4217.
    public let currency: String
    /// As the payment has it; empty where it has none.
    public let reason: String
    /// Exact, in units of the currency.
    public let amount: Decimal
    /// How many.
    public let payments: Int

    /// A line.
    public init(currency: String, reason: String, amount: Decimal, payments: Int) {
        self.currency = currency
        self.reason = reason
        self.amount = amount
        self.payments = payments
    }
}

/// Tries to pay, and why they failed.
public struct PaymentTrends: Sendable, Hashable {
    /// By part, currency, status and method.
    public let lines: [PaymentLine]
    /// The most frequent reason first.
    public let failures: [FailureLine]

    /// Both together.
    public init(lines: [PaymentLine], failures: [FailureLine]) {
        self.lines = lines
        self.failures = failures
    }
}

/// The members who joined in one part of a period, and what they have brought since then, up to now.
///
/// - Observed lifetime value: net payments of all members of the cohort, divided by the members.
/// - Expected lifetime value: what a member of the cohort brings in a month, times the gross margin, divided by the
///   share of members who leave in a month. Both have the months that members were members below the line, so it comes
///   to net payments × margin ÷ members who left. Nobody left: it cannot be told.
///
/// A month of membership is 365.25 ÷ 12 days. Members who never joined before they left are in no cohort.
public struct Cohort: Sendable, Hashable {
    /// The part of the period, from 0.
    public let part: Int
    /// Who joined.
    public var members: Int
    /// How many of them have left.
    public var left: Int
    /// The days that they were members, together.
    public var memberDays: Int
    /// What they paid less what they were given back, exact, by currency.
    public var net: [String: Decimal]

    /// Fewer leavers than this make the expected value a guess.
    public static let reliableLeavers = 30

    /// A cohort.
    public init(part: Int, members: Int, left: Int, memberDays: Int, net: [String: Decimal]) {
        self.part = part
        self.members = members
        self.left = left
        self.memberDays = memberDays
        self.net = net
    }

    /// What a member has brought on average, exact; nil without members.
    public func observed(in currency: String) -> Decimal? {
        members == 0 ? nil : (net[currency] ?? 0) / Decimal(members)
    }

    /// What a member will have brought in the end; nil while nobody has left.
    ///
    /// - Parameter margin: of revenue what remains, 0 to 1.
    public func expected(in currency: String, margin: Decimal = 1) -> Decimal? {
        left == 0 ? nil : (net[currency] ?? 0) * margin / Decimal(left)
    }

    /// The months that they were members, together.
    public var memberMonths: Decimal { Decimal(memberDays) * 48 / 1461 }

    /// What a member brings in a month; nil where nobody was a member for a day.
    public func monthly(in currency: String) -> Decimal? {
        memberDays == 0 ? nil : (net[currency] ?? 0) * 1461 / (48 * Decimal(memberDays))
    }
}
