import Foundation
import SpotterDomain

/// Buckets of requests in memory.
struct MemoryRateLimitStore: RateLimitStore {
    let database: MemoryDatabase

    func lease(
        _ bucket: RateBucket, balance: Double, atLeast: Int, in scope: OrganizationScope
    ) async throws -> RateLease {
        let now = database.clock.now()
        return try database.write(scope) { records in
            guard let plan = records.organization?.plan else { throw SpotterError.notFound("organization") }
            var own: Int?
            if case .token(let id) = bucket { own = records.tokens[id]?.requestsPerMinute }
            let quota = RateDefaults.quota(of: bucket, plan: plan, limits: records.limits, own: own)
            let stored = records.rates[bucket.key] ?? StoredRate(tokens: Double(quota), at: now)
            let got = max(0, now.timeIntervalSince(stored.at)) * Double(quota) / 60
            let available = max(-Double(quota), min(Double(quota), stored.tokens + got + balance))
            let granted = max(0, min(max(atLeast, LeasedBucket.slice(of: quota)), Int(available.rounded(.down))))
            let left = available - Double(granted)
            records.rates[bucket.key] = StoredRate(tokens: left, at: max(now, stored.at))
            return RateLease(quota: quota, granted: granted, remaining: left, cost: records.limits.cost)
        }
    }
}

/// A bucket as it was after its last lease.
struct StoredRate: Sendable {
    var tokens: Double
    var at: Date
}
