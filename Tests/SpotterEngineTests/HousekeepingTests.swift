import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

struct HousekeepingTests {
    private struct FixedClock: WallClock {
        func now() -> Date { TestOrganization.start }
    }

    /// Passes everything on, notes how much each call asked for, and fails for one organisation.
    private final class WatchedReceipts: ReceiptStore {
        let store: any ReceiptStore
        let broken: OrganizationID?
        let calls = Mutex<[OrganizationID]>([])

        init(_ store: any ReceiptStore, broken: OrganizationID? = nil) {
            self.store = store
            self.broken = broken
        }

        func receipt(forKey key: String, in scope: OrganizationScope) async throws -> Receipt? {
            try await store.receipt(forKey: key, in: scope)
        }
        func begin(_ receipt: Receipt, in scope: OrganizationScope) async throws {
            try await store.begin(receipt, in: scope)
        }
        func takeOver(
            key: String, begunBefore date: Date, at now: Date, in scope: OrganizationScope
        ) async throws -> Bool {
            try await store.takeOver(key: key, begunBefore: date, at: now, in: scope)
        }

        func complete(key: String, with response: Receipt.Response, in scope: OrganizationScope) async throws {
            try await store.complete(key: key, with: response, in: scope)
        }
        func abandon(key: String, in scope: OrganizationScope) async throws {
            try await store.abandon(key: key, in: scope)
        }
        func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
            calls.withLock { $0.append(scope.organization) }
            if scope.organization == broken { throw SpotterError(.unavailable, "The database is busy.") }
            return try await store.forget(before: date, limit: limit, in: scope)
        }
    }

    /// Passes everything on, and fails for one organisation.
    private struct BrokenHistory: ExecutionHistory {
        let store: any ExecutionHistory
        let broken: OrganizationID

        func prepare() async throws { throw SpotterError(.unavailable, "The database is busy.") }
        func archive(
            _ retention: Retention, after: ExecutionID?, limit: Int, at now: Date, in scope: OrganizationScope
        ) async throws -> ArchivedBatch {
            if scope.organization == broken { throw SpotterError(.unavailable, "The database is busy.") }
            return try await store.archive(retention, after: after, limit: limit, at: now, in: scope)
        }
    }

    /// Runs that completed so many seconds ago.
    private static func completed(_ count: Int, age: TimeInterval, in gym: TestOrganization) async throws {
        let runs = (0..<count).map { _ in
            var run = gym.work()
            run.state = .completed
            run.completedAt = TestOrganization.start - age
            return run
        }
        _ = try await gym.stores.executions.enqueue(runs, receipt: nil, in: gym.scope)
    }

    private static func receipt(_ key: String, age: TimeInterval) -> Receipt {
        Receipt(key: key, fingerprint: [1], createdAt: TestOrganization.start - age)
    }

    private static func housekeeping(
        _ stores: StoreSet, _ receipts: any ReceiptStore, history: (any ExecutionHistory)? = nil, batch: Int = 1_000
    ) -> Housekeeping {
        Housekeeping(
            organizations: stores.organizations, receipts: receipts, history: history ?? stores.history,
            budgets: stores.budgets, queue: stores.queue, fires: stores.fires, sessions: stores.sessions,
            clock: FixedClock(), log: .silent, batches: .init(receipts: batch, executions: batch))
    }

    @Test func `receipts older than a day are forgotten in every organisation, younger ones stay`() async throws {
        let stores = StoreSet.memory()
        let gyms = [try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)]
        for gym in gyms {
            try await stores.receipts.begin(Self.receipt("old", age: 86_401), in: gym.scope)
            try await stores.receipts.begin(Self.receipt("young", age: 86_399), in: gym.scope)
        }
        #expect(try await Self.housekeeping(stores, stores.receipts).runOnce() == .init(receipts: 2))
        for gym in gyms {
            #expect(try await stores.receipts.receipt(forKey: "old", in: gym.scope) == nil)
            #expect(try await stores.receipts.receipt(forKey: "young", in: gym.scope) != nil)
        }
    }

    @Test func `a full organisation does not keep another one waiting`() async throws {
        let stores = StoreSet.memory()
        let gyms = [try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)]
        let ordered = gyms.sorted { $0.organization.id < $1.organization.id }
        for number in 0..<7 {
            try await stores.receipts.begin(Self.receipt("k\(number)", age: 90_000), in: ordered[0].scope)
        }
        try await stores.receipts.begin(Self.receipt("k", age: 90_000), in: ordered[1].scope)
        let receipts = WatchedReceipts(stores.receipts)
        #expect(try await Self.housekeeping(stores, receipts, batch: 3).runOnce() == .init(receipts: 8))
        let (first, second) = (ordered[0].organization.id, ordered[1].organization.id)
        #expect(receipts.calls.withLock { $0 } == [first, second, first, first])
    }

    @Test func `an organisation that fails does not stop the others`() async throws {
        let stores = StoreSet.memory()
        let gyms = [try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)]
        for gym in gyms { try await stores.receipts.begin(Self.receipt("old", age: 90_000), in: gym.scope) }
        for broken in gyms {
            let receipts = WatchedReceipts(stores.receipts, broken: broken.organization.id)
            await #expect(throws: SpotterError.self) {
                try await Self.housekeeping(stores, receipts).runOnce()
            }
        }
        for gym in gyms { #expect(try await stores.receipts.receipt(forKey: "old", in: gym.scope) == nil) }
    }

    @Test func `executions that ended long ago go to the history, batch by batch in every organisation`()
        async throws
    {
        let stores = StoreSet.memory()
        let gyms = [try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)]
        try await Self.completed(5, age: 90_000, in: gyms[0])
        try await Self.completed(2, age: 90_000, in: gyms[1])
        try await Self.completed(1, age: 80_000, in: gyms[1])
        let housekeeping = Self.housekeeping(stores, stores.receipts, batch: 2)
        #expect(try await housekeeping.runOnce() == .init(executions: 7))
        #expect(try await housekeeping.runOnce() == .init())
    }

    @Test func `a history that fails stops neither other organisations nor what comes after it`() async throws {
        let stores = StoreSet.memory(clock: FixedClock())
        let gyms = [try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)]
        for gym in gyms { try await Self.completed(1, age: 90_000, in: gym) }
        _ = try await gyms[0].worker(lease: .seconds(-90_000))
        let history = BrokenHistory(store: stores.history, broken: gyms[0].organization.id)
        await #expect(throws: SpotterError.self) {
            try await Self.housekeeping(stores, stores.receipts, history: history).runOnce()
        }
        #expect(try await stores.queue.forgetWorkers() == 0)
        #expect(try await Self.housekeeping(stores, stores.receipts).runOnce() == .init(executions: 1))
    }

    @Test(.timeLimit(.minutes(5))) func `it ends when it is asked to`() async throws {
        let stores = StoreSet.memory()
        let housekeeping = Self.housekeeping(stores, stores.receipts)
        async let running: Void = housekeeping.run()
        housekeeping.shutDown()
        try await running
    }
}
