import Foundation
import ServiceKit
import SigningKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterProviders
import SpotterSecrets
import SpotterTenants

extension SpotterProduct {
    var secretProviders: [String] { ProviderKind.allCases.filter { $0 != .offline }.map(\.rawValue) }

    func setSecret(
        _ source: SecretSource, provider: String, organization: String
    ) async throws -> SealedSecret {
        let value = try value(of: source)
        log.redact(value.text)
        let name = try name(of: provider)
        return try await withScope(organization) { application, scope in
            // Held until the secret is stored: a key that is dropped meanwhile would take the secret with it.
            let held = try sealingKeys(data: dataDirectory).hold()
            defer { withExtendedLifetime(held.lock) {} }
            let sealed = try RingSealer(held.ring).seal(value, as: name, in: scope)
            return try await application.stores.secrets.put(
                name, sealed, hint: value.hint, at: application.clock.now(), in: scope)
        }
    }

    func secrets(organization: String) async throws -> [SealedSecret] {
        try await withScope(organization) { application, scope in
            try await application.stores.secrets.secrets(in: scope)
        }
    }

    func deleteSecret(provider: String, organization: String) async throws {
        let name = try name(of: provider)
        try await withScope(organization) { application, scope in
            let isGone = try await application.stores.secrets.delete(name, at: application.clock.now(), in: scope)
            guard isGone else {
                throw SpotterError(.notFound, "\(organization) keeps no key for \(provider).")
            }
        }
    }

    func rotateSecrets(_ options: SecretRotationOptions) async throws -> SecretRotationReport {
        let keys = try sealingKeys(data: dataDirectory)
        return try await withApplication { application, _, _ in
            if !options.resumes { try keys.rotate() }
            let (rotation, done) = try await reseal(with: keys, application, options)
            var report = done
            if options.dropsOld { report.dropped = try await keys.drop { try await rotation.keysInUse() } }
            report.needed = try await rotation.keysInUse().subtracting([report.keyID]).sorted()
            return report
        }
    }

    /// Nobody takes a key out of the ring while this goes on: one that was put in meanwhile by another rotation may be
    /// the one that this seals with.
    private func reseal(
        with keys: SealingKeys, _ application: Application, _ options: SecretRotationOptions
    ) async throws -> (SecretRotation, SecretRotationReport) {
        let held = try keys.hold()
        defer { withExtendedLifetime(held.lock) {} }
        let rotation = SecretRotation(store: application.stores.secrets, sealer: RingSealer(held.ring))
        return (rotation, try await rotation.run(onProgress: options.progress))
    }

    func newSealingKey() throws -> String { try SealingRing.newLine() }

    private func name(of provider: String) throws -> SecretName {
        let found = provider.hasPrefix("connector:") ? SecretName(provider) : .provider(provider)
        guard let name = found else {
            throw SpotterError(.invalid, "There is no such provider.")
        }
        return name
    }

    private func value(of source: SecretSource) throws -> SecretValue {
        switch source {
        case .value(let value): return value
        case .reference(let reference):
            guard let secret = try reference.resolve(environment: settings.environment) else {
                throw SpotterError(.invalid, "There is nothing where \(reference) refers to.")
            }
            if let warning = secret.warning { log.warning("secret", ["warning": warning]) }
            return try SecretValue(secret.value)
        }
    }
}
