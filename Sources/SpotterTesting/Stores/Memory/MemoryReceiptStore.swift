public import SpotterDomain

/// Receipts in memory.
public struct MemoryReceiptStore: ReceiptStore {
    let database: MemoryDatabase

    public func receipt(forKey key: String, in scope: OrganizationScope) async throws -> Receipt? {
        database.read(scope) { $0.receipts[key] }
    }

    public func begin(_ receipt: Receipt, in scope: OrganizationScope) async throws {
        try database.write(scope) { try $0.insert(receipt) }
    }

    public func complete(key: String, with response: Receipt.Response, in scope: OrganizationScope) async throws {
        guard database.read(scope, { $0.receipts[key] }) != nil else { throw SpotterError.notFound("receipt") }
        try database.write(scope) { records in
            // The first answer stands: it may have been given out already.
            if records.receipts[key]?.response == nil { records.receipts[key]?.response = response }
        }
    }

    public func abandon(key: String, in scope: OrganizationScope) async throws {
        guard database.read(scope, { $0.receipts[key] }) != nil else { return }
        try database.write(scope) { records in
            if records.receipts[key]?.response == nil { records.receipts[key] = nil }
        }
    }
}
