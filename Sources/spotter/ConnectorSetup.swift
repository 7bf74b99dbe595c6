import HTTPClientKit
import ServiceKit
import SpotterConnectors
import SpotterDomain
import SpotterEngine
import SpotterTenants
import Synchronization

/// Which CRMs each organisation is connected with, from the tenants' files, the environment and the sealed secrets.
struct ConnectorSetup: Sendable {
    let environment: [String: String]
    let client: GuardedClient
    let secrets: SecretCabinet
    let log: Log

    /// - Parameter slugs: which organisation has which tenant file.
    /// - Throws: `SpotterError` when a secret's file cannot be read.
    func connectors(
        tenants: [TenantDefinition], organizations slugs: [OrganizationID: String]
    ) throws -> [OrganizationID: [ConfiguredConnector]] {
        var found: [OrganizationID: [ConfiguredConnector]] = [:]
        for (id, slug) in slugs {
            guard let tenant = tenants.first(where: { $0.slug == slug }), let connectors = tenant.connectors else {
                continue
            }
            let countryCode = tenant.messaging?.sms?.countryCode
            found[id] = try connectors.map { settings in
                ConfiguredConnector(
                    settings: settings, crm: try crm(settings, of: slug, OrganizationScope(id)),
                    countryCode: countryCode)
            }
        }
        return found
    }

    /// nil where a token is named and not there: the connector is off until it is.
    private func crm(
        _ settings: TenantConnector, of slug: String, _ scope: OrganizationScope
    ) throws -> (any CRMConnector)? {
        guard let token = try token(settings, of: slug, scope) else { return nil }
        var configuration = HighLevelClient.Configuration()
        if var base = settings.baseUrl {
            while base.hasSuffix("/") { base.removeLast() }
            configuration.baseURL = base
        }
        let client = HighLevelClient(
            client: client, token: token, partition: "\(scope.organization) \(settings.name)",
            configuration: configuration)
        return HighLevelConnector(client: client, location: settings.locationId)
    }

    private func token(
        _ settings: TenantConnector, of slug: String, _ scope: OrganizationScope
    ) throws -> (any ConnectorToken)? {
        guard let reference = settings.token else {
            guard let name = settings.secretName else { return nil }
            // The cabinet may be opened later: whether there is one is known with the first request.
            return StoredToken { try secrets.value(of: name, in: scope)?.text }
        }
        let found = try SecretReference(reference)?.resolve(environment: environment, whenAbsent: .isNil)
        if let found { log.redact(found.value) }
        if let warning = found?.warning { log.warning("secret", ["tenant": slug, "warning": warning]) }
        guard let value = found?.value else {
            log.warning(
                "a connector's token is not set; it is off", ["tenant": slug, "reference": reference])
            return nil
        }
        return StoredToken { value }
    }
}

/// The present connectors.
final class ReloadableConnectors: ConnectorDirectory {
    private let entries = Mutex<[OrganizationID: [ConfiguredConnector]]>([:])

    func replace(_ entries: [OrganizationID: [ConfiguredConnector]]) { self.entries.withLock { $0 = entries } }

    func connectors(in scope: OrganizationScope) -> [ConfiguredConnector] {
        entries.withLock { $0[scope.organization] } ?? []
    }

    var organizations: [OrganizationID] { entries.withLock { $0.filter { !$0.value.isEmpty }.map(\.key) } }
}
