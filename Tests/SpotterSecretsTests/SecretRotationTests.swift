import Foundation
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterSecrets
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct SecretRotationTests {
    private let ring: SealingRing
    private let rotated: SealingRing

    init() throws {
        ring = try SealingRing.generate()
        rotated = try ring.rotated()
    }

    @Test func `every secret is sealed anew once, and then nothing is left to do`() async throws {
        let stores = StoreSet.memory()
        var gyms: [TestOrganization] = []
        for number in 0..<3 {
            let gym = try await TestOrganization.make(in: stores)
            for provider in ["openai", "anthropic", "other"] {
                try await gym.keep("sk-canary-\(number)-\(provider)", for: provider, with: ring)
            }
            gyms.append(gym)
        }
        let rotation = SecretRotation(store: stores.secrets, sealer: RingSealer(rotated), batch: 2)
        #expect(try await rotation.keysInUse() == [ring.sealingKeyID])
        let report = try await rotation.run()
        #expect(report.organizations == 3)
        #expect(report.resealed == 9)
        #expect(report.current == 0)
        #expect(report.problems.isEmpty)
        #expect(try await rotation.keysInUse() == [rotated.sealingKeyID])
        let again = try await rotation.run()
        #expect(again.organizations == 3)
        #expect(again.resealed == 0)
        #expect(again.current == 9)
        // The old key is not needed any more.
        let alone = RingSealer(try rotated.keeping([]))
        for (number, gym) in gyms.enumerated() {
            for secret in try await stores.secrets.secrets(in: gym.scope) {
                let provider = secret.name.rawValue.dropFirst("provider:".count)
                #expect(
                    try alone.open(secret.sealed, as: secret.name, in: gym.scope).text
                        == "sk-canary-\(number)-\(provider)")
            }
        }
    }

    @Test func `one that is broken off is ended by the next`() async throws {
        let stores = StoreSet.memory()
        for number in 0..<4 {
            try await TestOrganization.make(in: stores).keep("sk-canary-\(number)", with: ring)
        }
        let count = Mutex(0)
        let broken = InterruptedStore(store: stores.secrets) { _ in
            try count.withLock { count in
                count += 1
                if count == 3 { throw CancellationError() }
            }
        }
        await #expect(throws: CancellationError.self) {
            try await SecretRotation(store: broken, sealer: RingSealer(rotated)).run()
        }
        let report = try await SecretRotation(store: stores.secrets, sealer: RingSealer(rotated)).run()
        #expect(report.resealed == 2)
        #expect(report.current == 2)
    }

    @Test func `a secret that somebody stores meanwhile is not overwritten`() async throws {
        let stores = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: stores.stores)
        try await gym.keep("sk-canary-before", with: ring)
        let once = Mutex(true)
        let store = InterruptedStore(store: stores.stores.secrets) { [ring] _ in
            guard once.withLock({ exchange(&$0, with: false) }) else { return }
            // Whoever began before the rotation still seals with the old key.
            try await gym.keep("sk-canary-during", with: ring)
        }
        let report = try await SecretRotation(store: store, sealer: RingSealer(rotated)).run()
        #expect(report.resealed == 1)
        #expect(report.current == 0)
        let kept = try #require(try await stores.stores.secrets.secrets(in: gym.scope).first)
        let alone = RingSealer(try rotated.keeping([]))
        #expect(try alone.open(kept.sealed, as: kept.name, in: gym.scope).text == "sk-canary-during")
        #expect(kept.version == 2)
        try await stores.close()
    }

    @Test func `many who store while two rotate lose nothing`() async throws {
        let stores = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: stores.stores)
        let providers = ["a", "b", "c", "d"]
        for provider in providers { try await gym.keep("sk-canary-0", for: provider, with: ring) }
        let rings = [ring, rotated, try rotated.rotated()]
        let newest = rings[2]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for provider in providers {
                group.addTask {
                    for number in 1...20 {
                        try await gym.keep("sk-canary-\(number)", for: provider, with: rings[number % 3])
                    }
                }
            }
            for ring in [newest, newest] {
                group.addTask {
                    for _ in 0..<5 {
                        _ = try await SecretRotation(store: stores.stores.secrets, sealer: RingSealer(ring)).run()
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try await SecretRotation(store: stores.stores.secrets, sealer: RingSealer(newest)).run()
        #expect(report.problems.isEmpty)
        let alone = RingSealer(try newest.keeping([]))
        let kept = try await stores.stores.secrets.secrets(in: gym.scope)
        #expect(kept.count == providers.count)
        for secret in kept {
            #expect(secret.version == 21)
            #expect(try alone.open(secret.sealed, as: secret.name, in: gym.scope).text == "sk-canary-20")
        }
        try await stores.close()
    }

    @Test func `one organisation's trouble is reported with the key, and the others go on`() async throws {
        let stores = StoreSet.memory()
        let lost = try SealingRing.generate()
        let ill = try await TestOrganization.make(in: stores)
        let well = try await TestOrganization.make(in: stores)
        try await ill.keep("sk-canary-lost", with: lost)
        try await ill.keep("sk-canary-here", for: "anthropic", with: ring)
        try await well.keep("sk-canary-well", with: ring)
        let rotation = SecretRotation(store: stores.secrets, sealer: RingSealer(rotated))
        let report = try await rotation.run()
        #expect(report.resealed == 2)
        let problem = try #require(report.problems.first)
        #expect(report.problems.count == 1)
        #expect(problem.organization == ill.scope.organization)
        #expect(problem.name?.rawValue == "provider:openai")
        #expect(problem.reason.contains(lost.sealingKeyID))
        #expect(try await rotation.keysInUse() == [lost.sealingKeyID, rotated.sealingKeyID])
    }
}
