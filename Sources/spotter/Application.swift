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
import SpotterPostgres
import SpotterProviders
import SpotterTenants
import SpotterTools

/// The product put together: the one place that knows everyone.
///
/// Everything here is built from a database that is migrated and a ring of keys; commands and tests use the same.
struct Application: Sendable {
    let loops: EventLoopGroup
    let database: Database
    let client: HTTPClient
    let stores: PostgresStores
    let bus: EventBus
    let pool: WorkerPool
    let housekeeping: Housekeeping
    let chat: ChatService
    let feed: EventFeed
    let signer: ReloadableSigner
    let models: ReloadableModels
    let tools: ToolSet
    let services: Services
    let seedAgents: Services.Seed
    let log: Log
    let clock: any WallClock
    let ids: any IDGenerator

    /// The version of this build.
    static let version = "0.1.0"

    /// - Parameter database: connected as the application's role, checked and migrated.
    init(
        database: Database, client: HTTPClient, loops: EventLoopGroup, keys: KeyRing, deployment: String,
        models: ProviderCatalog,
        templates: Templates, log: Log
    ) {
        let clock = SystemClock()
        let ids = RandomIDGenerator()
        let stores = PostgresStores(database)
        let bus = EventBus()
        let pool = WorkerPool(executor: { loops.next() }, log: log)
        let tools = ToolCatalog.tools(clients: stores.clients, schedule: stores.schedule)
        let toolCaller = ToolCaller(tools: tools, clock: clock, log: log)
        let catalog = ReloadableModels(models)
        let environment = ExecutionRun.Environment(
            store: stores.executions, models: ModelCaller(catalog: catalog, pricing: templates.pricing),
            tools: toolCaller, bus: bus, clock: clock, ids: ids, log: log)
        let chat = ChatService(
            conversations: stores.conversations, executions: stores.executions, events: stores.events, pool: pool,
            environment: environment, tools: toolCaller, clock: clock, ids: ids)
        let feed = EventFeed(store: stores.events, bus: bus)
        let signer = ReloadableSigner(keys: keys, deployment: deployment, clock: clock)
        let seeder = AgentSeeder(agents: stores.agents, ids: ids, clock: clock)
        let seed: Services.Seed = { scope, packs, mode, isDryRun in
            let organization = try await stores.organizations.organization(in: scope)
            let wanted = try templates.select(packs: packs, forTenant: organization.slug)
            return try await seeder.seed(wanted, mode: mode, dryRun: isDryRun, in: scope)
        }
        services = Services(
            agents: stores.agents, conversations: stores.conversations, executions: stores.executions,
            organizations: stores.organizations, receipts: stores.receipts, tokenStore: stores.tokens,
            signer: signer, events: feed, chat: chat, tools: tools, toolCaller: toolCaller,
            seed: seed, vocabulary: .system(packs: nil), health: Self.health(database, pool), clock: clock, ids: ids,
            log: log, version: Self.version)
        seedAgents = seed
        self.loops = loops
        self.database = database
        self.client = client
        self.stores = stores
        self.bus = bus
        self.pool = pool
        housekeeping = Housekeeping(
            organizations: stores.organizations, receipts: stores.receipts, clock: clock, log: log)
        self.chat = chat
        self.feed = feed
        self.signer = signer
        self.models = catalog
        self.tools = tools
        self.log = log
        self.clock = clock
        self.ids = ids
    }

    /// The server on this application. Binds at `run()`, or earlier by `bind()`.
    func server(_ configuration: HTTPServerConfiguration) -> HTTPServer {
        HTTPServer(configuration: configuration, loops: loops, responder: APIResponder(services), log: log)
    }

    /// Lets go of connections and threads, when nothing runs any more.
    func close() {
        database.close()
        loops.stop()
    }

    private static func health(_ database: Database, _ pool: WorkerPool) -> HealthCheck {
        HealthCheck {
            var reason: String?
            do {
                try await withTimeout(.seconds(2)) { try await database.ping() }
            } catch {
                reason = "The database does not answer."
            }
            return [
                HealthCheck.Component(name: "database", isWell: reason == nil, reason: reason),
                HealthCheck.Component(name: "workers", isWell: true),
            ]
        }
    }
}
