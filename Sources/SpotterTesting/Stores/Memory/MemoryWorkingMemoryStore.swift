import SpotterDomain

/// Working memory in memory.
struct MemoryWorkingMemoryStore: WorkingMemoryStore {
    let database: MemoryDatabase

    func entry(_ key: String, of owner: MemoryScope, in scope: OrganizationScope) async throws -> MemoryEntry {
        try database.read(scope) { try $0.noted(key, of: owner) }
    }

    func list(
        _ filter: MemoryFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<MemoryEntry> {
        let words = FoldedText.words(filter.search ?? "")
        return database.read(scope) { records in
            let matches = records.memory.values.filter { entry in
                words.allSatisfy(entry.key.lowercased().contains) && filter.scope.map { $0 == entry.scope } ?? true
            }
            return newestFirst(matches, page, id: \.id)
        }
    }

    func put(_ entry: MemoryEntry, version: Int?, in scope: OrganizationScope) async throws -> MemoryEntry {
        try database.write(scope) { records in
            try records.requireOwner(of: entry.scope)
            let known = try? records.noted(entry.key, of: entry.scope)
            if let version, version != known?.version { throw SpotterError.stale("memory entry") }
            if known == nil, records.memory.values.count(where: { $0.scope == entry.scope }) >= MemoryEntry.mostEntries
            {
                throw SpotterError.tooManyEntries
            }
            var saved = known ?? entry
            saved.value = entry.value
            saved.version = known.map { $0.version + 1 } ?? 1
            saved.updatedAt = entry.updatedAt
            records.memory[saved.id] = saved
            return saved
        }
    }

    func delete(
        _ key: String, of owner: MemoryScope, version: Int?, in scope: OrganizationScope
    ) async throws {
        _ = try database.read(scope) { try $0.noted(key, of: owner) }
        try database.write(scope) { records in
            let entry = try records.noted(key, of: owner)
            guard version == nil || version == entry.version else { throw SpotterError.stale("memory entry") }
            records.memory[entry.id] = nil
        }
    }

    func recall(
        _ owners: [MemoryScope], limit: Int, in scope: OrganizationScope
    ) async throws -> [MemoryEntry] {
        database.read(scope) { $0.recall(owners, limit: limit) }
    }
}

extension OrganizationRecords {
    fileprivate func noted(_ key: String, of owner: MemoryScope) throws -> MemoryEntry {
        let entry = memory.values.first { $0.key == key && $0.scope == owner }
        guard let entry else { throw SpotterError.notFound("memory entry") }
        return entry
    }

    fileprivate func requireOwner(of scope: MemoryScope) throws {
        switch scope {
        case .organization: break
        case .agent(let id): _ = try agent(id)
        case .conversation(let id):
            guard conversations[id] != nil else { throw SpotterError.notFound("conversation") }
        }
    }

    func recall(_ owners: [MemoryScope], limit: Int) -> [MemoryEntry] {
        owners.flatMap { owner in
            memory.values.filter { $0.scope == owner }
                .sorted { ($0.updatedAt, $0.id) > ($1.updatedAt, $1.id) }.prefix(limit)
        }
    }
}
