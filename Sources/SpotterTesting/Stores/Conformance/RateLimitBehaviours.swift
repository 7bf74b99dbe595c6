import Foundation
import SpotterDomain

extension StoreConformance {
    static let rates: [StoreBehaviour] = [
        StoreBehaviour("a bucket is full at first, and gives slices until nothing is left") { stores in
            let gym = try await limited(.init(requestsPerMinute: 100), in: stores)
            var granted: [Int] = []
            for _ in 0..<60 {
                let lease = try await stores.rates.lease(.organization, balance: 0, atLeast: 1, in: gym.scope)
                try requireEqual(lease.quota, 100)
                try require(lease.remaining >= 0)
                granted.append(lease.granted)
            }
            try requireEqual(granted.first, 2)
            let sum = granted.reduce(0, +)
            // As the minute goes by, some come back.
            try require((100...160).contains(sum), "\(sum)")
        },
        StoreBehaviour("what goes back can be taken again, and what was on credit is owed") { stores in
            let gym = try await limited(.init(requestsPerMinute: 6), in: stores)
            let first = try await stores.rates.lease(.organization, balance: 0, atLeast: 6, in: gym.scope)
            try requireEqual(first.granted, 6)
            let again = try await stores.rates.lease(.organization, balance: 3, atLeast: 3, in: gym.scope)
            try requireEqual(again.granted, 3)
            let owing = try await stores.rates.lease(.organization, balance: -4, atLeast: 1, in: gym.scope)
            try requireEqual(owing.granted, 0)
            try require(owing.remaining < -2, "\(owing.remaining)")
            // Nobody can owe more than a minute's worth, nor give more than there is room for.
            let most = try await stores.rates.lease(.organization, balance: -1_000, atLeast: 1, in: gym.scope)
            try require(most.remaining >= -6, "\(most.remaining)")
            let full = try await stores.rates.lease(.organization, balance: 1_000_000, atLeast: 1, in: gym.scope)
            try requireEqual(full.granted, 1)
            try require(full.remaining <= 5, "\(full.remaining)")
        },
        StoreBehaviour("each bucket and each organisation counts for itself") { stores in
            let (gym, other) = (
                try await limited(.init(requestsPerMinute: 5), in: stores),
                try await limited(.init(requestsPerMinute: 5), in: stores)
            )
            let token = gym.token()
            try await stores.tokens.create(token, receipt: nil, in: gym.scope)
            _ = try await stores.rates.lease(.organization, balance: 0, atLeast: 5, in: gym.scope)
            for bucket in [RateBucket.token(token.id), .tokens, .hooks] {
                let lease = try await stores.rates.lease(bucket, balance: 0, atLeast: 1, in: gym.scope)
                try require(lease.granted > 0, bucket.key)
            }
            let lease = try await stores.rates.lease(.organization, balance: 0, atLeast: 5, in: other.scope)
            try requireEqual(lease.granted, 5)
        },
        StoreBehaviour("the quota is what file, plan and token say, and follows them") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try requireEqual(try await quota(.organization, gym), RateDefaults.requests(of: .pro))
            try requireEqual(try await quota(.hooks, gym), RateDefaults.requests(of: .pro))
            try requireEqual(try await quota(.tokens, gym), RateDefaults.tokens)
            let (plain, slow) = (gym.token(), gym.token(requestsPerMinute: 7))
            for token in [plain, slow] { try await stores.tokens.create(token, receipt: nil, in: gym.scope) }
            try requireEqual(try await stores.tokens.use(slow.id, in: gym.scope)?.requestsPerMinute, 7)
            try requireEqual(try await quota(.token(plain.id), gym), RateDefaults.requests(of: .pro) * 3 / 4)
            try requireEqual(try await quota(.token(slow.id), gym), 7)

            try await change(
                gym,
                .init(
                    requestsPerMinute: 40, tokenRequestsPerMinute: 20, hooksPerMinute: 90, costPerMinute: "0.50",
                    costPerHour: "5"))
            try requireEqual(try await quota(.organization, gym), 40)
            try requireEqual(try await quota(.hooks, gym), 90)
            try requireEqual(try await quota(.token(plain.id), gym), 20)
            try requireEqual(try await quota(.token(slow.id), gym), 7)
            let lease = try await stores.rates.lease(.organization, balance: 0, atLeast: 1, in: gym.scope)
            try requireEqual(lease.cost, CostLimits(perMinute: Decimal(string: "0.5"), perHour: 5))
            // No token may do more than all together.
            try await change(gym, .init(requestsPerMinute: 3, tokenRequestsPerMinute: 20))
            try requireEqual(try await quota(.token(plain.id), gym), 3)
            try requireEqual(try await quota(.token(slow.id), gym), 3)
        },
        StoreBehaviour("many who lease at once get no more than there is") { stores in
            let gym = try await limited(.init(requestsPerMinute: 20), in: stores)
            let granted = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<40 {
                    tasks.addTask {
                        try await stores.rates.lease(.organization, balance: 0, atLeast: 1, in: gym.scope).granted
                    }
                }
                return try await tasks.reduce(0, +)
            }
            try require((20...40).contains(granted), "\(granted)")
        },
        StoreBehaviour("an organisation that does not exist has no buckets") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let nobody = OrganizationScope(gym.id())
            try await requireThrows(SpotterError.self) {
                _ = try await stores.rates.lease(.organization, balance: 0, atLeast: 1, in: nobody)
            }
        },
    ]

    private static func quota(_ bucket: RateBucket, _ gym: TestOrganization) async throws -> Int {
        try await gym.stores.rates.lease(bucket, balance: 0, atLeast: 1, in: gym.scope).quota
    }

    private static func limited(
        _ limits: TenantDefinition.Limits, in stores: StoreSet
    ) async throws -> TestOrganization {
        let gym = try await TestOrganization.make(in: stores)
        try await change(gym, limits)
        return gym
    }

    private static func change(_ gym: TestOrganization, _ limits: TenantDefinition.Limits) async throws {
        let old = gym.organization
        let definition = TenantDefinition(
            slug: old.slug, name: old.name, timezone: old.timezone, currency: old.currency, plan: old.plan,
            limits: limits)
        _ = try await gym.stores.organizations.apply(definition, id: old.id, at: TestOrganization.start)
    }
}
