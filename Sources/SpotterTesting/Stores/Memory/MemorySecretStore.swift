import Foundation
import SpotterDomain

/// Sealed secrets in memory.
struct MemorySecretStore: SecretStore {
    let database: MemoryDatabase

    func put(
        _ name: SecretName, _ sealed: SealedBytes, hint: String?, at now: Date, in scope: OrganizationScope
    ) async throws -> SealedSecret {
        try change(scope) { records in
            let old = records.secrets[name]
            let secret = SealedSecret(
                name: name, sealed: sealed, hint: hint, version: (old?.version ?? 0) + 1,
                createdAt: old?.secret?.createdAt ?? now, updatedAt: now)
            records.secrets[name] = OrganizationRecords.StoredSecret(version: secret.version, secret: secret)
            return (secret, true)
        }
    }

    func secrets(in scope: OrganizationScope) async throws -> [SealedSecret] {
        database.read(scope) { $0.secrets.values.compactMap(\.secret).sorted { $0.name < $1.name } }
    }

    func delete(_ name: SecretName, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        guard database.read(scope, { $0.secrets[name]?.secret }) != nil else { return false }
        return try change(scope) { records in
            guard let old = records.secrets[name], old.secret != nil else { return (false, false) }
            records.secrets[name] = OrganizationRecords.StoredSecret(version: old.version + 1, secret: nil)
            return (true, true)
        }
    }

    func reseal(_ secrets: [ResealedSecret], in scope: OrganizationScope) async throws -> Int {
        guard !secrets.isEmpty, database.read(scope, { !$0.secrets.isEmpty }) else { return 0 }
        return try change(scope) { records in
            var count = 0
            for change in secrets {
                guard let old = records.secrets[change.secret.name]?.secret,
                    old.sealed.bytes == change.secret.sealed.bytes
                else { continue }
                records.secrets[old.name]?.secret = SealedSecret(
                    name: old.name, sealed: change.sealed, hint: old.hint, version: old.version,
                    createdAt: old.createdAt, updatedAt: old.updatedAt)
                count += 1
            }
            return (count, count > 0)
        }
    }

    func changes(since mark: SecretMark?) async throws -> SecretChanges {
        database.everything { state in
            let changed = state.organizations.filter { id, records in
                !records.secrets.isEmpty && mark.map { records.secretsChangedAt > $0.value } ?? true
            }
            return SecretChanges(changed.keys.sorted(), mark: SecretMark(state.secretChanges))
        }
    }

    /// Counts the changes, so that a look can tell which it has not seen.
    private func change<Result: Sendable>(
        _ scope: OrganizationScope, _ body: (inout OrganizationRecords) throws -> (Result, hasChanged: Bool)
    ) throws -> Result {
        try database.everything { state in
            guard var records = state.organizations[scope.organization] else {
                throw SpotterError.notFound("organization")
            }
            let (result, hasChanged) = try body(&records)
            if hasChanged {
                state.secretChanges += 1
                records.secretsChangedAt = state.secretChanges
            }
            state.organizations[scope.organization] = records
            return result
        }
    }
}

extension OrganizationRecords {
    /// A name and what is kept under it.
    struct StoredSecret: Sendable {
        var version: Int
        /// nil: it was deleted.
        var secret: SealedSecret?
    }
}
