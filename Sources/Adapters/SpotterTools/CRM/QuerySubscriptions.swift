import Foundation
public import SpotterDomain

/// Memberships by plan, state and time.
public struct QuerySubscriptions: Tool {
    /// Which memberships.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID?
        let status: SubscriptionStatus?
        let plan: String?
        let startedFrom: String?
        let startedTo: String?
        let nextPaymentBy: String?
        let limit: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `query_subscriptions`
    public let name = "query_subscriptions"
    /// What a model is told.
    public let summary = """
        Query memberships (subscriptions, plans, contracts) as they are now, by member, plan, status, when they began or \
        when the next payment is due: how many there are and what they come to in a month, by plan and status, and the \
        newest of them. A yearly price counts a twelfth. Use it for one member's plan, or for what stands behind MRR.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads and adds up; that nothing matches is an answer.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let limit = arguments.limit ?? 20
        var query = SubscriptionQuery(limit: limit + 1)
        query.client = arguments.clientId
        query.status = arguments.status?.rawValue
        query.plan = arguments.plan
        query.started = try calendar.range(from: arguments.startedFrom, to: arguments.startedTo)
        query.paymentBy = try arguments.nextPaymentBy.map { try calendar.day(from: $0).description }
        let found = try await frontDesk.subscriptions(query, in: context.scope)
        if let id = arguments.clientId, found.groups.isEmpty,
            try await frontDesk.name(of: id, in: context.scope) == nil
        {
            throw ToolFailure.unknown(id, "member", takeFrom: "search_clients")
        }
        return [
            "summary": .string(sentence(found)), "timezone": .string(calendar.timezone),
            "groups": .array(found.groups.map(\.row)), "has_more": .bool(found.subscriptions.count > limit),
            "subscriptions": .array(found.subscriptions.prefix(limit).map { $0.row(calendar) }),
        ]
    }

    private func sentence(_ found: SubscriptionFindings) -> String {
        let total = found.groups.reduce(0) { $0 + $1.count }
        guard total > 0 else { return "No membership matches." }
        let paying = found.groups.filter { ["active", "past_due"].contains($0.status) }
        let sums = Dictionary(grouping: paying, by: \.currency).sorted { $0.key < $1.key }.map { currency, groups in
            moneyText(groups.reduce(0) { $0 + $1.monthlyAmount }, currency)
        }
        let money =
            sums.isEmpty ? "" : "; those that are active or past due come to \(sums.joined(separator: " and ")) a month"
        return "\(counted(total, "membership matches", "memberships match"))\(money)."
    }
}

extension QuerySubscriptions.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": Field("Only those of this member, by the id that search_clients answered."),
        "status": Field("Only memberships with this status."),
        "plan": Field("A part of the plan's name.", length: 1...100, example: "off-peak"),
        "started_from": Field("Begun on this day or later: \(GymCalendar.accepted).", length: 1...20),
        "started_to": Field("Begun on this day or before.", length: 1...20),
        "next_payment_by": Field(
            "The next payment is due on this day or before: \(GymCalendar.accepted).", length: 1...20),
        "limit": .rows(20),
    ]
}

extension SubscriptionGroup {
    /// As a model reads a group.
    var row: JSONValue {
        var row = ToolRow()
        row.set("plan", plan ?? "(no plan)")
        row.set("status", status)
        row.set("count", count)
        row.set("monthly_amount", amountText(monthlyAmount))
        row.set("currency", currency)
        return row.json
    }
}
