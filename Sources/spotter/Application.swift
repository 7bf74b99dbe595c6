import DevToolsKit
import EventLoopKit
import Foundation
import HTTPClientKit
import HTTPServerKit
import PostgresKit
import ServiceKit
import SigningKit
import SpotterAgents
import SpotterDomain
import SpotterEngine
import SpotterHTTP
import SpotterMonitoring
import SpotterPostgres
import SpotterProviders
import SpotterSecrets
import SpotterTenants
import SpotterTokens
import SpotterTools
import SpotterWorkflows

/// The product put together: the one place that knows everyone.
///
/// Everything here is built from a database that is migrated and a ring of keys; commands and tests use the same.
struct Application: Sendable {
    let loops: EventLoopGroup
    let database: Database
    let client: HTTPClient
    let stores: PostgresStores
    let signals: Signals
    let bus: EventBus
    let workforce: Workforce
    let scheduler: Scheduler
    /// What this process does.
    let roles: Set<ProcessRole>
    /// How long a stop may take: what runs, and then handing back what has not ended.
    let workGrace: Duration
    let housekeeping: Housekeeping
    /// Seals the audit log.
    let sealer: AuditSealer
    /// Does what was planned for later at the front desk.
    let clerk: FrontDeskClerk
    let chat: ChatService
    let feed: EventFeed
    let signer: ReloadableSigner
    /// Stored keys, opened.
    let secrets: SecretCabinet
    let models: ReloadableModels
    let httpPolicies: ReloadableHTTPPolicies
    let browserPolicies: ReloadableBrowserPolicies
    /// The web pages that agents have open.
    let pages: BrowserDesk
    let toolPolicies: ReloadableToolPolicies
    /// Pages elsewhere that may call the API.
    let origins: ReloadableOrigins
    let messaging: ReloadableMessaging
    let courier: OutboxCourier
    /// Writes to those who may decide on something.
    let postman: ApprovalPostman
    /// The present connectors to CRMs.
    let connectors: ReloadableConnectors
    /// Runs them when they are due.
    let connectorKeeper: ConnectorKeeper
    let connectorSync: ConnectorSync
    /// Refuses private addresses that are not opened.
    let guarded: GuardedClient
    /// Tells of agents that have fallen silent.
    let presence: PresenceKeeper
    /// Sends the provenance of calls to where organisations want it.
    let traces: TraceService
    let tools: ToolSet
    /// The graphs that runs follow.
    let flows: FlowLibrary
    let workflows: WorkflowService
    let plans: PlanService
    /// Starts what events start.
    let triggers: TriggerDispatcher
    /// Metrics, alerts, traces.
    let monitoring: Monitoring
    let hooks: HookService
    /// Sends events to the targets of hooks.
    let hookCourier: HookCourier
    let services: Services
    let seedAgents: Services.Seed
    let log: Log
    let clock: any WallClock
    let ids: any IDGenerator

    /// The version of this build.
    static let version = "0.1.0"

