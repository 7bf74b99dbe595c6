import Foundation
import SpotterDomain
import Synchronization

/// What an organisation's calls of models have cost in the last minute and hour, for requests that start more of them.
///
/// Read from the ledger, so that it is the same for all processes, and remembered for two seconds: what is under way is
/// not in it, and goes on. Only organisations with such a limit are looked at.
final class CostWindows: Sendable {
    private struct Spent {
        var minute: Decimal
        var hour: Decimal
        var at: ContinuousClock.Instant
    }

    private let ledger: any LedgerStore
    private let known = Mutex<[OrganizationID: Spent]>([:])
    private static let memory = Duration.seconds(2)
    private static let capacity = 10_000

    init(ledger: any LedgerStore) { self.ledger = ledger }

    /// How the windows stand that have a limit; the first with `retryAfter` says that one is used up.
    func standings(_ limits: CostLimits, at now: Date, in scope: OrganizationScope) async throws -> [RateStanding] {
        guard !limits.isEmpty else { return [] }
        let spent = try await spent(at: now, in: scope)
        var standings: [RateStanding] = []
        if let limit = limits.perMinute {
            standings.append(Self.standing("cost-minute", spent.minute, of: limit, window: 60, patience: 10))
        }
        if let limit = limits.perHour {
            standings.append(Self.standing("cost-hour", spent.hour, of: limit, window: 3_600, patience: 60))
        }
        return standings
    }

    /// - Parameter patience: when something may have left the window.
    private static func standing(
        _ name: String, _ spent: Decimal, of limit: Decimal, window: Int, patience: Int
    ) -> RateStanding {
        let (left, whole) = (cents(max(0, limit - spent)), cents(limit))
        return RateStanding(
            name, quota: max(1, whole), window: window, unit: "us-cents", remaining: left, reset: window,
            retryAfter: spent >= limit ? patience : nil)
    }

    private static func cents(_ amount: Decimal) -> Int {
        var (cents, whole) = (amount * 100, Decimal())
        NSDecimalRound(&whole, &cents, 0, .down)
        return NSDecimalNumber(decimal: whole).intValue
    }

    private func spent(at now: Date, in scope: OrganizationScope) async throws -> Spent {
        if let spent = known.withLock({ $0[scope.organization] }), spent.at.duration(to: .now) < Self.memory {
            return spent
        }
        async let minute = ledger.usage(LedgerFilter(from: now - 60), by: nil, in: scope)
        async let hour = ledger.usage(LedgerFilter(from: now - 3_600), by: nil, in: scope)
        let spent = Spent(
            minute: try await minute.total.cost.billed.amount, hour: try await hour.total.cost.billed.amount, at: .now)
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll() }
            known[scope.organization] = spent
        }
        return spent
    }
}
