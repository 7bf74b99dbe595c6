import Foundation
import ServiceKit
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterSecrets
import SpotterTesting
import Synchronization
import Testing

/// A ring that a test changes, as others see it.
final class SharedRing: SecretKeys {
    private let ring: Mutex<SealingRing?>
    private let isBroken = Mutex(false)

    init(_ ring: SealingRing?) { self.ring = Mutex(ring) }

    func replace(_ ring: SealingRing?) { self.ring.withLock { $0 = ring } }
    func setBroken(_ broken: Bool) { isBroken.withLock { $0 = broken } }

    func sealer() throws -> (any SecretSealer)? {
        guard !isBroken.withLock(\.self) else { throw SpotterError(.invalid, "ring: line 1 is no key") }
        return ring.withLock(\.self).map { RingSealer($0) }
    }
}

/// What a log has said.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var log: Log { Log(level: .debug) { line in self.lines.withLock { $0.append(line) } } }
    func lines(with word: String) -> [String] { lines.withLock { $0.filter { $0.contains(word) } } }
}

extension TestOrganization {
    /// Seals and stores a provider's key.
    @discardableResult
    func keep(_ text: String, for provider: String = "openai", with ring: SealingRing) async throws -> SealedSecret {
        let name = try #require(SecretName.provider(provider))
        let value = try SecretValue(text)
        return try await stores.secrets.put(
            name, try RingSealer(ring).seal(value, as: name, in: scope), hint: value.hint, at: Self.start, in: scope)
    }

    /// What a cabinet has for the organisation.
    func key(in cabinet: SecretCabinet, for provider: String = "openai") throws -> String? {
        try cabinet.value(of: #require(.provider(provider)), in: scope)?.text
    }
}

/// Lets a test do something between a rotation's reading and its writing, and count looks.
struct InterruptedStore: SecretStore {
    let store: any SecretStore
    let beforeReseal: @Sendable (OrganizationScope) async throws -> Void
    let onLook: @Sendable () -> Void

    init(
        store: any SecretStore,
        beforeReseal: @escaping @Sendable (OrganizationScope) async throws -> Void = { _ in },
        onLook: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.onLook = onLook
        self.beforeReseal = beforeReseal
    }

    func put(
        _ name: SecretName, _ sealed: SealedBytes, hint: String?, at now: Date, in scope: OrganizationScope
    ) async throws -> SealedSecret {
        try await store.put(name, sealed, hint: hint, at: now, in: scope)
    }
    func secrets(in scope: OrganizationScope) async throws -> [SealedSecret] {
        try await store.secrets(in: scope)
    }
    func delete(_ name: SecretName, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        try await store.delete(name, at: now, in: scope)
    }
    func reseal(_ secrets: [ResealedSecret], in scope: OrganizationScope) async throws -> Int {
        try await beforeReseal(scope)
        return try await store.reseal(secrets, in: scope)
    }
    func changes(since mark: SecretMark?) async throws -> SecretChanges {
        onLook()
        return try await store.changes(since: mark)
    }
}

/// Puts a value in the place of another, which it returns.
func exchange<Value>(_ place: inout Value, with new: Value) -> Value {
    defer { place = new }
    return place
}
