import Foundation
public import SpotterDomain

/// Payments by time, state, method, kind and amount.
public struct QueryPayments: Tool {
    /// Which payments.
    public struct Arguments: Codable, Sendable {
        let from: String?
        let to: String?
        let status: PaymentStatus?
        let method: PaymentMethod?
        let kind: PaymentSort?
        let clientId: ClientID?
        let minAmount: Double?
        let maxAmount: Double?
        let limit: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `query_payments`
    public let name = "query_payments"
    /// What a model is told.
    public let summary = """
        Query the gym's payments (transactions, charges, takings) by date, status, method, kind, amount or member: \
        exact totals by status and currency of all that match, and the newest of them. Without dates it looks at this \
        month up to now. Amounts are gross; refunds are shown beside them, whenever they were made. Use the totals; \
        do not add up rows.
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
        if let least = arguments.minAmount, let most = arguments.maxAmount, most < least {
            throw ToolFailure("max_amount is less than min_amount. Swap them, or leave one out.")
        }
        let limit = arguments.limit ?? 20
        var query = PaymentQuery(limit: limit + 1)
        let asked = try calendar.range(from: arguments.from, to: arguments.to)
        let isDefault = asked == nil && arguments.clientId == nil
        query.range = isDefault ? calendar.start(of: calendar.firstOfMonth)..<context.now : asked
        query.client = arguments.clientId
        query.status = arguments.status?.rawValue
        query.method = arguments.method?.rawValue
        query.kind = arguments.kind?.rawValue
        query.least = arguments.minAmount.map(Self.exact)
        query.most = arguments.maxAmount.map(Self.exact)
        let found = try await frontDesk.payments(query, in: context.scope)
        if let id = arguments.clientId, found.sums.isEmpty,
            try await frontDesk.name(of: id, in: context.scope) == nil
        {
            throw ToolFailure.unknown(id, "member", takeFrom: "search_clients")
        }
        let period = isDefault ? "From \(calendar.firstOfMonth) up to now: " : ""
        return [
            "summary": .string(period + found.sentence), "timezone": .string(calendar.timezone),
            "totals": found.totals, "has_more": .bool(found.payments.count > limit),
            "payments": .array(found.payments.prefix(limit).map { $0.row(calendar) }),
        ]
    }

    /// A JSON number as the decimal that was written: 0.1 and not what a double makes of it.
    private static func exact(_ number: Double) -> Decimal {
        Decimal(string: "\(number)", locale: Locale(identifier: "en_US_POSIX")) ?? Decimal(number)
    }
}

extension QueryPayments.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "from": .firstDay, "to": .lastDay, "status": Field("Only payments with this status."),
        "method": Field("Only payments made this way."), "kind": Field("Only payments for this."),
        "client_id": Field("Only payments of this member, by the id that search_clients answered."),
        "min_amount": Field("Not less than this, in units of the currency.", range: 0...1_000_000_000),
        "max_amount": Field("Not more than this, in units of the currency.", range: 0...1_000_000_000),
        "limit": .rows(20),
    ]
}

extension GymCalendar {
    /// The first day of this month.
    var firstOfMonth: Day { Day(year: today.year, month: today.month, day: 1) }
}
