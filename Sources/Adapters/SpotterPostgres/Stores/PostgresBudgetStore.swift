import Foundation
import PostgresKit
import SpotterDomain

/// Budgets in PostgreSQL.
struct PostgresBudgetStore: BudgetStore {
    let door: StoreDoor

    func put(_ order: BudgetOrder, id: BudgetID, at now: Date, in scope: OrganizationScope) async throws -> Budget {
        try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch(
                [BudgetSQL.lock(shared: false)] + BudgetSQL.require(order.subject)
                    + [BudgetSQL.select(of: order.subject.uuid(in: scope), order.period)])
            let known: BudgetID? = try rows.last?.firstDecoded { try $0.id(0) }
            let budget = Budget(order, id: known ?? id, at: now)
            let stored = try await transaction.query(BudgetSQL.put(budget, in: scope))
            return try stored.firstDecoded(Budget.init) ?? budget
        }
    }

    func budgets(at now: Date, in scope: OrganizationScope) async throws -> [Budget] {
        try await door.read(scope, BudgetSQL.select).decoded(Budget.init).map { $0.rolled(to: now) }
    }

    func delete(_ id: BudgetID, in scope: OrganizationScope) async throws {
        let rows = try await door.write(scope, [BudgetSQL.lock(shared: false), BudgetSQL.delete(id)])
        guard rows.last?.first != nil else { throw SpotterError.notFound("budget") }
    }

    func chargeLost(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        let rows = try await door.write(
            scope,
            [BudgetSQL.lock(shared: true), BudgetSQL.chargeLost(limit: limit, at: now), BudgetSQL.dropEnded])
        return try rows[1].firstDecoded { try $0.get(0) } ?? 0
    }
}
