import Foundation
import SpotterDomain

/// Tokens in memory.
struct MemoryTokenStore: TokenStore {
    let database: MemoryDatabase

    func create(_ token: TokenRecord, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            try records.insert(receipt)
            guard records.tokens[token.id] == nil else {
                throw SpotterError(.conflict, "There is already a token with this id.")
            }
            records.tokens[token.id] = token
        }
    }

    func use(_ id: TokenID, in scope: OrganizationScope) async throws -> TokenRecord? {
        guard database.read(scope, { $0.tokens[id] }) != nil else { return nil }
        let now = database.clock.now()
        return try database.write(scope) { records in
            guard var token = records.tokens[id] else { return nil }
            if token.lastUsedAt.map({ now.timeIntervalSince($0) >= 60 }) ?? true { token.lastUsedAt = now }
            records.tokens[id] = token
            return token
        }
    }

    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<TokenRecord> {
        database.read(scope) { newestFirst($0.tokens.values, page, id: \.id) }
    }

    func revoke(_ id: TokenID, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        guard database.read(scope, { $0.tokens[id] }) != nil else { return false }
        return try database.write(scope) { records in
            guard var token = records.tokens[id] else { return false }
            token.revokedAt = token.revokedAt ?? now
            records.tokens[id] = token
            return true
        }
    }
}
