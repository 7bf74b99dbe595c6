import SpotterDomain

/// Members in memory, as tools look for them.
struct MemoryClientStore: ClientStore {
    let database: MemoryDatabase

    func search(
        _ query: String, status: Client.Status?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Client] {
        let wanted = RecordWords.wanted(query)
        let isBlank = query.allSatisfy(\.isWhitespace)
        guard !wanted.isEmpty || isBlank else { return [] }
        let name = FoldedText.words(query).joined(separator: " ")
        let matches = database.read(scope) { records in
            records.gym.all(ClientKind.self).filter { client in
                status.map { $0 == client.status } ?? true
                    && RecordWords.match(RecordWords.words(of: client.fields), wanted)
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
            for client in clients where records.gym[client.id] == nil {
                records.gym[client.id] = client
                let step = StatusChange(
                    fromStatus: nil, toStatus: client.status.rawValue, changedBy: "import", changedAt: client.createdAt)
                records.gym.statusChanges[client.id.uuid] = [step]
            }
        }
    }

    func count(in scope: OrganizationScope) async throws -> Int {
        database.read(scope) { $0.gym.count(ClientKind.self) }
    }
}
