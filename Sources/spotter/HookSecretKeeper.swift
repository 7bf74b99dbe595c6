import Foundation
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterSecrets

/// The secrets of hooks: sealed in the database, opened in the cabinet. Other processes know a new one within seconds.
struct HookSecretKeeper: HookSecrets {
    let store: any SecretStore
    let keys: any SecretKeys
    let cabinet: SecretCabinet

    func secrets(of hook: HookID, in scope: OrganizationScope) throws -> [String] {
        try [SecretName.hook(hook), .previous(of: hook)].compactMap { $0 }.compactMap {
            try cabinet.value(of: $0, in: scope)?.text
        }
    }

    func add(_ secret: String, to hook: HookID, at now: Date, in scope: OrganizationScope) async throws {
        guard let name = SecretName.hook(hook), let before = SecretName.previous(of: hook) else {
            throw SpotterError.notFound("hook")
        }
        let value = try SecretValue(secret)
        // Held until the secrets are stored: a key that is dropped meanwhile would take them with it.
        let held = try (keys as? SealingKeys)?.hold()
        defer { withExtendedLifetime(held?.lock) {} }
        let known: (any SecretSealer)? = try held.map { RingSealer($0.ring) } ?? keys.sealer()
        guard let sealer = known else {
            throw SpotterError(
                .unavailable, "There are no sealing keys. The operator makes them with `spotter secrets new-key`.")
        }
        // The old one first: whatever breaks in between, no message that was good is refused.
        let stored = try await store.secrets(in: scope).first { $0.name == name }
        if let stored {
            let old = try sealer.open(stored.sealed, as: name, in: scope)
            _ = try await store.put(
                before, sealer.seal(old, as: before, in: scope), hint: old.hint, at: now, in: scope)
        }
        _ = try await store.put(name, sealer.seal(value, as: name, in: scope), hint: value.hint, at: now, in: scope)
        try await cabinet.lookOnce()
    }

    func forgetPrevious(of hook: HookID, at now: Date, in scope: OrganizationScope) async throws {
        guard let before = SecretName.previous(of: hook) else { return }
        _ = try await store.delete(before, at: now, in: scope)
        try await cabinet.lookOnce()
    }

    func forget(_ hook: HookID, at now: Date, in scope: OrganizationScope) async throws {
        for name in [SecretName.hook(hook), .previous(of: hook)].compactMap({ $0 }) {
            _ = try await store.delete(name, at: now, in: scope)
        }
        try await cabinet.lookOnce()
    }
}
