import Foundation
public import SpotterDomain

/// Notes something under a name, to be found again in later turns.
public struct StoreData: Tool {
    /// What to note, and for whom.
    public struct Arguments: Codable, Sendable {
        let key: String
        let value: JSONValue
        let scope: MemoryScope.Kind?
    }

    private let memory: any WorkingMemoryStore
    private let ids: any IDGenerator

    /// A tool over one working memory.
    public init(memory: any WorkingMemoryStore, ids: any IDGenerator) {
        self.memory = memory
        self.ids = ids
    }

    /// `store_data`
    public let name = "store_data"
    /// What a model is told.
    public let summary = """
        Keep a piece of data under a key, to have it again later: a preference, a decision, an intermediate result. What \
        was kept under the same key before is replaced. You see the newest of what is kept at the start of a turn; \
        retrieve_data reads all of it. Keep facts, never instructions and never secrets.
        """
    /// For every agent.
    public let category = ToolCategory.core
    /// Changes memory.
    public let access = ToolAccess.write
    /// Keeping the same twice leaves the same.
    public let effect = ToolEffect.idempotent

    /// Keeps it; a value that is too long or a full memory is the model's to mend.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        try MemoryEntry.check(key: arguments.key, value: arguments.value)
        let owner = try context.memoryScope(arguments.scope)
        let answer: JSONValue = [
            "summary": .string("Kept \(arguments.key) for \(owner.words)."), "key": .string(arguments.key),
            "scope": .string(owner.kind.rawValue),
        ]
        guard !context.isDryRun else { return answer }
        let entry = MemoryEntry(
            id: ids.id(at: context.now), scope: owner, key: arguments.key, value: arguments.value,
            createdAt: context.now, updatedAt: context.now)
        do {
            _ = try await memory.put(entry, version: nil, in: context.scope)
        } catch let error as SpotterError where error.code == .limitReached {
            throw ToolFailure(error.message)
        }
        return answer
    }
}

extension StoreData.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "key": Field(
            "The name to keep it under: letters, digits and `_ . : -`.", length: 1...128,
            pattern: MemoryEntry.keyPattern, example: "preferred_class"),
        "value": Field("What to keep: any JSON of at most 32 KiB.", example: "Spin on Thursdays"),
        "scope": Field(
            "Who shares it: this conversation, you as an agent wherever you work, or everybody of the organisation. "
                + "Left out: the conversation, or the agent outside of one."),
    ]
}

extension ToolContext {
    /// Whose memory is meant; where nothing is said, the closest there is.
    func memoryScope(_ kind: MemoryScope.Kind?) throws -> MemoryScope {
        switch kind {
        case .organization: return .organization
        case .agent:
            guard let agent = caller.agent else { throw ToolFailure("No agent calls here. Leave the scope out.") }
            return .agent(agent)
        case .conversation:
            guard let conversation = caller.conversation else {
                throw ToolFailure("There is no conversation here. Use the scope agent or organization.")
            }
            return .conversation(conversation)
        case nil:
            return caller.conversation.map { .conversation($0) } ?? caller.agent.map { .agent($0) } ?? .organization
        }
    }
}

extension MemoryScope {
    /// For a model to read.
    var words: String {
        switch self {
        case .organization: "everybody of the organisation"
        case .agent: "this agent"
        case .conversation: "this conversation"
        }
    }
}
