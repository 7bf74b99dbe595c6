public import PostgresKit
public import SpotterDomain

/// Every store of the domain in one PostgreSQL database, under row-level security.
///
/// Each call is one round trip and one transaction. A store's failures are `SpotterError`, `ReceiptExists` or
/// `LeaseLost`; `CancellationError` passes through.
public struct PostgresStores: Sendable {
    /// The organisations themselves.
    public let organizations: any OrganizationStore
    /// Issued tokens.
    public let tokens: any TokenStore
    /// Buckets of requests.
    public let rates: any RateLimitStore
    /// Answers to requests with an idempotency key.
    public let receipts: any ReceiptStore
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
    /// For how long what has ended is kept.
    public let retention: any RetentionStore
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
    /// What the front desk reads of the gym's records.
    public let frontDesk: any FrontDeskStore
    /// What the front desk changes in them.
    public let frontDeskChanges: any FrontDeskChanges
    /// Trials and tours.
    public let appointments: any AppointmentStore
    /// Campaigns and how far they are.
    public let campaigns: any CampaignDesk
    /// Posts that wait for their time.
    public let posts: any SocialDesk
    /// Files for somebody to fetch.
    public let documents: any DocumentStore
    /// How tools have done lately.
    public let toolStatistics: any ToolStatisticsStore
    /// Rows for spreadsheets.
    public let exports: any ExportStore
    /// The gym's figures.
    public let analytics: any AnalyticsStore
    /// The gym's records, of every kind.
    public let gym: any RecordStore
    /// Who can be called, and who is called.
    public let routing: any RoutingStore
    /// What was asked of agents, and what they answered.
    public let contracts: any ContractStore
    /// What agents tell each other.
    public let agentMessages: any AgentMessageStore
    /// Connectors to CRMs, and who is whom.
    public let connectors: any ConnectorStore
    /// The audit log, and its chains.
    public let audit: any AuditStore & AuditChainStore
    /// Gyms' invented pasts.
    public let gymHistory: any GymHistoryStore

    /// - Parameters:
    ///   - database: connected as `spotter_app`.
    ///   - startsSchedulers: whether schedules fire of organisations that were never told.
    public init(_ database: Database, startsSchedulers: Bool = true) {
        let door = StoreDoor(database: database)
        organizations = PostgresOrganizationStore(door: door)
        gymHistory = PostgresGymHistoryStore(door: door)
        routing = PostgresRoutingStore(door: door)
        connectors = PostgresConnectorStore(door: door)
        contracts = PostgresContractStore(door: door)
        agentMessages = PostgresAgentMessageStore(door: door)
        tokens = PostgresTokenStore(door: door)
        // That a process takes its share of a quota is no act of anybody's.
        rates = PostgresRateLimitStore(door: door.unaudited)
        // That a request is under way, or what it was answered, is no act of its own.
        receipts = PostgresReceiptStore(door: door.unaudited)
        audit = PostgresAuditStore(door: door)
        agents = PostgresAgentStore(door: door)
        workflows = PostgresWorkflowStore(door: door)
        triggers = PostgresTriggerStore(door: door)
        alerts = PostgresAlertStore(door: door)
        monitoring = PostgresMonitoringStore(door: door)
        hooks = PostgresHookStore(door: door)
        outbound = PostgresOutboundStore(door: door)
        workflowActions = PostgresWorkflowActionStore(door: door)
        sessions = PostgresAgentSessionStore(door: door)
        conversations = PostgresConversationStore(door: door)
        memory = PostgresWorkingMemoryStore(door: door)
        executions = PostgresExecutionStore(door: door)
        approvals = PostgresApprovalStore(door: door)
        history = PostgresExecutionHistory(door: door)
        retention = PostgresRetentionStore(door: door)
        queue = PostgresWorkQueue(door: door)
        tasks = PostgresWorkItemStore(door: door)
        ledger = PostgresLedgerStore(door: door)
        budgets = PostgresBudgetStore(door: door)
        fires = PostgresFireStore(door: door, startsByDefault: startsSchedulers)
        secrets = PostgresSecretStore(door: door)
        events = PostgresEventStore(door: door)
        clients = PostgresClientStore(door: door)
        schedule = PostgresScheduleStore(door: door)
        outbox = PostgresOutboxStore(door: door)
        contacts = PostgresContactStore(door: door)
        desk = PostgresStaffDesk(door: door)
        frontDesk = PostgresFrontDeskStore(door: door)
        frontDeskChanges = PostgresFrontDeskChanges(door: door)
        appointments = PostgresAppointmentStore(door: door)
        campaigns = PostgresCampaignDesk(door: door)
        posts = PostgresSocialDesk(door: door)
        documents = PostgresDocumentStore(door: door)
        exports = PostgresExportStore(door: door)
        toolStatistics = PostgresToolStatistics(door: door)
        analytics = PostgresAnalyticsStore(door: door)
        gym = PostgresRecordStore(door: door)
    }
}
