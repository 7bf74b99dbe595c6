public import SpotterDomain

/// Every store of the domain, in memory, sharing one state: the same behaviour as PostgreSQL's (the conformance suite
/// holds both to it) without a database.
public struct MemoryStores: Sendable {
    /// The organisations themselves.
    public let organizations: any OrganizationStore
    /// Issued tokens.
    public let tokens: any TokenStore
    /// Buckets of requests.
    public let rates: any RateLimitStore
    /// Answers to requests with an idempotency key.
    public let receipts: any ReceiptStore
    /// The audit log.
    public let audit: any AuditStore
    /// Agents and their versions.
    public let agents: any AgentStore
    /// Graphs of work and their versions.
    public let workflows: any WorkflowStore
    /// What events start.
    public let triggers: any TriggerStore
    /// Alerts and what they have told of.
    public let alerts: any AlertStore
    /// What is measured of an organisation's work.
    public let monitoring: any MonitoringStore
    /// Ways in for messages of other systems, and what came by them.
    public let hooks: any HookStore
    /// Events on their way to the targets of hooks.
    public let outbound: any OutboundStore
    /// What workflows of a CRM have agents do.
    public let workflowActions: any WorkflowActionStore
    /// Several agents for one subject.
    public let sessions: any AgentSessionStore
    /// Conversations and their messages.
    public let conversations: any ConversationStore
    /// What is noted under a name.
    public let memory: any WorkingMemoryStore
    /// Executions and their journals.
    public let executions: any ExecutionStore
    /// What people are asked to allow.
    public let approvals: any ApprovalStore
    /// Where executions go that ended long ago.
    public let history: any ExecutionHistory
    /// The queue of what is to be run.
    public let queue: any WorkQueue
    /// Tasks.
    public let tasks: any WorkItemStore
    /// The signs of life of those who work on the queue.
    public let heartbeat: any Heartbeat
    /// What calls of models cost.
    public let ledger: any LedgerStore
    /// Caps on what calls may cost.
    public let budgets: any BudgetStore
    /// Where schedules fire.
    public let fires: any FireStore
    /// Keys for other services, sealed.
    public let secrets: any SecretStore
    /// The event log.
    public let events: any EventStore
    /// Members.
    public let clients: any ClientStore
    /// Programmes, their dates and their bookings.
    public let schedule: any ScheduleStore
    /// Messages on their way out.
    public let outbox: any OutboxStore
    /// Whom messages may reach, and what they have said about it.
    public let contacts: any ContactStore
    /// What the staff is told and given to do.
    public let desk: any StaffDesk
    /// Files for somebody to fetch.
    public let documents: any DocumentStore
    /// How tools have done lately.
    public let toolStatistics: any ToolStatisticsStore
    /// The gym's records, of every kind.
    public let gym: any RecordStore
    /// Connectors to CRMs, and who is whom.
    public let connectors: any ConnectorStore
    /// Who can be called, and who is called.
    public let routing: any RoutingStore
    /// What was asked of agents, and what they answered.
    public let contracts: any ContractStore
    /// What agents tell each other.
    public let agentMessages: any AgentMessageStore

    /// - Parameters:
    ///   - clock: what leases and the last use of tokens are measured by, where PostgreSQL takes its own.
    ///   - startsSchedulers: whether schedules fire of organisations that were never told.
    public init(clock: any WallClock = SystemClock(), startsSchedulers: Bool = true) {
        let database = MemoryDatabase(clock: clock)
        organizations = MemoryOrganizationStore(database: database)
        tokens = MemoryTokenStore(database: database)
        rates = MemoryRateLimitStore(database: database)
        receipts = MemoryReceiptStore(database: database)
        audit = MemoryAuditStore(database: database)
        agents = MemoryAgentStore(database: database)
        workflows = MemoryWorkflowStore(database: database)
        triggers = MemoryTriggerStore(database: database)
        alerts = MemoryAlertStore(database: database)
        monitoring = MemoryMonitoringStore(database: database)
        hooks = MemoryHookStore(database: database)
        outbound = MemoryOutboundStore(database: database)
        workflowActions = MemoryWorkflowActionStore(database: database)
        sessions = MemoryAgentSessionStore(database: database)
        conversations = MemoryConversationStore(database: database)
        memory = MemoryWorkingMemoryStore(database: database)
        executions = MemoryExecutionStore(database: database)
        approvals = MemoryApprovalStore(database: database)
        history = MemoryExecutionHistory(database: database)
        queue = MemoryWorkQueue(database: database)
        tasks = MemoryWorkItemStore(database: database)
        heartbeat = MemoryWorkQueue(database: database)
        ledger = MemoryLedgerStore(database: database)
        budgets = MemoryBudgetStore(database: database)
        fires = MemoryFireStore(database: database, startsByDefault: startsSchedulers)
        secrets = MemorySecretStore(database: database)
        events = MemoryEventStore(database: database)
        clients = MemoryClientStore(database: database)
        schedule = MemoryScheduleStore(database: database)
        outbox = MemoryOutboxStore(database: database)
        contacts = MemoryContactStore(database: database)
        desk = MemoryStaffDesk(database: database)
        documents = MemoryDocumentStore(database: database)
        toolStatistics = MemoryToolStatistics(database: database)
        gym = MemoryRecordStore(database: database)
        routing = MemoryRoutingStore(database: database)
        connectors = MemoryConnectorStore(database: database)
        contracts = MemoryContractStore(database: database)
        agentMessages = MemoryAgentMessageStore(database: database)
    }
}
