import EventLoopKit
import Foundation
import HTTPClientKit
import HTTPServerKit
import PostgresKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterHTTP
import SpotterPostgres
import SpotterTools

extension SpotterProduct {
    func up(_ options: UpOptions, onReady: @escaping @Sendable (ReadyReport) -> Void) async throws {
        // Before anything is started, so that a Ctrl-C in between still stops all of it.
        let signals = ProcessSignals()
        let data = options.dataDirectory ?? dataDirectory
        try await withApplication(data: data, creating: true, progress: options.progress) {
            application, opened, templates in
            let organizations = try await prepare(application, templates, options.progress)
            let keepers = opened.cluster.map { [DatabaseKeeper($0.server, log: log)] } ?? []
            try await serve(
                application, templates, beside: keepers, data: data, host: options.host, port: options.port, signals
            ) { url in
                onReady(try await report(url: url, organizations, application, opened, data: data))
            }
        }
    }

    func serve(_ options: ServeOptions, onReady: @escaping @Sendable (String?) -> Void) async throws {
        let signals = ProcessSignals()
        guard settings.databaseURL != nil else {
            throw SpotterError(.invalid, "Set DATABASE_URL, or use `spotter up`, which brings a database of its own.")
        }
        let roles = try ProcessRole.roles(options.roles)
        try await withApplication(preparing: false, roles: roles) { application, _, templates in
            try await serve(
                application, templates, beside: [], data: dataDirectory, host: options.host, port: options.port, signals
            ) { url in onReady(url.isEmpty ? nil : url) }
        }
    }

    /// Tenants, agents and demonstration records, as the files say.
    private func prepare(
        _ application: Application, _ templates: Templates, _ progress: @Sendable (String) -> Void
    ) async throws -> [Organization] {
        let organizations = try await apply(templates.tenants, in: application)
        let models = ModelSettings(environment: settings.environment, client: application.client, log: log)
        try await refreshModels(of: application, models, templates)
        for (organization, tenant) in zip(organizations, templates.tenants) {
            let scope = OrganizationScope(organization.id)
            do {
                let outcomes = try await application.seedAgents(scope, tenant.templates, .skipExisting, false)
                let created = outcomes.filter { $0.action == .created }.count
                if created > 0 { progress("\(organization.name): \(created) agents seeded.") }
            } catch let error as SpotterError where error.code == .limitReached {
                // One gym's limit keeps nobody else's server from starting.
                progress("\(organization.name): not all agents seeded. \(error.message)")
            }
            if let demo = tenant.demo {
                do {
                    try await application.demonstrate(organization, demo)
                } catch let error as SpotterError where error.code != .unavailable {
                    // Invented records are no reason to serve nobody.
                    log.warning("demonstration records not written", ["error": String(reflecting: error)])
                    progress("\(organization.name): not all demonstration records written. \(error.message)")
                }
            }
        }
        return organizations
    }

    private func serve(
        _ application: Application, _ templates: Templates, beside others: [any Service], data: String,
        host: String?, port: Int?, _ signals: ProcessSignals,
        onReady: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        var configuration = HTTPServerConfiguration(host: host ?? settings.host, port: port ?? settings.port)
        configuration.tls = settings.tls
        let isServing = application.roles.contains(.api)
        let server = isServing ? application.server(configuration) : nil
        let url = try server.map { try Self.url(of: configuration, port: $0.bind()) }
        let notifier = SystemdNotifier(environment: settings.environment)
        let group = application.serviceGroup(server: server, beside: others)
        let obeying = Task { await obey(signals, group, notifier, application, templates, data: data) }
        defer { obeying.cancel() }
        try await application.run(group) {
            notifier.ready()
            let roles = application.roles.map(\.rawValue).sorted().joined(separator: ",")
            log.info("ready", ["url": url ?? "none", "roles": roles])
            try await onReady(url ?? "")
        }
        log.info("stopped")
    }

