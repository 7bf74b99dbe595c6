import EventLoopKit
import Foundation
import HTTPClientKit
import PostgresKit
import ServiceKit
import SigningKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterHTTP
import SpotterPostgres
import SpotterProviders
import SpotterTenants

/// What the commands do, done.
struct SpotterProduct: Product {
    let settings: Settings
    let log: Log

    var version: String { Application.version }

    init(settings: Settings) {
        self.settings = settings
        log = Log(level: settings.logLevel)
        for secret in settings.secrets { log.redact(secret) }
    }

    /// The folder of keys and of the private database, unless `--data` names another.
    var dataDirectory: String { settings.environment["SPOTTER_DATA"] ?? ".spotter" }

    // MARK: Documents

    /// The document of an application that never runs: its database is never asked.
    func openAPIDocument() throws -> JSONValue {
        let loops = EventLoopGroup(count: 1)
        let configuration = try PostgresConfiguration(url: "postgres:///spotter")
        let database = Database(configuration: configuration, loops: loops, log: .silent)
        let client = HTTPClient(loops: loops.loops)
        let models = try ModelSettings(environment: [:], client: client, log: log).catalog(
            tenants: [], organizations: [:], secrets: nil)
        let application = Application(
            database: database, client: client, loops: loops, keys: try KeyRing(signingWith: .generate()),
            deployment: "", sealingKeys: try sealingKeys(data: dataDirectory), models: models,
            heartbeat: PostgresHeartbeat(configuration),
            work: try WorkSettings(settings), templates: try Templates(home: settings.home), log: log)
        defer { application.close() }
        return RouteTable(application.services).document
    }
    func schema(named name: String) throws -> JSONValue { try ConfigurationSchemas.schema(named: name) }
    var schemaNames: [String] { ConfigurationSchemas.names }

    // MARK: Working with an application

    /// Opens the database, puts the application together, runs `work`, and lets go of everything.
    ///
    /// Requests of the application's own services are served while `work` runs, but no port is opened.
    ///
    /// - Parameters:
    ///   - creating: also makes a private database where there is none.
    ///   - sources: in place of the product's own, for measurements.
    ///   - tools: beside the product's own, for measurements.
    func withApplication<T: Sendable>(
        data: String? = nil, preparing: Bool = true, creating: Bool = false,
        roles: Set<ProcessRole> = Set(ProcessRole.allCases),
        sources: [Execution.Kind: any ProgramSource] = [:], tools: [any Tool] = [],
        progress: @escaping @Sendable (String) -> Void = { _ in },
        _ work: @escaping @Sendable (Application, DatabaseAccess.Opened, Templates) async throws -> T
    ) async throws -> T {
        // What is wrong with the settings is said before anything is started or waited for.
        let workSettings = try WorkSettings(settings, roles: roles)
        let templates = try Templates(home: settings.home)
        let access = DatabaseAccess(settings: settings, dataDirectory: data ?? dataDirectory, log: log)
        let opened = try await access.open(preparing: preparing, creating: creating, progress: progress)
        do {
            let application = try await assemble(
                opened, templates, data: data ?? dataDirectory, workSettings, sources, tools)
            do {
                let result = try await work(application, opened, templates)
                application.close()
                opened.close()
                return result
            } catch {
                application.close()
                throw error
            }
        } catch {
            opened.close()
            throw error
        }
    }

    private func assemble(
        _ opened: DatabaseAccess.Opened, _ templates: Templates, data: String, _ work: WorkSettings,
        _ sources: [Execution.Kind: any ProgramSource], _ tools: [any Tool]
    ) async throws -> Application {
        let loops = EventLoopGroup(count: try settings.loopCount)
        let database = Database(configuration: opened.application, loops: loops, log: log)
        do {
            try await check(database)
            let client = HTTPClient(loops: loops.loops)
            let keys = try signingKeys(data: data).load(makingIfMissing: settings.signingKeysPath == nil)
            let sealingKeys = try sealingKeys(data: data)
            let models = ModelSettings(
                environment: settings.environment, client: client, log: log)
            let application = Application(
                database: database, client: client, loops: loops, keys: keys,
                deployment: try await DatabaseFacts.deployment(of: database),
                sealingKeys: sealingKeys,
                models: try models.catalog(tenants: templates.tenants, organizations: [:], secrets: nil),
                openAddresses: try HTTPPolicySettings.openAddresses(environment: settings.environment),
                browser: try BrowserSettings(environment: settings.environment).browser,
                heartbeat: PostgresHeartbeat(opened.application), work: work, sources: sources, tools: tools,
                templates: templates, monitoring: try MonitoringSettings(settings.environment, data: data),
                log: log)
            try await refreshModels(of: application, models, templates)
            try await publishPrices(of: templates, in: application)
            return application
        } catch {
            database.close()
            loops.stop()
            throw error
        }
    }

