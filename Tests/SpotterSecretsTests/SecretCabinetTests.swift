import Foundation
import PostgresKit
import ServiceKit
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct SecretCabinetTests {
    private let said = LogLines()
    private let ring: SealingRing
    private let keys: SharedRing

    init() throws {
        ring = try SealingRing.generate()
        keys = SharedRing(ring)
    }

    private func cabinet(_ stores: StoreSet) -> SecretCabinet {
        SecretCabinet(store: stores.secrets, keys: keys, log: said.log)
    }

    @Test func `what another process stores, changes and deletes is at hand after the next look`() async throws {
        let stores = try await TestStores.shared.stores
        let gym = try await TestOrganization.make(in: stores)
        let other = try await TestOrganization.make(in: stores)
        let cabinet = cabinet(stores)
        try await cabinet.load(requiringKeys: true)
        #expect(try gym.key(in: cabinet) == nil)
        for text in ["sk-canary-first", "sk-canary-second"] {
            try await gym.keep(text, with: ring)
            try await cabinet.lookOnce()
            #expect(try gym.key(in: cabinet) == text)
            #expect(try gym.key(in: cabinet, for: "anthropic") == nil)
            #expect(try other.key(in: cabinet) == nil)
        }
        _ = try await stores.secrets.delete(
            #require(.provider("openai")), at: TestOrganization.start, in: gym.scope)
        try await cabinet.lookOnce()
        #expect(try gym.key(in: cabinet) == nil)
    }

    @Test func `the running service learns of a change by itself`() async throws {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        let (looks, look) = AsyncStream.makeStream(of: Void.self)
        let count = Mutex(0)
        let store = InterruptedStore(
            store: stores.secrets,
            onLook: {
                count.withLock { $0 += 1 }
                look.yield()
            })
        let cabinet = SecretCabinet(store: store, keys: keys, log: said.log, interval: .milliseconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cabinet.run() }
            try await gym.keep("sk-canary-0123", with: ring)
            // The next look sees it, and is over when the one after it begins.
            let known = count.withLock(\.self)
            for await _ in looks where count.withLock(\.self) >= known + 2 { break }
            #expect(try gym.key(in: cabinet) == "sk-canary-0123")
            cabinet.shutDown()
            try await group.waitForAll()
        }
    }

    @Test func `a change that is committed after a later one is not missed`() async throws {
        let postgres = try await TestStores.shared
        let stores = postgres.stores
        let slow = try await TestOrganization.make(in: stores)
        let quick = try await TestOrganization.make(in: stores)
        try await slow.keep("sk-canary-slow", with: ring)
        let cabinet = cabinet(stores)
        try await cabinet.load(requiringKeys: true)
        try await postgres.database.withOrganization(slow.scope.organization.uuid).transaction { transaction in
            _ = try await transaction.query(
                Statement(
                    """
                    UPDATE spotter.secrets SET sealed = NULL, key_id = NULL, hint = NULL,
                        changed_in = pg_current_xact_id()::text::bigint
                    """))
            try await quick.keep("sk-canary-quick", with: ring)
            try await cabinet.lookOnce()
            #expect(try quick.key(in: cabinet) == "sk-canary-quick")
            #expect(try slow.key(in: cabinet) == "sk-canary-slow")
        }
        try await cabinet.lookOnce()
        #expect(try slow.key(in: cabinet) == nil)
    }

    @Test func `a row that was copied from another organisation opens for nobody but its own`() async throws {
        let stores = StoreSet.memory()
        let owner = try await TestOrganization.make(in: stores)
        let thief = try await TestOrganization.make(in: stores)
        let secret = try await owner.keep("sk-canary-0123", with: ring)
        _ = try await stores.secrets.put(
            secret.name, secret.sealed, hint: nil, at: TestOrganization.start, in: thief.scope)
        let cabinet = cabinet(stores)
        try await cabinet.load(requiringKeys: true)
        #expect(try owner.key(in: cabinet) == "sk-canary-0123")
        let error = #expect(throws: SpotterError.self) { try thief.key(in: cabinet) }
        #expect(error?.code == .unavailable)
        #expect(said.lines(with: "a secret cannot be opened").count == 1)
        #expect(said.lines(with: "sealed for another organisation").count == 1)
        // Looked at again, it is not told again.
        try await cabinet.load(requiringKeys: true)
        #expect(said.lines(with: "a secret cannot be opened").count == 1)
    }

    @Test func `a wrong ring is one organisation's trouble, names the key, and is over with the right one`()
        async throws
    {
        let stores = StoreSet.memory()
        let well = try await TestOrganization.make(in: stores)
        let ill = try await TestOrganization.make(in: stores)
        let lost = try SealingRing.generate()
        try await well.keep("sk-canary-well", with: ring)
        try await ill.keep("sk-canary-ill1", with: lost)
        try await ill.keep("sk-canary-ill2", for: "anthropic", with: ring)
        let cabinet = cabinet(stores)
        try await cabinet.load(requiringKeys: true)
        #expect(try well.key(in: cabinet) == "sk-canary-well")
        #expect(try ill.key(in: cabinet, for: "anthropic") == "sk-canary-ill2")
        #expect(throws: SpotterError.self) { try ill.key(in: cabinet) }
        #expect(said.lines(with: lost.sealingKeyID).count == 1)
        #expect(said.lines(with: "Put that key back").count == 1)
        // Nothing in the database changes: the look alone finds the ring mended.
        keys.replace(try SealingRing(parsing: ring.text + lost.text))
        try await cabinet.lookOnce()
        #expect(try ill.key(in: cabinet) == "sk-canary-ill1")
    }

    @Test func `a secret that was sealed with a key not here yet goes on as it was`() async throws {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        try await gym.keep("sk-canary-0123", with: ring)
        let cabinet = cabinet(stores)
        try await cabinet.load(requiringKeys: true)
        let rotated = try ring.rotated()
        let sealer = try #require(try SharedRing(rotated).sealer())
        let report = try await SecretRotation(store: stores.secrets, sealer: sealer).run()
        #expect(report.resealed == 1)
        try await cabinet.lookOnce()
        #expect(try gym.key(in: cabinet) == "sk-canary-0123")
        #expect(said.lines(with: "would not open after a restart").count == 1)
        // A new value is something else: it cannot be guessed.
        try await gym.keep("sk-canary-4567", with: rotated)
        try await cabinet.lookOnce()
        #expect(throws: SpotterError.self) { try gym.key(in: cabinet) }
        keys.replace(rotated)
        try await cabinet.lookOnce()
        #expect(try gym.key(in: cabinet) == "sk-canary-4567")
    }

    @Test func `a ring that cannot be read changes nothing where it is required, and is told of where it is not`()
        async throws
    {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        try await gym.keep("sk-canary-0123", with: ring)
        let cabinet = cabinet(stores)
        keys.setBroken(true)
        try await cabinet.load(requiringKeys: false)
        #expect(throws: SpotterError.self) { try gym.key(in: cabinet) }
        #expect(said.lines(with: "the sealing keys cannot be read").isEmpty == false)
        keys.setBroken(false)
        try await cabinet.lookOnce()
        #expect(try gym.key(in: cabinet) == "sk-canary-0123")
        keys.setBroken(true)
        await #expect(throws: SpotterError.self) { try await cabinet.load(requiringKeys: true) }
        #expect(try gym.key(in: cabinet) == "sk-canary-0123")
    }

    @Test func `no opened secret is ever in the log`() async throws {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        try await gym.keep("sk-canary-0123", with: ring)
        let log = said.log
        let cabinet = SecretCabinet(store: stores.secrets, keys: keys, log: log)
        try await cabinet.load(requiringKeys: true)
        log.error("the provider refused sk-canary-0123")
        var dumped = ""
        dump(cabinet, to: &dumped)
        #expect(!dumped.contains("canary"))
        #expect(said.lines(with: "canary").isEmpty)
        #expect(said.lines(with: "[redacted]").count == 1)
    }
}
