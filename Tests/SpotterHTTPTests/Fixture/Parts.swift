import Foundation
import ServiceKit
import SigningKit
import SpotterAgents
import SpotterDomain
import SpotterEngine
import SpotterHTTP
import SpotterMonitoring
import SpotterProviders
import SpotterSecrets
import SpotterTesting
import SpotterTokens
import SpotterTools
import SpotterWorkflows
import Synchronization

/// What the product is put together from, with memory for a database.
struct Parts: Sendable {
    let stores: StoreSet
    let ids = RandomIDGenerator()
    let bus: EventBus
    let signals: Signals
    let workforce: Workforce
    let signer: PasetoTokenSigner
    let services: Services

    /// No page may, until a test says so.
    let origins = Origins()

    /// - Parameter kept: stores in a database, with what keeps a worker alive in them; nil for memory.
    init(
        policy: ToolPolicy = ToolPolicy(), dashboard: String? = nil,
        kept: (stores: StoreSet, heartbeat: any Heartbeat)? = nil
    ) throws {
        let policies = OnePolicy(policy)
        let (clock, log) = (SystemClock(), Log.silent)
        let memory = MemoryStores(clock: clock)
        stores = kept?.stores ?? StoreSet(memory)
        signals = Signals(channel: MemorySignalChannel(), log: log)
        bus = EventBus(signals: signals)
        signer = PasetoTokenSigner(
            keys: try KeyRing(signingWith: .generate()), deployment: "test", clock: clock)
        let tools = ToolCatalog.tools(
            clients: stores.clients, schedule: stores.schedule, memory: stores.memory, ids: ids)
        let toolCaller = ToolCaller(
            tools: ToolSet(tools.tools + [KeepSessionBlock(contracts: stores.contracts)]), policies: policies,
            digest: SHA256Digest(), clock: clock, log: log)
        let flows = FlowLibrary(workflows: stores.workflows)
        let flowSource = FlowSource(library: flows, organizations: stores.organizations, agents: stores.agents)
        let index = AgentIndex(store: stores.routing, lifetime: .zero)
        let programs = ProgramCatalog([
            .call: CallSource(
                router: CallRouter(store: stores.routing, index: index, ids: ids), agents: stores.agents,
                organizations: stores.organizations, contracts: stores.contracts, clock: clock),
            .message: ChatSource(
                conversations: stores.conversations, agents: stores.agents, tools: toolCaller,
                models: OnlyOffline()),
            .task: TaskSource(
                organizations: stores.organizations, agents: stores.agents, memory: stores.memory, tools: toolCaller,
                models: OnlyOffline()),
            .compression: CompressionSource(
                conversations: stores.conversations, models: OnlyOffline(),
                sessions: (stores.contracts, stores.agents, stores.organizations)),
            .tool: ToolCallSource(organizations: stores.organizations),
            .plan: flowSource, .workflow: flowSource,
        ])
        workforce = Workforce(
            store: stores.executions, queue: stores.queue, heartbeat: kept?.heartbeat ?? memory.heartbeat,
            signals: signals, bus: bus,
            models: ModelCaller(catalog: OnlyOffline(), pricing: NoPrices()), tools: toolCaller, programs: programs,
            // Nobody beats here, however long a busy machine makes a test last.
            options: Workforce.Options(lease: .seconds(3_600)), clock: clock, ids: ids, log: log)
        let chat = ChatService(
            conversations: stores.conversations, agents: stores.agents, executions: stores.executions,
            workforce: workforce, tools: toolCaller, models: OnlyOffline(), clock: clock, ids: ids)
        let (bus, announce) = (bus, workforce.announce)
        let compression = CompressionService(
            conversations: stores.conversations, executions: stores.executions, ids: ids
        ) { scope in
            bus.wake(scope.organization)
            announce()
        }
        let tasks = TaskService(
            store: stores.tasks, agents: stores.agents, organizations: stores.organizations, routing: stores.routing,
            ids: ids
        ) { scope in
            bus.wake(scope.organization)
            announce()
        }
        let startFlow: @Sendable (OrganizationScope) -> Void = { scope in
            bus.wake(scope.organization)
            announce()
        }
        let workflows = WorkflowService(
            store: stores.workflows, agents: stores.agents, tokens: stores.tokens, executions: stores.executions,
            tools: tools, ids: ids,
            onStart: startFlow)
        let firing = FiringService(
            store: stores.fires, ids: ids, control: workforce.control,
            onFire: { [workforce] in workforce.heed($0, in: $1) })
        let calls = CallService(
            executions: stores.executions, control: workforce.control, agents: stores.agents, routing: stores.routing,
            secrets: OneSecret(store: stores.secrets), ids: ids
        ) { scope in
            bus.wake(scope.organization)
            announce()
        }
        let plans = PlanService(executions: stores.executions, workflows: workflows, ids: ids, onStart: startFlow)
        let hooks = HookService(
            store: stores.hooks, secrets: HookSecretsInMemory(), judge: WebhookJudge(),
            starter: HookStarter(agents: stores.agents, tasks: tasks, workflows: workflows, plans: plans, ids: ids),
            sending: HookSending(store: stores.outbound, events: stores.events, transport: AnyHTTPS()),
            desk: MessageDesk(
                outbox: stores.outbox, contacts: stores.contacts, directory: BritishMessaging(), ids: ids),
            ids: ids, log: log, onStart: startFlow)
        let seeder = AgentSeeder(agents: stores.agents, ids: ids, clock: clock)
        services = Services(
            agents: stores.agents, conversations: stores.conversations, executions: stores.executions,
            approvals: stores.approvals, organizations: stores.organizations, receipts: stores.receipts,
            audit: stores.audit,
            tokenStore: stores.tokens,
            signer: signer, events: EventFeed(store: stores.events, bus: bus), chat: chat,
            compression: compression, memory: stores.memory, gym: stores.gym,
            messages: MessageServices(
                outbox: stores.outbox, contacts: stores.contacts, desk: stores.desk, publicURL: "https://gym.test"),
            control: workforce.control, queue: stores.queue, ledger: stores.ledger, budgets: stores.budgets,
            prices: { [Parts.price] }, tasks: tasks, workflows: workflows,
            workflowTemplates: { [Parts.template] }, hooks: hooks,
            workflowActions: WorkflowActionService(
                store: stores.workflowActions, agents: stores.agents, ids: ids, onStart: startFlow),
            flows: flows, plans: plans,
            triggers: TriggerService(
                store: stores.triggers, workflows: workflows, plans: plans, tasks: tasks, ids: ids),
            sessions: SessionService(
                store: stores.sessions, agents: stores.agents, executions: stores.executions, plans: plans,
                control: workforce.control, ids: ids, onStart: startFlow),
            sessionTemplates: { Parts.sessionTemplates },
            firing: firing, tools: tools, toolCaller: toolCaller,
            seed: { scope, _, mode, isDryRun in
                try await seeder.seed([], mode: mode, dryRun: isDryRun, in: scope)
            },
            vocabulary: TenantVocabulary(
                isTimeZone: { TimeZone(identifier: $0) != nil }, timeZones: ["Europe/London"],
                currencies: ["GBP", "EUR"],
                providers: [], packs: nil),
            health: HealthCheck { [HealthCheck.Component(name: "database", isWell: true)] },
            documents: stores.documents, toolStatistics: stores.toolStatistics,
            routing: RoutingServices(
                calls: calls, index: index, routing: stores.routing, contracts: stores.contracts,
                messages: stores.agentMessages),
            access: AccessSettings(
                rates: stores.rates, origins: origins, trustedProxies: try TrustedProxies("10.0.0.1, 192.168.0.0/16"),
                streams: StreamQuotas(perToken: 20, perOrganization: 30)),
            monitoring: MonitoringServices(
                meters: Meters(version: "test"), alerts: AlertService(store: stores.alerts, ids: ids),
                figures: MonitoringService(store: stores.monitoring) { [stores] in
                    try await stores.agents.count(in: $0)
                },
                timelines: TimelineService(
                    executions: stores.executions, monitoring: stores.monitoring, agents: stores.agents),
                access: MetricsAccess(token: nil), logs: log),
            connectors: ConnectorServices(directory: TestConnectors(), store: stores.connectors),
            dashboard: DashboardFiles(folder: dashboard, digest: SHA256Digest()), clock: clock, ids: ids, log: log,
            version: "test")
    }

