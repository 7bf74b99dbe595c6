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

    func correct(_ line: LedgerLine, in scope: OrganizationScope) async throws {
        _ = try await door.write(scope, try BudgetSQL.book(lines: [line], at: line.at))
    }
}
