import Foundation
import SpotterDomain

/// Receipts in memory.
struct MemoryReceiptStore: ReceiptStore {
    let database: MemoryDatabase

    func receipt(forKey key: String, in scope: OrganizationScope) async throws -> Receipt? {
        database.read(scope) { $0.receipts[key] }
    }

    func begin(_ receipt: Receipt, in scope: OrganizationScope) async throws {
        try database.write(scope) { try $0.insert(receipt) }
    }

    func takeOver(
        key: String, begunBefore date: Date, at now: Date, in scope: OrganizationScope
    ) async throws -> Bool {
        guard database.read(scope, { $0.receipts[key] }) != nil else { return false }
        return try database.write(scope) { records in
            guard let begun = records.receipts[key], begun.createdAt < date, begun.response == nil else { return false }
            records.receipts[key] = Receipt(
                key: key, fingerprint: begun.fingerprint, execution: begun.execution, createdAt: now)
            return true
        }
    }

    func complete(key: String, with response: Receipt.Response, in scope: OrganizationScope) async throws {
        guard database.read(scope, { $0.receipts[key] }) != nil else { throw SpotterError.notFound("receipt") }
        try database.write(scope) { records in
            // The first answer stands: it may have been given out already.
            if records.receipts[key]?.response == nil { records.receipts[key]?.response = response }
        }
    }

    func abandon(key: String, in scope: OrganizationScope) async throws {
        guard database.read(scope, { $0.receipts[key] }) != nil else { return }
        try database.write(scope) { records in
            if records.receipts[key]?.response == nil { records.receipts[key] = nil }
        }
    }

    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        guard database.read(scope, \.organization) != nil else { return 0 }
        return try database.write(scope) { records in
            let old = records.receipts.values.filter { $0.createdAt < date }.sorted { $0.createdAt < $1.createdAt }
            for receipt in old.prefix(limit) { records.receipts[receipt.key] = nil }
            return min(old.count, limit)
        }
    }
}