    /// The only template of a workflow that there is.
    static let template = WorkflowTemplate(
        slug: "call-back",
        document: WorkflowTemplateDocument(
            name: "Call back", on: [WorkflowTrigger(event: "custom.lead_created")],
            nodes: [WorkflowNode(id: "pause", type: .wait, config: ["duration_ms": 1_000])],
            edges: []))

    /// One that needs nobody, and one that needs a tutor.
    static let sessionTemplates = [
        SessionTemplate(
            slug: "start-session",
            document: SessionTemplateDocument(
                name: "Start", agents: [:],
                steps: [SessionStep(id: "look", tool: "search_clients", input: ["query": "{{ input.subject }}"])])),
        SessionTemplate(
            slug: "lesson",
            document: SessionTemplateDocument(
                name: "Lesson", pack: "learning", agents: ["tutor": SessionAgent(template: "tutor")],
                steps: [SessionStep(id: "greet", role: "tutor", input: ["content": "Hello"])], timeoutMs: 5_000)),
    ]

    /// Pages of other origins, as tests allow them.
    final class Origins: OriginPolicies {
        private let allowed = Mutex<[OrganizationID: Set<String>]>([:])

        func allow(_ origin: String, in scope: OrganizationScope) {
            allowed.withLock { _ = $0[scope.organization, default: []].insert(origin) }
        }

