import Foundation
import SpotterDomain

extension StoreConformance {
    static let usage: [StoreBehaviour] = [
        StoreBehaviour("usage is added up in all and by what lines have in common") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (first, second) = (try await gym.begunTurn(), try await gym.begunTurn())
            let day = 86_400.0
            let lines = [
                gym.line(gym.charge(input: 1_000, output: 0), of: first, step: gym.id()),
                gym.line(gym.charge(input: 9_000, output: 0), of: second, step: gym.id()),
                gym.line(
                    gym.charge(model: "gpt-4o-mini", input: 500, output: 0), of: first, step: gym.id(),
                    at: TestOrganization.start + 20 * day),
            ]
            try await gym.record(
                ExecutionRecord(execution: first, ledger: [lines[0], lines[2]]),
                ExecutionRecord(execution: second, ledger: [lines[1]]))
            func sums(_ grouping: UsageGrouping?, _ filter: LedgerFilter = .init()) async throws -> UsageSummary {
                try await stores.ledger.usage(filter, by: grouping, in: gym.scope)
            }
            let all = try await sums(nil)
            try requireEqual(all.groups, [])
            try requireEqual(all.total.lines, 3)
            try requireEqual(all.total.usage, TokenUsage(inputTokens: 10_500, modelCalls: 3))
            try requireEqual(all.total.cost, lines.reduce(Cost.zero) { $0 + $1.cost })
            let agents = try await sums(.agent)
            try requireEqual(agents.total, all.total)
            try requireEqual(agents.groups.map(\.key), [second.agentId, first.agentId].map { $0?.description })
            try requireEqual(agents.groups.map(\.lines), [1, 2])
            try requireEqual(try await sums(.model).groups.map(\.key), ["gpt-4o", "gpt-4o-mini"])
            try requireEqual(try await sums(.task).groups.map(\.key), [nil])
            try requireEqual(try await sums(.day).groups.map(\.key), ["2026-11-18", "2026-12-08"])
            try requireEqual(try await sums(.month).groups.map(\.key), ["2026-11", "2026-12"])
            try requireEqual(
                try await sums(.execution, LedgerFilter(agent: first.agentId)).groups.map(\.key),
                [first.id.description])
            let other = try await TestOrganization.make(in: stores)
            let none = try await stores.ledger.usage(LedgerFilter(), by: .agent, in: other.scope)
            try requireEqual(none.total.cost, .zero)
            try requireEqual(none.groups, [])
        },
        StoreBehaviour("a closed month stays closed: what comes later counts for the next one") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let month = BillingMonth(of: TestOrganization.start)
            let line = gym.line(gym.charge(), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [line]))
            let early = month.end - 1
            try await requireError(.conflict) {
                try await stores.ledger.close(month, at: early, in: gym.scope)
            }
            let closed = try await stores.ledger.close(month, at: month.end, in: gym.scope)
            try requireEqual(closed.month, month)
            try requireEqual(closed.closedAt, month.end)
            try requireEqual(closed.total.lines, 1)
            try requireEqual(closed.total.cost, line.cost)
            let late = gym.line(gym.charge(), of: run, step: gym.id())
            try await gym.record(ExecutionRecord(execution: run, ledger: [late]))
            try requireEqual(try await gym.lines(), [line, late.moved(to: month.end)])
            let again = try await stores.ledger.close(month, at: month.end + 99, in: gym.scope)
            try requireEqual(again, closed)
            try requireEqual(try await stores.ledger.closedMonths(in: gym.scope), [closed])
            let before = try unwrap(BillingMonth("2026-09"))
            try await requireError(.conflict) {
                try await stores.ledger.close(before, at: month.end, in: gym.scope)
            }
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.ledger.closedMonths(in: other.scope), [])
        },
    ]
}
