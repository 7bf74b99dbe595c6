import Foundation
import ServiceKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterHTTP

/// Servers that share a database share its buckets.
struct RateLimiterTests {
    enum Kind: String, CaseIterable, Sendable {
        case memory, postgres

        var stores: StoreSet {
            get async throws { self == .memory ? .memory() : try await TestStores.shared.stores }
        }
    }

    private static func gym(_ stores: StoreSet, requestsPerMinute: Int) async throws -> TestOrganization {
        let gym = try await TestOrganization.make(in: stores)
        let old = gym.organization
        let definition = TenantDefinition(
            slug: old.slug, name: old.name, timezone: old.timezone, currency: old.currency, plan: old.plan,
            limits: .init(requestsPerMinute: requestsPerMinute))
        _ = try await stores.organizations.apply(definition, id: old.id, at: TestOrganization.start)
        return gym
    }

    private static func limiter(_ store: any RateLimitStore, capacity: Int = 1_000) -> RateLimiter {
        RateLimiter(store: store, log: .silent, capacity: capacity)
    }

    /// How many of `count` requests at once are let through.
    private static func flood(
        _ limiter: RateLimiter, _ count: Int, _ gym: TestOrganization
    ) async -> Int {
        await withTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<count {
                tasks.addTask { await limiter.spend(.organization, in: gym.scope).retryAfter == nil }
            }
            return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test(arguments: Kind.allCases)
    func `two servers on one database let through what one would, within two slices each`(_ kind: Kind) async throws {
        let stores = try await kind.stores
        let quota = 200
        let gym = try await Self.gym(stores, requestsPerMinute: quota)
        let servers = [Self.limiter(stores.rates), Self.limiter(stores.rates)]
        let started = ContinuousClock.now
        let allowed = await withTaskGroup(of: Int.self) { tasks in
            for server in servers { tasks.addTask { await Self.flood(server, 1_000, gym) } }
            return await tasks.reduce(0, +)
        }
        let got = Int((started.duration(to: .now) / .seconds(1) * Double(quota) / 60).rounded(.up))
        let slice = LeasedBucket.slice(of: quota)
        #expect(allowed >= quota - 2 * slice, "\(allowed)")
        #expect(allowed <= quota + got + 4 * slice, "\(allowed)")
        // Both know that nothing is left.
        for server in servers {
            let standing = await server.spend(.organization, in: gym.scope)
            #expect(standing.retryAfter != nil || got > 0)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a server that dies leaves all but a slice to the other`(_ kind: Kind) async throws {
        let stores = try await kind.stores
        let quota = 500
        let gym = try await Self.gym(stores, requestsPerMinute: quota)
        do {
            let dead = Self.limiter(stores.rates)
            #expect(await Self.flood(dead, 1, gym) == 1)
        }
        let allowed = await Self.flood(Self.limiter(stores.rates), 2_000, gym)
        #expect(allowed >= quota - 2 * LeasedBucket.slice(of: quota), "\(allowed)")
    }

    @Test func `without the database each server keeps to the limit by itself, and says so in the log`() async throws {
        let stores = StoreSet.memory()
        let gym = try await Self.gym(stores, requestsPerMinute: 100)
        let store = FailingStore(stores.rates)
        let limiter = Self.limiter(store)
        #expect(await Self.flood(limiter, 3, gym) == 3)
        store.isGone.store(true, ordering: .relaxed)
        let allowed = await Self.flood(limiter, 1_000, gym)
        #expect((0...10).contains(allowed), "\(allowed)")
        // One that never reached it goes by the smallest plan.
        let late = Self.limiter(store)
        #expect((1...60).contains(await Self.flood(late, 1_000, gym)))
    }

    @Test func `requests do not wait for the database while a slice is in hand`() async throws {
        let stores = StoreSet.memory()
        let gym = try await Self.gym(stores, requestsPerMinute: 10_000)
        let store = FailingStore(stores.rates)
        let limiter = Self.limiter(store)
        for _ in 0..<1_000 { #expect(await limiter.spend(.organization, in: gym.scope).retryAfter == nil) }
        // A slice is 200, and the next is taken at half of it.
        let leases = store.leases.load(ordering: .relaxed)
        #expect((5...12).contains(leases), "\(leases)")
    }

    @Test func `memory is bounded, whoever comes`() async throws {
        let stores = StoreSet.memory()
        let limiter = Self.limiter(stores.rates, capacity: 16)
        let gym = try await TestOrganization.make(in: stores)
        for _ in 0..<200 { _ = await limiter.spend(.token(gym.id()), in: gym.scope) }
        #expect(limiter.count <= 16)
        let addresses = AddressLimiter(capacity: 16)
        for number in 0..<1_000 { _ = addresses.fail("192.0.2.\(number)") }
        #expect(addresses.count <= 16)
    }

    @Test func `models that have cost too much in a minute or an hour make requests for more wait`() async throws {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        let execution = try await gym.begunTurn()
        let line = gym.line(gym.charge(), of: execution, step: gym.id())
        try await gym.record(ExecutionRecord(execution: execution, ledger: [line]))
        let billed = line.cost.billed.amount
        #expect(billed > 0)
        func standings(_ limits: CostLimits, after seconds: TimeInterval) async throws -> [RateStanding] {
            try await CostWindows(ledger: stores.ledger).standings(limits, at: line.at + seconds, in: gym.scope)
        }
        #expect(try await standings(CostLimits(), after: 1).isEmpty)
        #expect(try await standings(CostLimits(perMinute: billed), after: 1).map(\.retryAfter) == [10])
        #expect(try await standings(CostLimits(perMinute: billed), after: 61).map(\.retryAfter) == [nil])
        #expect(try await standings(CostLimits(perMinute: billed * 2), after: 1).map(\.retryAfter) == [nil])
        let both = try await standings(CostLimits(perMinute: billed, perHour: billed), after: 61)
        #expect(both.map(\.retryAfter) == [nil, 60])
        #expect(both[1].policy.hasSuffix(";w=3600;qu=\"us-cents\""))
    }
}

/// A store that counts, and that can be gone.
private final class FailingStore: RateLimitStore {
    let isGone = Atomic(false)
    let leases = Atomic(0)
    private let store: any RateLimitStore

    init(_ store: any RateLimitStore) { self.store = store }

    func lease(
        _ bucket: RateBucket, balance: Double, atLeast: Int, in scope: OrganizationScope
    ) async throws -> RateLease {
        guard !isGone.load(ordering: .relaxed) else { throw SpotterError(.unavailable, "The database is gone.") }
        leases.add(1, ordering: .relaxed)
        return try await store.lease(bucket, balance: balance, atLeast: atLeast, in: scope)
    }
}
