import Foundation
import SpotterDomain

/// The ledger in memory, with the versions of prices and markups.
struct MemoryLedgerStore: LedgerStore {
    let database: MemoryDatabase

    func publish(_ prices: [ModelPrice], _ markups: [Markup]) async throws {
        database.everything { state in
            for price in prices { state.prices[price.version] = state.prices[price.version] ?? price }
            for markup in markups { state.markups[markup.version] = state.markups[markup.version] ?? markup }
        }
    }

    func prices() async throws -> [ModelPrice] {
        database.everything { Array($0.prices.values) }.sorted {
            ($0.provider, $0.model, $0.validFrom, $0.version) < ($1.provider, $1.model, $1.validFrom, $1.version)
        }
    }

    func markups() async throws -> [Markup] {
        database.everything { Array($0.markups.values) }.sorted {
            ($0.plan?.rawValue ?? "", $0.validFrom, $0.version) < ($1.plan?.rawValue ?? "", $1.validFrom, $1.version)
        }
    }

    func lines(
        _ filter: LedgerFilter, after: LedgerLineID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [LedgerLine] {
        database.read(scope) { records in
            let found = records.ledger.filter { line in filter.shows(line) && after.map { line.id > $0 } ?? true }
            return Array(found.sorted { $0.id < $1.id }.prefix(max(limit, 0)))
        }
    }

    func usage(
        _ filter: LedgerFilter, by grouping: UsageGrouping?, in scope: OrganizationScope
    ) async throws -> UsageSummary {
        let (lines, names) = database.read(scope) { ($0.ledger.filter(filter.shows), $0.crmWorkflows) }
        guard let grouping else { return UsageSummary(total: UsageSum(nil, lines), groups: []) }
        let sums = Dictionary(grouping: lines) { grouping.key(of: $0, names) }.map { UsageSum($0, $1) }
        let isTime = grouping == .day || grouping == .month
        let sorted = sums.sorted { left, right in
            let (first, second) = (left.cost.billed.amount, right.cost.billed.amount)
            if isTime || first == second { return (left.key ?? "~") < (right.key ?? "~") }
            return first > second
        }
        return UsageSummary(total: UsageSum(nil, lines), groups: Array(sorted.prefix(UsageSummary.limit)))
    }

    func close(_ month: BillingMonth, at now: Date, in scope: OrganizationScope) async throws -> ClosedMonth {
        try database.write(scope) { records in
            if let known = records.closings.first(where: { $0.month == month }) { return known }
            try month.requireClosable(at: now, after: records.closings.map(\.month).max())
            let lines = records.ledger.filter(LedgerFilter(from: month.start, until: month.end).shows)
            let closed = ClosedMonth(month: month, closedAt: now, total: UsageSum(nil, lines))
            records.closings.append(closed)
            return closed
        }
    }

    func closedMonths(in scope: OrganizationScope) async throws -> [ClosedMonth] {
        database.read(scope) { $0.closings.sorted { $0.month > $1.month } }
    }

    func correct(_ line: LedgerLine, in scope: OrganizationScope) async throws {
        try database.write(scope) { _ = try $0.book([line], at: line.at, in: scope) }
    }

    func apply(
        _ correction: Correction, id: LedgerLineID, at now: Date, in scope: OrganizationScope
    ) async throws -> LedgerLine {
        try database.write(scope) { records in
            let entry = records.ledger.filter { $0.id == correction.line || $0.corrects == correction.line }
            let line = try correction.line(of: entry, id: id, at: now)
            _ = try records.book([line], at: now, in: scope)
            return records.ledger.first { $0.id == id } ?? line
        }
    }
}

extension UsageSum {
    fileprivate init(_ key: String?, _ lines: [LedgerLine]) {
        self.init(
            key: key, lines: lines.count, usage: lines.reduce(TokenUsage()) { $0 + $1.usage },
            cost: lines.reduce(Cost.zero) { $0 + $1.cost })
    }
}

extension UsageGrouping {
    fileprivate func key(of line: LedgerLine, _ crmWorkflows: [String: UUID]) -> String? {
        switch self {
        case .agent: line.agentId?.description
        case .conversation: line.conversationId?.description
        case .task: line.taskId?.description
        case .execution: line.execution?.description
        case .workflow:
            line.workflow.map { id in
                crmWorkflows.first { $0.value == id }.map { "crm:\($0.key)" } ?? WorkflowID(id).description
            }
        case .model: line.model
        case .provider: line.provider
        case .day: String(Timestamp.string(from: line.at).prefix(10))
        case .month: BillingMonth(of: line.at).description
        }
    }
}
