import EventLoopKit
import Foundation
import PostgresKit
import ServiceKit
import SigningKit
import SpotterCommandLine
import SpotterDomain
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

    func openAPIDocument() throws -> JSONValue { APIDocument.json(version: version) }
    func schema(named name: String) throws -> JSONValue { try ConfigurationSchemas.schema(named: name) }
    var schemaNames: [String] { ConfigurationSchemas.names }

    // MARK: Working with an application

    /// Opens the database, puts the application together, runs `work`, and lets go of everything.
    ///
    /// Requests of the application's own services are served while `work` runs, but no port is opened.
    func withApplication<T: Sendable>(
        data: String? = nil, preparing: Bool = true,
        progress: @escaping @Sendable (String) -> Void = { _ in },
        _ work: @escaping @Sendable (Application, DatabaseAccess.Opened, Templates) async throws -> T
    ) async throws -> T {
        let templates = try Templates(home: settings.home)
        let access = DatabaseAccess(settings: settings, dataDirectory: data ?? dataDirectory, log: log)
        let opened = try await access.open(preparing: preparing, progress: progress)
        do {
            let application = try await assemble(opened, templates, data: data ?? dataDirectory)
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
        _ opened: DatabaseAccess.Opened, _ templates: Templates, data: String
    ) async throws -> Application {
        let loops = EventLoopGroup(count: try settings.loopCount)
        do {
            let migrations = try Migration.read(folder: settings.home.migrations)
            let checks = StartupChecks(
                expected: migrations, allowsUnsafeDurability: settings.environment["SPOTTER_ALLOW_UNSAFE_DURABILITY"] == "1")
            let facts = try await checks.run(on: opened.application, loops: loops, log: log)
            let keys = try signingKeys(data: data).load(makingIfMissing: settings.signingKeysPath == nil)
            return Application(
                database: opened.application, loops: loops, keys: keys, deployment: facts.deployment,
                models: try ModelSettings(settings).catalog(tenants: templates.tenants, loops: loops, log: log),
                templates: templates, log: log)
        } catch {
            loops.stop()
            throw error
        }
    }

    func signingKeys(data: String) -> SigningKeys {
        SigningKeys(path: settings.signingKeysPath ?? data + "/signing-keys")
    }

    /// The organisation of a slug.
    ///
    /// - Throws: `notFound` with the nearest slug there is.
    func organization(_ slug: String, in application: Application) async throws -> Organization {
        let store = application.stores.organizations
        if let id = try await store.id(ofSlug: slug) { return try await store.organization(in: OrganizationScope(id)) }
        let all = try await organizations(in: application)
        let hint = DidYouMean.hint(for: slug, among: all.map(\.slug))
        throw SpotterError(.notFound, "There is no organisation \(slug)\(hint) See: spotter tenants list")
    }

    func organizations(in application: Application) async throws -> [Organization] {
        var found: [Organization] = []
        for id in try await application.stores.organizations.ids() {
            found.append(try await application.stores.organizations.organization(in: OrganizationScope(id)))
        }
        return found.sorted { $0.slug < $1.slug }
    }
}