    private func check(_ database: Database) async throws {
        let migrations = try Migration.read(folder: settings.home.migrations)
        let allowsDataLoss = settings.environment["SPOTTER_ALLOW_DATA_LOSS"] == "1"
        let checks = StartupChecks(database: database, schemaVersion: migrations.count, allowsDataLoss: allowsDataLoss)
        do {
            for warning in try await checks.run() { log.warning(warning) }
        } catch let refusal as StartupChecks.Refusal {
            throw SpotterError(.invalid, refusal.description, cause: refusal)
        } catch let error as PostgresError {
            throw SpotterError(.unavailable, "The database cannot be used: \(error)", cause: error)
        }
    }

    /// Which organisation uses which keys, may call which hosts, and sends messages by which ways, after tenants or
    /// organisations have changed. All of it changes or nothing does.
    func refreshModels(
        of application: Application, _ settings: ModelSettings, _ templates: Templates
    ) async throws {
        let organizations = try await organizations(in: application)
        let slugs = Dictionary(uniqueKeysWithValues: organizations.map { ($0.id, $0.slug) })
        let models = try settings.catalog(
            tenants: templates.tenants, organizations: slugs, secrets: application.secrets)
        let policies = try HTTPPolicySettings(environment: settings.environment, log: log).policies(
            tenants: templates.tenants, organizations: slugs)
        let messaging = try MessagingSetup(
            environment: settings.environment, client: application.client, log: log
        ).entries(tenants: templates.tenants, organizations: slugs)
        let connectors = try ConnectorSetup(
            environment: self.settings.environment, client: application.guarded, secrets: application.secrets, log: log
        ).connectors(tenants: templates.tenants, organizations: slugs)
        application.connectors.replace(connectors)
        application.models.replace(models)
        application.httpPolicies.replace(policies)
        application.browserPolicies.replace(browserPolicies(of: templates.tenants, organizations: slugs))
        application.messaging.replace(messaging)
        application.toolPolicies.replace(toolPolicies(of: templates.tenants, organizations: slugs))
        application.origins.replace(origins(of: templates.tenants, organizations: slugs))
    }

    /// Which pages elsewhere may call the API with a token of each organisation.
    private func origins(
        of tenants: [TenantDefinition], organizations slugs: [OrganizationID: String]
    ) -> [OrganizationID: Set<String>] {
        slugs.compactMapValues { slug in
            tenants.first { $0.slug == slug }?.cors?.allowOrigins.map {
                Set($0.compactMap(WebOrigin.init).map(\.description))
            }
        }
    }

    /// What each organisation's file says of its agents' browser.
    private func browserPolicies(
        of tenants: [TenantDefinition], organizations slugs: [OrganizationID: String]
    ) -> [OrganizationID: BrowserPolicy] {
        slugs.compactMapValues { slug in tenants.first { $0.slug == slug }?.browser?.policy }
    }

    /// What each organisation's file says of its agents' calls of tools.
    private func toolPolicies(
        of tenants: [TenantDefinition], organizations slugs: [OrganizationID: String]
    ) -> [OrganizationID: ToolPolicy] {
        slugs.compactMapValues { slug in
            tenants.first { $0.slug == slug }.map { tenant in
                let named = (tenant.http?.allowHosts ?? []) + (tenant.browser?.allowHosts ?? [])
                let hosts = named.compactMap { HostPattern($0) }
                return (tenant.policy ?? TenantPolicy()).policy(
                    hosts: hosts,
                    bulkApprovalAbove: tenant.messaging?.bulkApprovalAbove ?? MessagingSettings().bulkApprovalAbove)
            }
        }
    }

    /// Keeps the versions of prices and markups that ledger lines will name from now on.
    func publishPrices(of templates: Templates, in application: Application) async throws {
        let published = templates.published
        try await application.stores.ledger.publish(published.prices, published.markups)
    }

    func signingKeys(data: String) -> SigningKeys {
        SigningKeys(path: settings.signingKeysPath ?? data + "/signing-keys")
    }

    func sealingKeys(data: String) throws -> SealingKeys {
        let keys = try SealingKeys(environment: settings.environment, data: data)
        if case .variable(_, let text?) = keys.place {
            for line in text.split(whereSeparator: { $0 == "," || $0.isNewline }) { log.redact(String(line)) }
        }
        return keys
    }

    /// The organisation of a slug.
    ///
    /// - Throws: `notFound` with the nearest slug there is.
    func organization(_ slug: String, in application: Application) async throws -> Organization {
        let store = application.stores.organizations
        if let id = try await store.id(ofSlug: slug) { return try await store.organization(in: OrganizationScope(id)) }
        let all = try await organizations(in: application)
        let hint = DidYouMean.hint(for: slug, among: all.map(\.slug))
        let problem = DidYouMean.sentence("There is no organisation \(slug)\(hint)")
        throw SpotterError(.notFound, "\(problem) See: spotter tenants list")
    }

    func organizations(in application: Application) async throws -> [Organization] {
        var found: [Organization] = []
        for id in try await application.stores.organizations.ids() {
            found.append(try await application.stores.organizations.organization(in: OrganizationScope(id)))
        }
        return found.sorted { $0.slug < $1.slug }
    }
}
