public import ServiceKit
public import SpotterAgents
public import SpotterDomain
public import SpotterEngine
public import SpotterWorkflows

/// Everything the API works with, put together in one place by whoever assembles the product.
public struct Services: Sendable {
    let agents: any AgentStore
    let conversations: any ConversationStore
    let executions: any ExecutionStore
    let approvals: any ApprovalStore
    let organizations: any OrganizationStore
    let receipts: any ReceiptStore
    let audit: any AuditStore
    /// Tokens that are not good any more, and are shown all the same.
    public let refusedTokens = RefusedTokens()
    let events: EventFeed
    let tokens: TokenIssuer
    let authenticator: Authenticator
    let links: any ApprovalLinkSigner
    let unsubscribeLinks: any UnsubscribeLinkSigner
    let chat: ChatService
    let compression: CompressionService
    let memory: any WorkingMemoryStore
    let messages: MessageServices
    let gym: any RecordStore
    let control: ExecutionControl
    let queue: any WorkQueue
    let ledger: any LedgerStore
    let budgets: any BudgetStore
    let prices: Prices
    let tasks: TaskService
    let workflows: WorkflowService
    let workflowTemplates: WorkflowTemplates
    let hooks: HookService
    let workflowActions: WorkflowActionService
    let plans: PlanService
    let triggers: TriggerService
    let sessions: SessionService
    let sessionTemplates: SessionTemplates
    let flows: FlowLibrary
    let firing: FiringService
    let tools: ToolSet
    let desk: ToolDesk
    let seed: Seed
    let vocabulary: TenantVocabulary
    let health: HealthCheck
    let documents: any DocumentStore
    let toolStatistics: any ToolStatisticsStore
    let routing: RoutingServices
    let access: AccessGate
    let monitoring: MonitoringServices
    let connectors: ConnectorServices
    let dashboard: DashboardFiles
    let sessionsOfDashboard: DashboardSessions
    let clock: any WallClock
    let ids: any IDGenerator
    let log: Log
    let version: String

    /// Every price of the list as it is now, past and future ones too.
    public typealias Prices = @Sendable () -> [ModelPrice]

    /// The templates of workflows as they are now.
    public typealias WorkflowTemplates = @Sendable () -> [WorkflowTemplate]

    /// The templates of sessions as they are now.
    public typealias SessionTemplates = @Sendable () -> [SessionTemplate]

    /// Seeds the agents of `packs` (nil: the tenant's own) into an organisation.
    public typealias Seed =
        @Sendable (_ scope: OrganizationScope, _ packs: [String]?, _ mode: SeedMode, _ isDryRun: Bool) async throws
        -> [SeedOutcome]

    /// Puts the services together; see the names.
    public init(
        agents: any AgentStore, conversations: any ConversationStore, executions: any ExecutionStore,
        approvals: any ApprovalStore, organizations: any OrganizationStore, receipts: any ReceiptStore,
        audit: any AuditStore,
        tokenStore: any TokenStore,
        signer: any TokenSigner & ApprovalLinkSigner & DashboardSigner & UnsubscribeLinkSigner,
        events: EventFeed, chat: ChatService,
        compression: CompressionService, memory: any WorkingMemoryStore, gym: any RecordStore,
        messages: MessageServices,
        control: ExecutionControl, queue: any WorkQueue, ledger: any LedgerStore, budgets: any BudgetStore,
        prices: @escaping Prices, tasks: TaskService, workflows: WorkflowService,
        workflowTemplates: @escaping WorkflowTemplates, hooks: HookService,
        workflowActions: WorkflowActionService, flows: FlowLibrary,
        plans: PlanService, triggers: TriggerService, sessions: SessionService,
        sessionTemplates: @escaping SessionTemplates, firing: FiringService, tools: ToolSet, toolCaller: ToolCaller,
        seed: @escaping Seed, vocabulary: TenantVocabulary, health: HealthCheck,
        documents: any DocumentStore, toolStatistics: any ToolStatisticsStore, routing: RoutingServices,
        access: AccessSettings, monitoring: MonitoringServices, connectors: ConnectorServices = .none,
        dashboard: DashboardFiles, clock: any WallClock, ids: any IDGenerator, log: Log, version: String
    ) {
        self.agents = agents
        self.conversations = conversations
        self.executions = executions
        self.approvals = approvals
        self.organizations = organizations
        self.receipts = receipts
        self.audit = audit
        self.events = events
        tokens = TokenIssuer(store: tokenStore, signer: signer, clock: clock, ids: ids)
        authenticator = Authenticator(signer: signer, store: tokenStore, refused: refusedTokens)
        links = signer
        unsubscribeLinks = signer
        let gate = AccessGate(access, ledger: ledger, log: log)
        self.dashboard = dashboard
        sessionsOfDashboard = DashboardSessions(
            tokens: tokenStore, signer: signer, authenticator: authenticator, access: gate, ids: ids)
        self.chat = chat
        self.compression = compression
        self.memory = memory
        self.messages = messages
        self.gym = gym
        self.control = control
        self.queue = queue
        self.ledger = ledger
        self.budgets = budgets
        self.prices = prices
        self.tasks = tasks
        self.workflows = workflows
        self.workflowTemplates = workflowTemplates
        self.hooks = hooks
        self.workflowActions = workflowActions
        self.flows = flows
        self.plans = plans
        self.triggers = triggers
        self.sessions = sessions
        self.sessionTemplates = sessionTemplates
        self.firing = firing
        self.tools = tools
        desk = ToolDesk(tools: toolCaller, store: executions, control: control, clock: clock, ids: ids)
        self.seed = seed
        self.vocabulary = vocabulary
        self.health = health
        self.documents = documents
        self.toolStatistics = toolStatistics
        self.routing = routing
        self.access = gate
        self.monitoring = monitoring
        self.connectors = connectors
        self.clock = clock
        self.ids = ids
        self.log = log
        self.version = version
    }
}

/// What calls of agents go through.
public struct RoutingServices: Sendable {
    let calls: CallService
    let index: AgentIndex
    let routing: any RoutingStore
    let contracts: any ContractStore
    let messages: any AgentMessageStore

    /// Puts them together.
    public init(
        calls: CallService, index: AgentIndex, routing: any RoutingStore, contracts: any ContractStore,
        messages: any AgentMessageStore
    ) {
        self.calls = calls
        self.index = index
        self.routing = routing
        self.contracts = contracts
        self.messages = messages
    }
}
