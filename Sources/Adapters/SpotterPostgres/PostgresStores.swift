public import PostgresKit

/// Every store of the domain in one PostgreSQL database, under row-level security.
///
/// Each call is one round trip and one transaction. A store's failures are `SpotterError`, `ReceiptExists` or
/// `LeaseLost`; `CancellationError` passes through.
public struct PostgresStores: Sendable {
    public let organizations: PostgresOrganizationStore
    public let tokens: PostgresTokenStore
    public let receipts: PostgresReceiptStore
    public let agents: PostgresAgentStore
    public let conversations: PostgresConversationStore
    public let executions: PostgresExecutionStore
    public let events: PostgresEventStore
    public let clients: PostgresClientStore
    public let schedule: PostgresScheduleStore

    /// - Parameter database: connected as `spotter_app`.
    public init(_ database: Database) {
        let door = StoreDoor(database: database)
        organizations = PostgresOrganizationStore(door: door)
        tokens = PostgresTokenStore(door: door)
        receipts = PostgresReceiptStore(door: door)
        agents = PostgresAgentStore(door: door)
        conversations = PostgresConversationStore(door: door)
        executions = PostgresExecutionStore(door: door)
        events = PostgresEventStore(door: door)
        clients = PostgresClientStore(door: door)
        schedule = PostgresScheduleStore(door: door)
    }
}
