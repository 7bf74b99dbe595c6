import SpotterDomain
import Testing

/// A process's share of a bucket, and several of them on one bucket.
struct LeasedBucketTests {
    /// The shared bucket, as a store keeps it.
    private struct Shared {
        let quota: Int
        var tokens: Double
        var at = 0.0

        init(_ quota: Int) {
            self.quota = quota
            tokens = Double(quota)
        }

        mutating func lease(balance: Double, at now: Double) -> RateLease {
            tokens = min(Double(quota), tokens + (now - at) * Double(quota) / 60 + balance)
            at = now
            let granted = max(0, min(LeasedBucket.slice(of: quota), Int(tokens.rounded(.down))))
            tokens -= Double(granted)
            return RateLease(quota: quota, granted: granted, remaining: tokens)
        }
    }

    /// Spends as often as it can at one moment, with leases that come at once; gives how often it could.
    private static func flood(_ bucket: inout LeasedBucket, _ shared: inout Shared, at now: Double, atMost: Int) -> Int
    {
        var allowed = 0
        for _ in 0..<atMost {
            switch bucket.spend(at: now) {
            case .allowed(let shouldLease):
                allowed += 1
                if shouldLease { bucket.settle(shared.lease(balance: bucket.beginLease(), at: now), at: now) }
            case .mustLease: bucket.settle(shared.lease(balance: bucket.beginLease(), at: now), at: now)
            case .refused: return allowed
            }
        }
        return allowed
    }

    @Test(arguments: [1, 2, 3, 49, 50, 51, 60, 600, 6_000])
    func `one process lets through what one bucket would, and less than a slice more`(_ quota: Int) {
        var (shared, bucket) = (Shared(quota), LeasedBucket(quota: 1_200))
        let first = Self.flood(&bucket, &shared, at: 0, atMost: 100_000)
        #expect((quota..<quota + LeasedBucket.slice(of: quota)).contains(first))
        // After another minute as many again.
        let second = Self.flood(&bucket, &shared, at: 60, atMost: 100_000)
        #expect(first + second >= quota * 2)
        #expect(first + second < quota * 2 + LeasedBucket.slice(of: quota))
    }

    @Test(arguments: [1, 2, 5, 20])
    func `processes that flood together stay within the quota and two slices each`(_ count: Int) {
        let quota = 1_000
        var shared = Shared(quota)
        var buckets = (0..<count).map { _ in LeasedBucket(quota: 1_200) }
        var allowed = 0
        for second in 0...120 {
            for index in buckets.indices {
                allowed += Self.flood(&buckets[index], &shared, at: Double(second), atMost: 100_000)
            }
        }
        let fair = quota + quota * 2
        #expect(allowed >= fair - count * LeasedBucket.slice(of: quota))
        #expect(allowed <= fair + 2 * count * LeasedBucket.slice(of: quota))
    }

    @Test func `a process that dies takes a slice with it and no more`() {
        let quota = 500
        var (shared, dead) = (Shared(quota), LeasedBucket(quota: 1_200))
        let seen1 = Self.flood(&dead, &shared, at: 0, atMost: 2)
        #expect(seen1 == 1)
        var other = LeasedBucket(quota: 1_200)
        let left = Self.flood(&other, &shared, at: 0, atMost: 100_000)
        #expect(left >= quota - 2 * LeasedBucket.slice(of: quota))
        // A minute later nothing of it is missed.
        let seen2 = Self.flood(&other, &shared, at: 60, atMost: 100_000)
        #expect(seen2 >= quota - LeasedBucket.slice(of: quota))
    }

    @Test func `a request waits for the database only at the start, and where nothing is left`() {
        var (shared, bucket) = (Shared(6_000), LeasedBucket(quota: 1_200))
        let seen3 = bucket.spend(at: 0)
        #expect(seen3 == .mustLease)
        bucket.settle(shared.lease(balance: bucket.beginLease(), at: 0), at: 0)
        var waits = 0
        // Fifty a second for a minute: half of what there may be, and each lease takes two requests' time.
        for number in 0..<3_000 {
            let now = Double(number) / 50
            switch bucket.spend(at: now) {
            case .allowed(let shouldLease):
                if shouldLease {
                    let balance = bucket.beginLease()
                    let seen4 = bucket.spend(at: now)
                    #expect(seen4 == .allowed(shouldLease: false))
                    bucket.settle(shared.lease(balance: balance, at: now), at: now)
                }
            case .mustLease, .refused: waits += 1
            }
        }
        #expect(waits == 0)
    }

    @Test func `without the database a process keeps to the quota by itself`() {
        var bucket = LeasedBucket(quota: 600)
        let seen5 = bucket.spend(at: 0)
        #expect(seen5 == .mustLease)
        _ = bucket.beginLease()
        bucket.fail(at: 0)
        var allowed = 0
        for tenth in 0..<600 {
            for _ in 0..<50 {
                guard case .allowed(let shouldLease) = bucket.spend(at: Double(tenth) / 10) else { continue }
                allowed += 1
                guard shouldLease else { continue }
                _ = bucket.beginLease()
                bucket.fail(at: Double(tenth) / 10)
            }
            if bucket.spend(at: Double(tenth) / 10) == .mustLease {
                _ = bucket.beginLease()
                bucket.fail(at: Double(tenth) / 10)
            }
        }
        #expect((500...600 + LeasedBucket.slice(of: 600)).contains(allowed), "\(allowed)")
    }

    @Test func `a smaller quota holds from the next lease on, whatever is in hand`() {
        var bucket = LeasedBucket(quota: 1_200)
        _ = bucket.beginLease()
        bucket.settle(RateLease(quota: 1_000_000, granted: 20_000, remaining: 900_000), at: 0)
        let seen6 = bucket.spend(at: 1)
        #expect(seen6 == .allowed(shouldLease: false))
        // What is known has grown old.
        let seen7 = bucket.spend(at: 12)
        #expect(seen7 == .allowed(shouldLease: true))
        let seen8 = bucket.beginLease()
        #expect(seen8 == 19_998)
        bucket.settle(RateLease(quota: 60, granted: 2, remaining: 58), at: 12)
        #expect(bucket.remaining(at: 12) == 60)
        #expect(bucket.quota == 60)
    }

    @Test func `an empty bucket says when there is a token`() {
        var bucket = LeasedBucket(quota: 1_200)
        _ = bucket.beginLease()
        bucket.settle(RateLease(quota: 6, granted: 0, remaining: 0.5), at: 0)
        let seen9 = bucket.spend(at: 0)
        #expect(seen9 == .refused(retryAfter: 5))
        let seen10 = bucket.spend(at: 5)
        #expect(seen10 == .mustLease)
        #expect(bucket.remaining(at: 0) == 0)
        #expect(bucket.secondsUntilFull(at: 0) == 60)
    }

    @Test func `a local bucket fills up to its quota and not beyond`() {
        var bucket = TokenBucket(quota: 60, at: 0)
        for _ in 0..<60 {
            let isThere = bucket.spend(at: 0)
            #expect(isThere)
        }
        let seen11 = bucket.spend(at: 0.5)
        #expect(!seen11)
        #expect(bucket.secondsUntilNext(at: 0.5) == 1)
        let seen12 = bucket.spend(at: 1)
        #expect(seen12)
        #expect(bucket.remaining(at: 10_000) == 60)
        #expect(bucket.secondsUntilFull(at: 10_000) == 0)
    }
}
