public import SpotterDomain
public import SpotterPostgres

/// One of each store, whatever is behind them.
public struct StoreSet: Sendable {
    public let organizations: any OrganizationStore
    public let tokens: any TokenStore
    public let receipts: any ReceiptStore
    public let agents: any AgentStore
    public let conversations: any ConversationStore
    public let executions: any ExecutionStore
    public let events: any EventStore
    public let clients: any ClientStore
    public let schedule: any ScheduleStore

    public init(_ stores: MemoryStores) {
        organizations = stores.organizations
        tokens = stores.tokens
        receipts = stores.receipts
        agents = stores.agents
        conversations = stores.conversations
        executions = stores.executions
        events = stores.events
        clients = stores.clients
        schedule = stores.schedule
    }

    public init(_ stores: PostgresStores) {
        organizations = stores.organizations
        tokens = stores.tokens
        receipts = stores.receipts
        agents = stores.agents
        conversations = stores.conversations
        executions = stores.executions
        events = stores.events
        clients = stores.clients
        schedule = stores.schedule
    }

    /// New stores in memory, shared with nobody.
    public static func memory(clock: any WallClock = SystemClock()) -> StoreSet {
        StoreSet(MemoryStores(clock: clock))
    }
}