    /// - Parameters:
    ///   - database: connected as the application's role, checked and migrated.
    ///   - heartbeat: keeps this process alive in the eyes of the others, on a connection of its own.
    ///   - work: how this process works on executions.
    ///   - sources: of programs, in place of the product's own; for measurements.
    ///   - furtherTools: beside the product's own; for measurements.
    ///   - sealingKeys: open the secrets that are stored.
    ///   - openAddresses: private addresses that agents' HTTP requests may reach all the same.
    ///   - browser: what agents' web pages are opened with; nil where none is installed.
    init(
        database: Database, client: HTTPClient, loops: EventLoopGroup, keys: KeyRing, deployment: String,
        sealingKeys: any SecretKeys,
        models: ProviderCatalog, openAddresses: Set<RemoteAddress> = [],
        browser: HeadlessBrowser? = nil, heartbeat: any Heartbeat, work: WorkSettings,
        sources: [Execution.Kind: any ProgramSource] = [:], tools furtherTools: [any Tool] = [], templates: Templates,
        monitoring monitoringSettings: MonitoringSettings = MonitoringSettings(), log: Log
    ) {
        let clock = SystemClock()
        let ids = RandomIDGenerator()
        let stores = PostgresStores(database, startsSchedulers: work.startsSchedulers)
        let meters = Meters(version: Self.version)
        let workMeter = WorkMeter(meters)
        let signals = Signals(channel: PostgresSignalChannel(database), log: log.module("signals"))
        let bus = EventBus(signals: signals)
        let httpPolicies = ReloadableHTTPPolicies()
        let toolPolicies = ReloadableToolPolicies()
        let origins = ReloadableOrigins()
        var outbound = GuardedClient.Configuration()
        outbound.openAddresses = openAddresses
        let guarded = GuardedClient(loops: loops.loops, configuration: outbound)
        let http = SendHTTPRequest(client: guarded, policies: httpPolicies)
        let browserPolicies = ReloadableBrowserPolicies()
        let pages = BrowserDesk(browser: browser, client: guarded, policies: browserPolicies)
        var furtherTools = furtherTools
        var sources = sources
        #if DEBUG
            if Rehearsal.isOn {
                furtherTools.append(SendOnce(http: http))
                sources[.probe] = Rehearsal(organizations: stores.organizations)
            }
        #endif
        let cabinet = SecretCabinet(store: stores.secrets, keys: sealingKeys, log: log)
        secrets = cabinet
        let messaging = ReloadableMessaging()
        let messageDesk = MessageDesk(
            outbox: stores.outbox, contacts: stores.contacts, directory: messaging, ids: ids)
        let signer = ReloadableSigner(keys: keys, deployment: deployment, clock: clock)
        let postman = ApprovalPostman(
            approvals: stores.approvals, tokens: stores.tokens, outbox: stores.outbox,
            organizations: stores.organizations, directory: messaging, links: signer, publicURL: work.publicURL,
            isAddress: Self.isAddress, clock: clock, ids: ids, log: log)
        let courier = OutboxCourier(
            outbox: stores.outbox, desk: messageDesk, directory: messaging, organizations: stores.organizations,
            clock: clock, log: log,
            finishing: Self.finishing(postman, UnsubscribeNote(links: signer, publicURL: work.publicURL)))
        let sending = MessageSending(
            desk: messageDesk, contacts: stores.contacts,
            composer: MessageComposer(templates: templates, records: stores.gym), onQueued: { courier.wake() })
        let connectors = ReloadableConnectors()
        let connectorSync = ConnectorSync(
            records: stores.gym, contacts: stores.contacts, store: stores.connectors,
            organizations: stores.organizations, clock: clock, ids: ids, log: log)
        let connectorKeeper = ConnectorKeeper(
            sync: connectorSync, store: stores.connectors, directory: connectors, log: log)
        furtherTools += ToolCatalog.connectors(
            ConnectorDesk(
                directory: connectors, store: stores.connectors, sending: sending,
                onRequest: { connectorKeeper.wake() }))
        // What tools start is announced as it is from everywhere else; the workforce itself comes later.
        let toolTasks = TaskService(
            store: stores.tasks, agents: stores.agents, organizations: stores.organizations, routing: stores.routing,
            ids: ids,
            onStart: { scope in
                bus.wake(scope.organization)
                signals.send(.work)
            }, onSchedule: { signals.send(.schedules) })
        let toolDesk = TaskDesk(tasks: toolTasks, receipts: stores.receipts)
        // It starts what was checked when it was written, so it need not know the tools.
        let toolWorkflows = WorkflowService(
            store: stores.workflows, agents: stores.agents, tokens: stores.tokens, executions: stores.executions,
            tools: ToolSet([]), ids: ids
        ) { scope in
            bus.wake(scope.organization)
            signals.send(.work)
        }
        let tools = ToolCatalog.tools(
            clients: stores.clients, schedule: stores.schedule, memory: stores.memory,
            analytics: stores.analytics, ids: ids, http: http, browser: pages,
            messaging: (sending, stores.desk),
            desk: Self.desk(
                stores, toolDesk,
                ProcedureDesk(workflows: toolWorkflows, tasks: toolDesk, receipts: stores.receipts), httpPolicies),
            colleagues: (stores.agentMessages, stores.agents),
            and: furtherTools)
        let agentSecrets = AgentSecretKeeper(store: stores.secrets, keys: sealingKeys, cabinet: cabinet)
        // For the programs of calls, and in nobody's list.
        let outside = CallExternalAgent(
            client: guarded, policies: httpPolicies, agents: stores.agents, secrets: agentSecrets)
        let toolCaller = ToolCaller(
            tools: ToolTracing(monitoring: stores.monitoring).tracing(
                ToolSet(tools.tools + [outside, KeepSessionBlock(contracts: stores.contracts)])),
            policies: toolPolicies, digest: SHA256Digest(), clock: clock,
            concurrency: work.toolConcurrency, log: log.module("tools"))
        let catalog = ReloadableModels(models)
        let flows = FlowLibrary(workflows: stores.workflows)
        let flowSource = FlowSource(library: flows, organizations: stores.organizations, agents: stores.agents)
        let agentIndex = AgentIndex(store: stores.routing)
        let ownSources: [Execution.Kind: any ProgramSource] = [
            .message: ChatSource(
                conversations: stores.conversations, agents: stores.agents, tools: toolCaller, models: catalog),
            .task: TaskSource(
                organizations: stores.organizations, agents: stores.agents, memory: stores.memory,
                tools: toolCaller, models: catalog),
            .autonomous: AutonomousSource(
                organizations: stores.organizations, agents: stores.agents, memory: stores.memory,
                tools: toolCaller, models: catalog, prompts: { templates.prompts }),
            .compression: CompressionSource(
                conversations: stores.conversations, models: catalog,
                sessions: (stores.contracts, stores.agents, stores.organizations)),
            .tool: ToolCallSource(organizations: stores.organizations),
            .plan: flowSource, .workflow: flowSource,
            .call: CallSource(
                router: CallRouter(store: stores.routing, index: agentIndex, ids: ids), agents: stores.agents,
                organizations: stores.organizations, contracts: stores.contracts, clock: clock),
        ]
        let programs = ProgramCatalog(ownSources.merging(sources) { _, given in given })
        let workforce = Workforce(
            store: stores.executions, queue: MeteredQueue(stores.queue, meters), heartbeat: heartbeat,
            signals: signals, bus: bus,
            models: ModelCaller(catalog: MeteredModels(catalog, meters), pricing: templates.pricing),
            tools: toolCaller, programs: programs, options: work.options, executor: { loops.next() }, clock: clock,
            ids: ids, log: log.module("queue"), onEnd: { execution, scope in await pages.end(execution, in: scope) },
            onApproval: ApprovalNotices(desk: stores.desk, postman: postman, clock: clock, ids: ids, log: log).tell)
        let chat = ChatService(
            conversations: stores.conversations, agents: stores.agents, executions: stores.executions,
            workforce: workforce, tools: toolCaller, models: catalog, clock: clock, ids: ids)
        let compression = CompressionService(
            conversations: stores.conversations, executions: stores.executions, ids: ids
        ) { scope in
            bus.wake(scope.organization)
            workforce.announce()
        }
        let calls = CallService(
            executions: stores.executions, control: workforce.control, agents: stores.agents, routing: stores.routing,
            secrets: agentSecrets, ids: ids
        ) { scope in
            bus.wake(scope.organization)
            workforce.announce()
        }
        let feed = EventFeed(store: stores.events, bus: bus)
        let seeder = AgentSeeder(agents: stores.agents, ids: ids, clock: clock)
        let seed: Services.Seed = { scope, packs, mode, isDryRun in
            let organization = try await stores.organizations.organization(in: scope)
            let wanted = try templates.select(packs: packs, forTenant: organization.slug)
            return try await seeder.seed(wanted, mode: mode, dryRun: isDryRun, in: scope)
        }
        let tasks = TaskService(
            store: stores.tasks, agents: stores.agents, organizations: stores.organizations, routing: stores.routing,
            ids: ids,
            onStart: { scope in
                bus.wake(scope.organization)
                workforce.announce()
            }, onSchedule: { signals.send(.schedules) })
        let startFlow: @Sendable (OrganizationScope) -> Void = { scope in
            bus.wake(scope.organization)
            workforce.announce()
        }
        let workflows = WorkflowService(
            store: stores.workflows, agents: stores.agents, tokens: stores.tokens, executions: stores.executions,
            tools: tools, ids: ids, onStart: startFlow)
        let plans = PlanService(
            executions: stores.executions, workflows: workflows, ids: ids, onStart: startFlow)
        let (hooks, hookCourier) = Self.hooks(
            stores, HookSecretKeeper(store: stores.secrets, keys: sealingKeys, cabinet: cabinet),
            HookStarter(agents: stores.agents, tasks: tasks, workflows: workflows, plans: plans, ids: ids),
            messageDesk, loops: loops, openAddresses: openAddresses, meters: meters, clock: clock, ids: ids, log: log,
            onStart: startFlow)
        let firing = FiringService(
            store: stores.fires, ids: ids, control: workforce.control,
            onFire: { report, scope in
                workMeter.note(report, at: clock.now())
                workforce.heed(report, in: scope)
            }, onState: { signals.send(.schedules) })
        let scheduler = Scheduler(
            firing: firing, worker: { workforce.heart.worker }, signals: signals,
            log: log.module("scheduler"))
        let monitoring = Monitoring(
            monitoringSettings, work.publicURL, meters: meters, stores: stores, directory: messaging, client: client,
            clock: clock, ids: ids, log: log, onEvents: { bus.wake($0.organization) }, onMessages: { courier.wake() })
        monitoring.collect(database: database, bus: bus, workforce: workforce, guards: catalog.guards)
        self.monitoring = monitoring
        workforce.observe { workMeter.note($0, in: $1) }
        services = Services(
            agents: stores.agents, conversations: stores.conversations, executions: stores.executions,
            approvals: stores.approvals, organizations: stores.organizations, receipts: stores.receipts,
            audit: stores.audit,
            tokenStore: stores.tokens,
            signer: signer, events: feed, chat: chat, compression: compression, memory: stores.memory,
            gym: stores.gym,
            messages: MessageServices(
                outbox: stores.outbox, contacts: stores.contacts, desk: stores.desk, publicURL: work.publicURL,
                onQueued: { courier.wake() }),
            control: workforce.control, queue: stores.queue, ledger: stores.ledger, budgets: stores.budgets,
            prices: { templates.published.prices }, tasks: tasks, workflows: workflows,
            workflowTemplates: { templates.workflows }, hooks: hooks,
            workflowActions: WorkflowActionService(
                store: stores.workflowActions, agents: stores.agents, ids: ids, onStart: startFlow),
            flows: flows, plans: plans,
            triggers: TriggerService(
                store: stores.triggers, workflows: workflows, plans: plans, tasks: tasks, ids: ids),
            sessions: SessionService(
                store: stores.sessions, agents: stores.agents, executions: stores.executions, plans: plans,
                control: workforce.control, ids: ids, onStart: startFlow),
            sessionTemplates: { templates.sessions },
            firing: firing, tools: tools, toolCaller: toolCaller, seed: seed, vocabulary: .system(packs: nil),
            health: HealthCheck(
                monitoring.probes(database, workforce, scheduler, bus, work.roles, catalog.guards)),
            documents: stores.documents,
            toolStatistics: stores.toolStatistics,
            routing: RoutingServices(
                calls: calls, index: agentIndex, routing: stores.routing, contracts: stores.contracts,
                messages: stores.agentMessages),
            access: AccessSettings(rates: stores.rates, origins: origins, trustedProxies: work.trustedProxies),
            monitoring: monitoring.services(logs: log),
            connectors: ConnectorServices(
                directory: connectors, store: stores.connectors, onRequest: { connectorKeeper.wake() }),
            dashboard: DashboardFiles(folder: templates.dashboard, digest: SHA256Digest()),
            clock: clock, ids: ids, log: log.module("http"), version: Self.version)
        seedAgents = seed
        self.loops = loops
        self.database = database
        self.client = client
        self.stores = stores
        self.signals = signals
        self.bus = bus
        self.workforce = workforce
        self.scheduler = scheduler
        roles = work.roles
        workGrace = work.options.drain + .seconds(10)
        housekeeping = Housekeeping(
            organizations: stores.organizations, receipts: stores.receipts, history: stores.history,
            budgets: stores.budgets, queue: stores.queue, fires: stores.fires, hooks: stores.hooks,
            outbound: stores.outbound, sessions: stores.sessions, past: stores.retention,
            retention: work.retention, clock: clock, log: log)
        sealer = AuditSealer(chain: stores.audit, signer: signer, clock: clock, log: log) { [services] in
            try await services.refusedTokens.tell(stores.audit, stores.organizations, ids, clock)
        }
        clerk = FrontDeskClerk(
            organizations: stores.organizations, posts: stores.posts,
            publisher: WebhookPublisher(client: guarded, policies: httpPolicies), campaigns: stores.campaigns,
            messenger: OutboxCampaignMessenger(sending: sending, organizations: stores.organizations), clock: clock,
            log: log)
        let traces = TraceService(sender: TraceSender(client: guarded, policies: httpPolicies), log: log)
        let triggers = TriggerDispatcher(
            store: stores.triggers, events: stores.events, executions: stores.executions, receipts: stores.receipts,
            workflows: workflows, plans: plans, tasks: tasks, clock: clock, log: log.module("triggers"),
            onStart: startFlow,
            onEvents: { bus.wake($0.organization) })
        bus.observe { [sender = traces.sender, exporter = monitoring.exporter] organization, events in
            workMeter.note(events, of: organization)
            exporter?.note(events, of: organization)
            sender.note(events, of: organization)
            triggers.note(organization)
            postman.note(events, in: OrganizationScope(organization))
            hookCourier.note(organization)
        }
        (self.hooks, self.hookCourier) = (hooks, hookCourier)
        self.triggers = triggers
        self.traces = traces
        presence = PresenceKeeper(store: stores.routing, clock: clock, log: log) { bus.wake($0.organization) }
        self.chat = chat
        self.feed = feed
        self.signer = signer
        self.models = catalog
        self.httpPolicies = httpPolicies
        self.browserPolicies = browserPolicies
        self.pages = pages
        self.toolPolicies = toolPolicies
        self.origins = origins
        self.messaging = messaging
        self.courier = courier
        self.postman = postman
        self.connectors = connectors
        self.connectorKeeper = connectorKeeper
        self.connectorSync = connectorSync
        self.guarded = guarded
        self.tools = tools
        self.flows = flows
        self.workflows = workflows
        self.plans = plans
        self.log = log
        self.clock = clock
        self.ids = ids
    }

    /// The server on this application. Binds at `run()`, or earlier by `bind()`.
    func server(_ configuration: HTTPServerConfiguration) -> HTTPServer {
        HTTPServer(
            configuration: configuration, loops: loops,
            responder: APIResponder(services, isSecure: configuration.tls != nil), log: log)
    }

    /// Lets go of connections and threads, when nothing runs any more.
    func close() {
        database.close()
        loops.stop()
    }
}
