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

    func correct(_ line: LedgerLine, in scope: OrganizationScope) async throws {
        try database.write(scope) { _ = try $0.book([line], at: line.at, in: scope) }
    }
}
