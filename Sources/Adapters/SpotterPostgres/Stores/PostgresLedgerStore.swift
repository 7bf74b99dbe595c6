import Foundation
import PostgresKit
import SpotterDomain

/// The ledger in PostgreSQL, with the versions of prices and markups.
struct PostgresLedgerStore: LedgerStore {
    let door: StoreDoor

    func publish(_ prices: [ModelPrice], _ markups: [Markup]) async throws {
        // Nobody's rows: in the name of no organisation, one after the other.
        _ = try await door.ask(try LedgerSQL.publish(prices))
        _ = try await door.ask(try LedgerSQL.publish(markups))
    }

    func prices() async throws -> [ModelPrice] {
        try await door.ask(LedgerSQL.selectPrices).decoded(ModelPrice.init)
    }

    func markups() async throws -> [Markup] {
        try await door.ask(LedgerSQL.selectMarkups).decoded(Markup.init)
    }

    func lines(
        _ filter: LedgerFilter, after: LedgerLineID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [LedgerLine] {
        try await door.read(scope, LedgerSQL.select(filter, after: after, limit: limit)).decoded(LedgerLine.init)
    }

    func usage(
        _ filter: LedgerFilter, by grouping: UsageGrouping?, in scope: OrganizationScope
    ) async throws -> UsageSummary {
        let statements = [UsageSQL.sums(filter, by: nil)] + (grouping.map { [UsageSQL.sums(filter, by: $0)] } ?? [])
        let rows = try await door.read(scope, statements)
        let total = try rows[0].firstDecoded { try UsageSum($0, key: nil, from: 1) }
        let groups = try rows.dropFirst().flatMap { rows in
            try rows.decoded { try UsageSum($0, key: grouping?.text(of: $0.get(0)), from: 1) }
        }
        return UsageSummary(
            total: total ?? UsageSum(key: nil, lines: 0, usage: TokenUsage(), cost: .zero), groups: groups)
    }

    func close(_ month: BillingMonth, at now: Date, in scope: OrganizationScope) async throws -> ClosedMonth {
        try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([BudgetSQL.lock(shared: false), UsageSQL.closings])
            let closed = try rows[1].decoded(ClosedMonth.init)
            if let known = closed.first(where: { $0.month == month }) { return known }
            try month.requireClosable(at: now, after: closed.first?.month)
            let after = try await transaction.batch([UsageSQL.close(month, at: now), UsageSQL.closings])
            guard let new = try after[1].firstDecoded(ClosedMonth.init) else {
                throw SpotterError(.internal, "The closed month is not there.")
            }
            return new
        }
    }

    func closedMonths(in scope: OrganizationScope) async throws -> [ClosedMonth] {
        try await door.read(scope, UsageSQL.closings).decoded(ClosedMonth.init)
    }

    func correct(_ line: LedgerLine, in scope: OrganizationScope) async throws {
        _ = try await door.write(scope, try BudgetSQL.book(lines: [line], at: line.at))
    }

    func apply(
        _ correction: Correction, id: LedgerLineID, at now: Date, in scope: OrganizationScope
    ) async throws -> LedgerLine {
        try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([
                BudgetSQL.lock(shared: false), LedgerSQL.selectEntry(correction.line),
            ])
            let line = try correction.line(of: rows[1].decoded(LedgerLine.init), id: id, at: now)
            let after = try await transaction.batch([
                BudgetSQL.book(lines: [line], at: now), LedgerSQL.selectEntry(correction.line),
            ])
            guard let added = try after[1].decoded(LedgerLine.init).first(where: { $0.id == id }) else {
                throw SpotterError(.internal, "The correction is not there.")
            }
            return added
        }
    }
}