    private static func url(of configuration: HTTPServerConfiguration, port: Int) -> String {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return "\(configuration.tls == nil ? "http" : "https")://\(host):\(port)"
    }

    /// Does what the process is told by signals.
    private func obey(
        _ signals: ProcessSignals, _ group: ServiceGroup, _ notifier: SystemdNotifier, _ application: Application,
        _ templates: Templates, data: String
    ) async {
        for await signal in signals.stream {
            switch signal {
            case .reload:
                notifier.reloading()
                await reload(application, templates, data: data)
                notifier.ready()
            case .toggleDebug:
                let level = log.level == .debug ? settings.logLevel : .debug
                log.level = level == log.level ? .info : level
                log.warning("the level of the log was changed", ["lowest": log.level.rawValue])
            case .stop:
                notifier.stopping()
                group.shutDown()
            }
        }
    }

    /// Keys, templates, tenants and models anew; whatever is broken stays as it was.
    private func reload(_ application: Application, _ templates: Templates, data: String) async {
        do {
            let keys = try signingKeys(data: data).load(makingIfMissing: false)
            try templates.reload()
            try await publishPrices(of: templates, in: application)
            _ = try await apply(templates.tenants, in: application)
            try await application.secrets.load(requiringKeys: true)
            application.signer.replace(keys: keys)
            let models = ModelSettings(environment: settings.environment, client: application.client, log: log)
            try await refreshModels(of: application, models, templates)
            try await application.courier.release()
            application.courier.wake()
            log.info("configuration reloaded")
        } catch {
            log.error("configuration not reloaded; the old one stays", ["error": "\(error)"])
        }
    }

    /// The newcomer's gym with a token, and a conversation that is open.
    private func report(
        url: String, _ organizations: [Organization], _ application: Application, _ opened: DatabaseAccess.Opened,
        data: String
    ) async throws -> ReadyReport {
        guard let organization = organizations.first(where: { $0.slug == "iron-temple" }) ?? organizations.first else {
            throw SpotterError(.invalid, "There is no organisation. Add a file to tenants/.")
        }
        let scope = OrganizationScope(organization.id)
        let token = try await DemoToken(data: data, application: application).text(for: organization)
        let agents = try await application.stores.agents.seeded(in: scope)
        let agent = agents.first { $0.settings.role == "support-assistant" } ?? agents.first
        var conversation: Conversation?
        if let agent { conversation = try await openConversation(with: agent, in: scope, application) }
        return ReadyReport(
            url: url, organization: organization, token: token,
            dashboard: try application.signInLink(to: url, for: token), agent: agent, conversation: conversation,
            database: opened.cluster.map { ($0.endpoint.socketDirectory, $0.endpoint.port) })
    }

    /// The one that `up` opened before, or a new one.
    private func openConversation(
        with agent: Agent, in scope: OrganizationScope, _ application: Application
    ) async throws -> Conversation {
        let title = "Started by spotter up"
        let filter = ConversationFilter(agent: agent.id, search: title)
        let known = try await application.stores.conversations.list(filter, PageRequest(limit: 1), in: scope)
        if let conversation = known.items.first { return conversation }
        let now = application.clock.now()
        let conversation = Conversation(
            id: application.ids.id(at: now), agentId: agent.id, title: title, createdAt: now, updatedAt: now)
        try await application.stores.conversations.create(conversation, receipt: nil, in: scope)
        return conversation
    }
}

extension Application {
    /// An address that opens the dashboard and signs in as the holder of the token, once. What stands behind the `#` is
    /// sent to no server and stands in no log.
    fileprivate func signInLink(to url: String, for token: String) throws -> String {
        let (claims, now) = (try signer.claims(of: token), clock.now())
        let link = DashboardSession(
            id: ids.id(at: now), token: claims.token, organization: claims.organization,
            expiresAt: now + DashboardSession.linkLifetime)
        return try "\(url)/#/sign-in/\(signer.text(for: link, as: .link))"
    }
}
