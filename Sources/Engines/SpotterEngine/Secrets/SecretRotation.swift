public import SpotterDomain

/// Seals the secrets of all organisations anew, with the key that seals now.
///
/// It may be broken off at any moment and begun again: what is done stays done, and each secret is changed only if it is
/// still as it was read, so that one that somebody stores meanwhile is never overwritten. An organisation whose secrets
/// cannot be read or opened is reported, and the others go on.
public struct SecretRotation: Sendable {
    private let store: any SecretStore
    private let sealer: any SecretSealer
    private let batch: Int

    /// Looks at a secret that others change all the time are not without end.
    private static let patience = 20

    /// - Parameter batch: how many secrets go in one transaction.
    public init(store: any SecretStore, sealer: any SecretSealer, batch: Int = 100) {
        self.store = store
        self.sealer = sealer
        self.batch = max(1, batch)
    }

    /// One round over all organisations. `onProgress` gets how many of how many organisations are done.
    public func run(
        onProgress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) async throws -> SecretRotationReport {
        var report = SecretRotationReport(keyID: sealer.keyID)
        let organizations = try await store.changes(since: nil).organizations
        for organization in organizations {
            try Task.checkCancellation()
            do {
                try await reseal(OrganizationScope(organization), &report)
            } catch let error as SpotterError {
                report.problems.append(.init(organization, nil, error.message))
            }
            report.organizations += 1
            onProgress(report.organizations, organizations.count)
        }
        return report
    }

    /// The keys that anything is sealed with.
    public func keysInUse() async throws -> Set<String> {
        var used: Set<String> = []
        for organization in try await store.changes(since: nil).organizations {
            try Task.checkCancellation()
            used.formUnion(try await store.secrets(in: OrganizationScope(organization)).map(\.sealed.keyID))
        }
        return used
    }

    private func reseal(_ scope: OrganizationScope, _ report: inout SecretRotationReport) async throws {
        var mine = 0
        var closed: Set<SecretName> = []
        for _ in 0..<Self.patience {
            let secrets = try await store.secrets(in: scope)
            let old = secrets.filter { $0.sealed.keyID != sealer.keyID }
            let next = old.filter { !closed.contains($0.name) }.prefix(batch)
            guard !next.isEmpty else {
                report.current += secrets.count - old.count - mine
                return
            }
            var changes: [ResealedSecret] = []
            for secret in next {
                do {
                    let value = try sealer.open(secret.sealed, as: secret.name, in: scope)
                    changes.append(
                        ResealedSecret(secret, as: try sealer.seal(value, as: secret.name, in: scope)))
                } catch let fault as SecretFault {
                    closed.insert(secret.name)
                    report.problems.append(.init(scope.organization, secret.name, fault.description))
                }
            }
            let count = try await store.reseal(changes, in: scope)
            mine += count
            report.resealed += count
        }
        report.problems.append(
            .init(scope.organization, nil, "Its secrets change all the time. Run the command again with --resume."))
    }
}
