import Foundation
public import SpotterDomain

/// What a member has paid.
public struct ViewClientPayments: Tool {
    /// Whose payments, and which.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID
        let status: PaymentStatus?
        let from: String?
        let to: String?
        let limit: Int?
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `view_client_payments`
    public let name = "view_client_payments"
    /// What a model is told.
    public let summary = """
        List one member's payments (payment history, charges, invoices), newest first: amount, currency, what for, how, \
        whether it succeeded, failed (and why) or is pending, and what was refunded, with exact totals of all that \
        match. Needs the client_id that search_clients answers. Use it for questions about a charge.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the payments; that there are none is an answer.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let limit = arguments.limit ?? 20
        var query = PaymentQuery(limit: limit + 1)
        query.client = arguments.clientId
        query.status = arguments.status?.rawValue
        query.range = try calendar.range(from: arguments.from, to: arguments.to)
        let found = try await frontDesk.payments(query, in: context.scope)
        // A row has the name; without one, whether there is such a member is another question.
        let known = found.payments.first?.client
        guard
            let name =
                if let known { known } else { try await frontDesk.name(of: arguments.clientId, in: context.scope) }
        else { throw ToolFailure.unknown(arguments.clientId, "member", takeFrom: "search_clients") }
        return [
            "summary": .string("\(name): \(found.sentence)"), "timezone": .string(calendar.timezone),
            "totals": found.totals, "has_more": .bool(found.payments.count > limit),
            "payments": .array(found.payments.prefix(limit).map { $0.row(calendar) }),
        ]
    }
}

extension ViewClientPayments.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": .client, "status": Field("Only payments with this status."), "from": .firstDay, "to": .lastDay,
        "limit": .rows(20),
    ]
}

extension PaymentFindings {
    /// How many and how much, of all that match.
    var sentence: String {
        guard !sums.isEmpty else { return "no payment matches." }
        let parts = sums.map { sum in
            let back = sum.refunded > 0 ? ", \(moneyText(sum.refunded, sum.currency)) of it refunded" : ""
            return "\(sum.count) \(sum.status), \(moneyText(sum.amount, sum.currency))\(back)"
        }
        return "\(counted(sums.reduce(0) { $0 + $1.count }, "payment")): \(parts.joined(separator: "; "))."
    }

    /// The sums, for a model to read off.
    var totals: JSONValue {
        .array(
            sums.map { sum in
                var row = ToolRow()
                row.set("status", sum.status)
                row.set("currency", sum.currency)
                row.set("count", sum.count)
                row.set("amount", amountText(sum.amount))
                if sum.refunded > 0 {
                    row.set("refunded", amountText(sum.refunded))
                    row.set("net", amountText(sum.amount - sum.refunded))
                }
                return row.json
            })
    }
}

extension PaymentView {
    /// As a model reads a payment.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("date", calendar.moment(paidAt))
        row.set("amount", amountText(amount))
        row.set("currency", currency)
        row.set("status", status)
        if refunded > 0 { row.set("refunded", amountText(refunded)) }
        row.set("kind", kind)
        row.set("method", method)
        row.set("failure_reason", failureReason)
        row.set("description", description)
        row.set("client", client)
        row.set("client_id", clientId)
        row.set("payment_id", id)
        return row.json
    }
}
