public import SpotterDomain
public import SpotterPostgres

/// One of each store, whatever is behind them.
public struct StoreSet: Sendable {
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

    /// The stores of one memory.
    public init(_ stores: MemoryStores) {
        organizations = stores.organizations
        tokens = stores.tokens
        rates = stores.rates
        receipts = stores.receipts
        audit = stores.audit
        agents = stores.agents
        workflows = stores.workflows
        triggers = stores.triggers
        alerts = stores.alerts
        monitoring = stores.monitoring
        hooks = stores.hooks
        outbound = stores.outbound
        workflowActions = stores.workflowActions
        sessions = stores.sessions
        conversations = stores.conversations
        memory = stores.memory
        executions = stores.executions
        approvals = stores.approvals
        history = stores.history
        queue = stores.queue
        tasks = stores.tasks
        ledger = stores.ledger
        budgets = stores.budgets
        fires = stores.fires
        secrets = stores.secrets
        events = stores.events
        clients = stores.clients
        schedule = stores.schedule
        outbox = stores.outbox
        contacts = stores.contacts
        desk = stores.desk
        documents = stores.documents
        toolStatistics = stores.toolStatistics
        gym = stores.gym
        routing = stores.routing
        connectors = stores.connectors
        contracts = stores.contracts
        agentMessages = stores.agentMessages
    }

    /// The stores of one database.
    public init(_ stores: PostgresStores) {
        organizations = stores.organizations
        tokens = stores.tokens
        rates = stores.rates
        receipts = stores.receipts
        audit = stores.audit
        agents = stores.agents
        workflows = stores.workflows
        triggers = stores.triggers
        alerts = stores.alerts
        monitoring = stores.monitoring
        hooks = stores.hooks
        outbound = stores.outbound
        workflowActions = stores.workflowActions
        sessions = stores.sessions
        conversations = stores.conversations
        memory = stores.memory
        executions = stores.executions
        approvals = stores.approvals
        history = stores.history
        queue = stores.queue
        tasks = stores.tasks
        ledger = stores.ledger
        budgets = stores.budgets
        fires = stores.fires
        secrets = stores.secrets
        events = stores.events
        clients = stores.clients
        schedule = stores.schedule
        outbox = stores.outbox
        contacts = stores.contacts
        desk = stores.desk
        documents = stores.documents
        toolStatistics = stores.toolStatistics
        gym = stores.gym
        routing = stores.routing
        connectors = stores.connectors
        contracts = stores.contracts
        agentMessages = stores.agentMessages
    }

    /// New stores in memory, shared with nobody.
    public static func memory(clock: any WallClock = SystemClock()) -> StoreSet {
        StoreSet(MemoryStores(clock: clock))
    }
}