        func isKnown(_ origin: String) -> Bool {
            allowed.withLock { $0.values.contains { $0.contains(origin) } }
        }

        func allows(_ origin: String, in scope: OrganizationScope) -> Bool {
            allowed.withLock { $0[scope.organization]?.contains(origin) ?? false }
        }
    }

    /// The only price there is.
    static let price = ModelPrice(
        model: "gpt-4o", provider: "openai", inputPerMillion: 2.5, outputPerMillion: 10, cacheReadPerMillion: 1.25,
        validFrom: Date(timeIntervalSince1970: 1_727_827_200))

    /// In clear, by hook; the newest first.
    private final class HookSecretsInMemory: HookSecrets {
        private let known = Mutex<[HookID: [String]]>([:])

        func secrets(of hook: HookID, in scope: OrganizationScope) throws -> [String] {
            known.withLock { $0[hook] ?? [] }
        }

        func add(_ secret: String, to hook: HookID, at now: Date, in scope: OrganizationScope) async throws {
            known.withLock { $0[hook] = [secret] + ($0[hook] ?? []).prefix(1) }
        }

        func forgetPrevious(of hook: HookID, at now: Date, in scope: OrganizationScope) async throws {
            known.withLock { $0[hook] = ($0[hook] ?? []).prefix(1).map { $0 } }
        }

        func forget(_ hook: HookID, at now: Date, in scope: OrganizationScope) async throws {
            known.withLock { $0[hook] = nil }
        }
    }

    /// Sends nothing, and takes every address of https.
    private struct AnyHTTPS: HookTransport {
        func check(_ url: String) throws {
            guard url.hasPrefix("https://") else { throw SpotterError.invalid("/url", "must begin with https://") }
        }

        func send(_ call: HookCall) async -> HookAnswer { .interrupted("Nothing is sent here.") }
    }

    /// The same for every agent.
    private struct OneSecret: AgentSecrets {
        let store: any SecretStore

        func renew(for agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> String {
            guard let name = SecretName.agent(agent) else { throw SpotterError.notFound("agent") }
            _ = try await store.put(name, SealedBytes([1], keyID: "key"), hint: nil, at: now, in: scope)
            return "whsec_c2VjcmV0"
        }

        func signature(
            of body: [UInt8], id: String, timestamp: Int, for agent: AgentID, in scope: OrganizationScope
        ) throws -> String? { "v1,c2ln" }

        func answerToken(for call: ExecutionID, of agent: AgentID, in scope: OrganizationScope) throws -> String? {
            "as the call had it"
        }
    }

    private struct OnlyOffline: ModelCatalog {
        func provider(
            forModel model: String, fallback: String?, in scope: OrganizationScope
        ) throws -> (provider: any ModelProvider, model: String) {
            guard model == OfflineProvider.name else { throw SpotterError(.unavailable, "No key for \(model).") }
            return (OfflineProvider(), model)
        }
    }

    private struct NoPrices: Pricing {
        func quote(model: String, provider: String, plan: Organization.Plan?) -> Quote? { nil }
    }
}

/// Every organisation has the standard rules, and numbers of Britain.
struct BritishMessaging: MessagingDirectory {
    func settings(in scope: OrganizationScope) -> MessagingSettings { MessagingSettings(countryCode: "+44") }
    func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)? { nil }
    var configured: [OrganizationID] { [] }
}
