import Foundation
public import SpotterDomain

/// Finds again what `store_data` has kept.
public struct RetrieveData: Tool {
    /// What to find, and in whose memory.
    public struct Arguments: Codable, Sendable {
        let key: String?
        let search: String?
        let scope: MemoryScope.Kind?
    }

    private let memory: any WorkingMemoryStore

    /// A tool over one working memory.
    public init(memory: any WorkingMemoryStore) { self.memory = memory }

    /// How many entries a list shows.
    private static let listed = 50

    /// `retrieve_data`
    public let name = "retrieve_data"
    /// What a model is told.
    public let summary = """
        Read data that was kept with store_data: by its key, or without one a list of the keys there are, newest first. \
        Without a scope it looks in this conversation, then at what you keep as an agent, then at what everybody shares.
        """
    /// For every agent.
    public let category = ToolCategory.core
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none
    /// What is kept may have come from anywhere: nobody can tell any more.
    public let yieldsUntrustedText = true

    /// Finds it; that nothing is there is an answer, not a failure.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let owners = try arguments.scope.map { [try context.memoryScope($0)] } ?? context.memoryScopes
        guard let key = arguments.key else { return try await list(owners, arguments.search, in: context) }
        for owner in owners {
            do {
                let entry = try await memory.entry(key, of: owner, in: context.scope)
                return [
                    "summary": .string("\(key), kept for \(owner.words)."), "found": true, "key": .string(key),
                    "scope": .string(owner.kind.rawValue), "value": entry.value,
                    "updated_at": .string(Timestamp.string(from: entry.updatedAt)),
                ]
            } catch let error as SpotterError where error.code == .notFound { continue }
        }
        return ["summary": .string("Nothing is kept under \(key)."), "found": false, "key": .string(key)]
    }

    private func list(
        _ owners: [MemoryScope], _ search: String?, in context: ToolContext
    ) async throws -> JSONValue {
        var rows: [JSONValue] = []
        var hasMore = false
        for owner in owners {
            let page = try await memory.list(
                MemoryFilter(scope: owner, search: search), PageRequest(limit: Self.listed), in: context.scope)
            hasMore = hasMore || page.next != nil
            rows += page.items.map { entry in
                [
                    "key": .string(entry.key), "scope": .string(owner.kind.rawValue),
                    "updated_at": .string(Timestamp.string(from: entry.updatedAt)),
                ]
            }
        }
        let count = rows.count == 1 ? "1 entry is" : "\(rows.count) entries are"
        return ["summary": .string("\(count) kept."), "has_more": .bool(hasMore), "entries": .array(rows)]
    }
}

extension RetrieveData.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "key": Field("The name it was kept under. Leave out for a list of names.", length: 1...128),
        "search": Field("For a list: a part of the name.", length: 1...128),
        "scope": Field("In whose memory to look. Leave out to look everywhere."),
    ]
}

extension ToolContext {
    /// Where to look where nothing is said: the closest first.
    fileprivate var memoryScopes: [MemoryScope] {
        [caller.conversation.map { .conversation($0) }, caller.agent.map { .agent($0) }, .organization].compactMap {
            $0
        }
    }
}
