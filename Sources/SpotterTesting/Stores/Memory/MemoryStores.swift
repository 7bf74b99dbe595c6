public import SpotterDomain

/// Every store of the domain, in memory, sharing one state: the same behaviour as PostgreSQL's (the conformance suite
/// holds both to it) without a database.
public struct MemoryStores: Sendable {
    public let organizations: MemoryOrganizationStore
    public let tokens: MemoryTokenStore
    public let receipts: MemoryReceiptStore
    public let agents: MemoryAgentStore
    public let conversations: MemoryConversationStore
    public let executions: MemoryExecutionStore
    public let events: MemoryEventStore
    public let clients: MemoryClientStore
    public let schedule: MemoryScheduleStore

    /// - Parameter clock: what leases and the last use of tokens are measured by, where PostgreSQL takes its own.
    public init(clock: any WallClock = SystemClock()) {
        let database = MemoryDatabase(clock: clock)
        organizations = MemoryOrganizationStore(database: database)
        tokens = MemoryTokenStore(database: database)
        receipts = MemoryReceiptStore(database: database)
        agents = MemoryAgentStore(database: database)
        conversations = MemoryConversationStore(database: database)
        executions = MemoryExecutionStore(database: database)
        events = MemoryEventStore(database: database)
        clients = MemoryClientStore(database: database)
        schedule = MemoryScheduleStore(database: database)
    }
}
