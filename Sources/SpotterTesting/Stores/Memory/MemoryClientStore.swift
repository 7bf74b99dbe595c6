import SpotterDomain

/// Members in memory.
struct MemoryClientStore: ClientStore {
    let database: MemoryDatabase

    func search(
        _ query: String, status: Client.Status?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Client] {
        let words = FoldedText.words(query)
        let name = words.joined(separator: " ")
        let matches = database.read(scope) { records in
            records.clients.values.filter { client in
                status.map { $0 == client.status } ?? true && words.allSatisfy(client.contains)
            }
        }
        let keyed = matches.map { client in
            let key = FoldedText.fold(client.name)
            return (rank: key == name ? 0 : 1, key: key, client: client)
        }
        let ranked = keyed.sorted { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            if left.key != right.key { return left.key.utf8.lexicographicallyPrecedes(right.key.utf8) }
            return left.client.id < right.client.id
        }
        return ranked.prefix(max(limit, 0)).map(\.client)
    }

    func add(_ clients: [Client], in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            for client in clients where records.clients[client.id] == nil { records.clients[client.id] = client }
        }
    }

    func count(in scope: OrganizationScope) async throws -> Int {
        database.read(scope) { $0.clients.count }
    }
}

extension Client {
    /// Whether a folded word is part of the name, the e-mail address or the phone number.
    fileprivate func contains(_ word: String) -> Bool {
        if FoldedText.searchKey(name, email, phone).contains(word) { return true }
        guard let digits = FoldedText.phoneDigits(ofWord: word) else { return false }
        return FoldedText.digits(phone).contains(digits)
    }
}
