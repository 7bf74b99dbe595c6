public import Foundation
public import SpotterDomain

/// What a month came to.
public struct MonthSummary: Sendable {
    /// Whose it is.
    public let organization: Organization
    /// Which month.
    public let month: BillingMonth
    /// When it was closed; nil while it is open.
    public let closedAt: Date?
    /// What all its lines add up to.
    public let total: UsageSum
    /// By agent, the dearest first.
    public let agents: [UsageSum]
    /// By model, the dearest first.
    public let models: [UsageSum]
}

/// Makes statements from the ledger.
public struct StatementReader: Sendable {
    private let ledger: any LedgerStore

    /// A reader of `ledger`.
    public init(ledger: any LedgerStore) { self.ledger = ledger }

    /// The statement of a month: of a closed one with the total that it was closed with.
    public func statement(of month: BillingMonth, for organization: Organization) async throws -> MonthSummary {
        let scope = OrganizationScope(organization.id)
        let filter = LedgerFilter(from: month.start, until: month.end)
        let closed = try await ledger.closedMonths(in: scope)
        let agents = try await ledger.usage(filter, by: .agent, in: scope)
        let models = try await ledger.usage(filter, by: .model, in: scope)
        let own = closed.first { $0.month == month }
        // Months before the last closed one are closed with it.
        let closedAt = own?.closedAt ?? closed.last { $0.month > month }?.closedAt
        return MonthSummary(
            organization: organization, month: month, closedAt: closedAt, total: own?.total ?? agents.total,
            agents: agents.groups, models: models.groups)
    }

    /// Calls `body` with all lines of a month, a batch at a time, in the order of their making.
    public func lines(
        of month: BillingMonth, in scope: OrganizationScope, _ body: ([LedgerLine]) async throws -> Void
    ) async throws {
        let filter = LedgerFilter(from: month.start, until: month.end)
        var last: LedgerLineID?
        while true {
            let batch = try await ledger.lines(filter, after: last, limit: Self.batch, in: scope)
            guard !batch.isEmpty else { return }
            try await body(batch)
            guard batch.count == Self.batch else { return }
            last = batch.last?.id
        }
    }

    private static let batch = 1_000
}
