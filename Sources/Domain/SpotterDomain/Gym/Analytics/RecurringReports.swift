public import Foundation

/// Members and an amount.
public struct CustomerAmount: Sendable, Hashable {
    /// How many members.
    public var customers: Int
    /// Exact, in units of the currency, a month.
    public var amount: Decimal

    /// Members and an amount.
    public init(_ customers: Int = 0, _ amount: Decimal = 0) {
        self.customers = customers
        self.amount = amount
    }
}

/// How monthly recurring revenue (MRR) came from what it was when a period began to what it was when it ended.
///
/// MRR at a moment is the sum of the monthly amounts of all subscriptions that are active or past due just before it.
/// Weekly, yearly and longer payments are brought to a month (a year has 12 months and 365.25 ÷ 7 weeks). Trials, pauses
/// and what has ended bring nothing; neither do drop-ins, products and personal training. Refunds change no MRR.
///
/// A customer is a member whose MRR is above zero. Each is looked at twice, at the beginning and at the end:
/// - new: nothing at the beginning, something at the end, and never anything before the beginning
/// - reactivation: nothing at the beginning, something at the end, and something some time before
/// - expansion, contraction: more, or less, at the end than at the beginning
/// - churn: something at the beginning, nothing at the end
///
/// So the beginning and the movements always come to the end. What happens and is undone between the two moments is no
/// movement.
public struct Movement: Sendable, Hashable {
    /// The part of the period, from 0.
    public let part: Int
    /// ISO 4217.
    public let currency: String
    /// When the period began.
    public let start: CustomerAmount
    /// When it ended.
    public let end: CustomerAmount
    /// First payments.
    public let new: CustomerAmount
    /// Who is back.
    public let reactivation: CustomerAmount
    /// Who pays more.
    public let expansion: CustomerAmount
    /// Who pays less; the amount is negative or zero.
    public let contraction: CustomerAmount
    /// Who pays no more; the amount is negative or zero.
    public let churn: CustomerAmount

    /// A movement.
    public init(
        part: Int, currency: String, start: CustomerAmount = .init(), end: CustomerAmount = .init(),
        new: CustomerAmount = .init(), reactivation: CustomerAmount = .init(), expansion: CustomerAmount = .init(),
        contraction: CustomerAmount = .init(), churn: CustomerAmount = .init()
    ) {
        self.part = part
        self.currency = currency
        self.start = start
        self.end = end
        self.new = new
        self.reactivation = reactivation
        self.expansion = expansion
        self.contraction = contraction
        self.churn = churn
    }

    /// Annual recurring revenue when the period ended: twelve times MRR. A rate, not a forecast.
    public var annual: Decimal { 12 * end.amount }

    /// The movements in whole minor units such that they come to the difference of the rounded beginning and end.
    ///
    /// Each is the difference of the rounded sums before and after it, in this order: new, reactivation, expansion,
    /// contraction, churn. It differs from the exact amount by less than one minor unit.
    public var rounded: (start: Decimal, steps: [Decimal], end: Decimal) {
        var exact = start.amount
        var before = MinorUnit.rounded(exact, currency)
        let first = before
        let steps = [new, reactivation, expansion, contraction, churn].map { step in
            exact += step.amount
            let after = MinorUnit.rounded(exact, currency)
            defer { before = after }
            return after - before
        }
        return (first, steps, before)
    }
}

/// Who was lost between the beginning and the end of a period, put together.
public struct LostGroup: Sendable, Hashable {
    /// The last plan; empty where it is not known.
    public let plan: String
    /// Why, as the subscription has it; empty where nobody said.
    public let reason: String
    /// Whether payments were owed when it ended: lost by a payment, not by a decision.
    public let isInvoluntary: Bool
    /// Members, and what they brought when the period began.
    public let lost: CustomerAmount

    /// A group.
    public init(plan: String, reason: String, isInvoluntary: Bool, lost: CustomerAmount) {
        self.plan = plan
        self.reason = reason
        self.isInvoluntary = isInvoluntary
        self.lost = lost
    }
}

/// A member who was lost.
public struct LostMember: Sendable, Hashable {
    /// Who.
    public let id: ClientID
    /// First and last name.
    public let name: String
    /// How, and what they brought.
    public let group: LostGroup
    /// The day on which they last paid for something.
    public let leftOn: Day?

    /// A member.
    public init(id: ClientID, name: String, group: LostGroup, leftOn: Day?) {
        self.id = id
        self.name = name
        self.group = group
        self.leftOn = leftOn
    }
}

/// Churn: how recurring revenue moved in each part of a period, and who was lost over the whole of it.
///
/// - Customer churn: customers lost in the period ÷ customers when it began.
/// - Gross revenue churn: churn and contraction ÷ MRR when it began.
/// - Net revenue retention: (MRR when it began + expansion + contraction + churn) ÷ MRR when it began.
public struct ChurnReport: Sendable, Hashable {
    /// In the gym's currency, part by part.
    public let parts: [Movement]
    /// From the beginning to the end, in the gym's currency.
    public let whole: Movement
    /// Who was lost over the whole, put together, the dearest first.
    public let groups: [LostGroup]
    /// Those who brought most.
    public let members: [LostMember]

    /// A report.
    public init(parts: [Movement], whole: Movement, groups: [LostGroup], members: [LostMember]) {
        self.parts = parts
        self.whole = whole
        self.groups = groups
        self.members = members
    }
}

/// Members in one part of a period, by the days on which they joined and left.
///
/// Somebody is a member from the day of joining until the day before the one on which they left. Turnover is the share
/// of the members at the beginning who left.
public struct TurnoverLine: Sendable, Hashable {
    /// The part of the period, from 0.
    public let part: Int
    /// Members when it began.
    public let start: Int
    /// Who joined in it.
    public let joined: Int
    /// Who left in it.
    public let left: Int

    /// Members when it ended.
    public var end: Int { start + joined - left }

    /// A line.
    public init(part: Int, start: Int, joined: Int, left: Int) {
        self.part = part
        self.start = start
        self.joined = joined
        self.left = left
    }
}
