import Foundation
import SpotterDomain

extension StoreConformance {
    static let secrets: [StoreBehaviour] = [
        StoreBehaviour("a secret is kept as it was sealed, and a later one takes its place") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (openai, anthropic) = (try name("openai"), try name("anthropic"))
            let start = TestOrganization.start
            let first = try await stores.secrets.put(
                openai, SealedBytes([0, 1, 255], keyID: "a"), hint: "wxyz", at: start, in: gym.scope)
            try requireEqual(
                first,
                SealedSecret(
                    name: openai, sealed: SealedBytes([0, 1, 255], keyID: "a"), hint: "wxyz", version: 1,
                    createdAt: start, updatedAt: start))
            let other = try await stores.secrets.put(
                anthropic, SealedBytes([2], keyID: "a"), hint: nil, at: start, in: gym.scope)
            try requireEqual(try await stores.secrets.secrets(in: gym.scope), [other, first])
            let second = try await stores.secrets.put(
                openai, SealedBytes([3], keyID: "b"), hint: nil, at: start + 5, in: gym.scope)
            try requireEqual(
                second,
                SealedSecret(
                    name: openai, sealed: SealedBytes([3], keyID: "b"), hint: nil, version: 2, createdAt: start,
                    updatedAt: start + 5))
            try requireEqual(try await stores.secrets.secrets(in: gym.scope), [other, second])
        },
        StoreBehaviour("a deleted secret is gone, and its name goes on counting") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (openai, start) = (try name("openai"), TestOrganization.start)
            let old = try await gym.secret(openai, [1])
            try require(try await stores.secrets.delete(openai, at: start, in: gym.scope))
            try require(try await !stores.secrets.delete(openai, at: start, in: gym.scope))
            try require(try await !stores.secrets.delete(name("anthropic"), at: start, in: gym.scope))
            try requireEqual(try await stores.secrets.secrets(in: gym.scope), [])
            try requireEqual(
                try await stores.secrets.reseal(
                    [ResealedSecret(old, as: SealedBytes([9], keyID: "b"))], in: gym.scope), 0)
            let new = try await stores.secrets.put(
                openai, SealedBytes([2], keyID: "a"), hint: nil, at: start + 7, in: gym.scope)
            try requireEqual([new.version, 3], [3, new.version])
            try requireEqual(new.createdAt, start + 7)
        },
        StoreBehaviour("only a secret that is as it was read is sealed anew") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (openai, anthropic) = (try name("openai"), try name("anthropic"))
            let changed = try await gym.secret(openai, [1])
            let same = try await gym.secret(anthropic, [2])
            let now = try await gym.secret(openai, [3])
            let anew = SealedBytes([4], keyID: "b")
            let count = try await stores.secrets.reseal(
                [ResealedSecret(changed, as: anew), ResealedSecret(same, as: anew)], in: gym.scope)
            try requireEqual(count, 1)
            let kept = try await stores.secrets.secrets(in: gym.scope)
            try requireEqual(kept.map(\.sealed), [anew, now.sealed])
            // The value is the same: neither its number nor its time has changed.
            try requireEqual(kept.first?.version, same.version)
            try requireEqual(kept.first?.updatedAt, same.updatedAt)
            try requireEqual(try await stores.secrets.reseal([], in: gym.scope), 0)
        },
        StoreBehaviour("a look names the organisations whose secrets have changed since the one before") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let openai = try name("openai")
            func changed(since mark: SecretMark?) async throws -> (Bool, SecretMark) {
                let changes = try await stores.secrets.changes(since: mark)
                return (changes.organizations.contains(gym.scope.organization), changes.mark)
            }
            try await require(!changed(since: nil).0)
            var mark = try await changed(since: nil).1
            let secret = try await gym.secret(openai, [1])
            _ = try await other.secret(openai, [1])
            let steps: [@Sendable () async throws -> Void] = [
                {},
                {
                    let anew = ResealedSecret(secret, as: SealedBytes([2], keyID: "b"))
                    _ = try await stores.secrets.reseal([anew], in: gym.scope)
                },
                { _ = try await stores.secrets.delete(openai, at: TestOrganization.start, in: gym.scope) },
                { _ = try await gym.secret(openai, [3]) },
            ]
            for step in steps {
                try await step()
                let found: Bool
                (found, mark) = try await changed(since: mark)
                try require(found, "a change was missed")
            }
            try await require(changed(since: nil).0)
        },
        StoreBehaviour("another organisation's secrets do not exist") { stores in
            let mine = try await TestOrganization.make(in: stores, name: "Mine")
            let theirs = try await TestOrganization.make(in: stores, name: "Theirs")
            let openai = try name("openai")
            let secret = try await theirs.secret(openai, [1])
            try requireEqual(try await stores.secrets.secrets(in: mine.scope), [])
            try require(try await !stores.secrets.delete(openai, at: TestOrganization.start, in: mine.scope))
            let stolen = ResealedSecret(secret, as: SealedBytes([6], keyID: "b"))
            try requireEqual(try await stores.secrets.reseal([stolen], in: mine.scope), 0)
            _ = try await mine.secret(openai, [7])
            try requireEqual(try await stores.secrets.secrets(in: theirs.scope), [secret])
        },
        StoreBehaviour("an organisation that does not exist keeps no secret") { stores in
            let nobody = OrganizationScope(OrganizationID(UUID()))
            let openai = try name("openai")
            try await requireError(.notFound) {
                try await stores.secrets.put(
                    openai, SealedBytes([1], keyID: "a"), hint: nil, at: TestOrganization.start, in: nobody)
            }
            try requireEqual(try await stores.secrets.secrets(in: nobody), [])
        },
    ]

    private static func name(_ provider: String) throws -> SecretName { try unwrap(.provider(provider)) }
}

extension TestOrganization {
    /// Stores bytes under a name, as if they were sealed.
    @discardableResult
    func secret(_ name: SecretName, _ bytes: [UInt8]) async throws -> SealedSecret {
        try await stores.secrets.put(name, SealedBytes(bytes, keyID: "a"), hint: nil, at: Self.start, in: scope)
    }
}
