import EventLoopKit
import Foundation
import HTTPClientKit
import ServiceKit
import SpotterDomain
import SpotterProviders
import SpotterTenants

/// Which providers an organisation can use, from the environment and the tenants' files.
struct ModelSettings: Sendable {
    let environment: [String: String]
    let client: HTTPClient
    let log: Log

    /// - Parameter slugs: which organisation has which tenant file.
    /// - Throws: `SpotterError` when a key's file cannot be read, or the environment names an API there is not.
    func catalog(tenants: [TenantDefinition], organizations: [OrganizationID: String]) throws -> ProviderCatalog {
        if let api = environment["OPENAI_API"], !api.isEmpty, OpenAIAPI(rawValue: api) == nil {
            throw SpotterError(.invalid, "OPENAI_API must be responses or chat, not \"\(api.prefix(40))\".")
        }
        let shared = ProviderAccess.fromEnvironment(environment)
        var own: [OrganizationID: [ProviderKind: ProviderAccess]] = [:]
        var wishes: [OrganizationID: ProviderCatalog.Preferences] = [:]
        for (id, slug) in organizations {
            guard let tenant = tenants.first(where: { $0.slug == slug }) else { continue }
            own[id] = try access(of: tenant)
            wishes[id] = try Self.preferences(of: tenant)
        }
        let (found, preferences) = (own, wishes)
        return ProviderCatalog(
            client: client, offline: OfflineProvider(),
            preferences: { preferences[$0.organization] ?? ProviderCatalog.Preferences() }
        ) { kind, scope in
            found[scope.organization]?[kind] ?? shared[kind]
        }
    }

    private static func preferences(of tenant: TenantDefinition) throws -> ProviderCatalog.Preferences {
        let models = tenant.fallbackModels ?? []
        for model in models where ProviderKind.find(model) == nil {
            throw SpotterError(
                .invalid,
                "tenants/\(tenant.slug).yaml: fallback_models names \"\(model.prefix(100))\", which belongs to no "
                    + "provider. Write provider/model for a model of a compatible server.")
        }
        var preferences = ProviderCatalog.Preferences()
        preferences.fallbacks = models
        preferences.cacheLife = tenant.modelCacheSeconds.map { .seconds($0) }
        return preferences
    }

    private func access(of tenant: TenantDefinition) throws -> [ProviderKind: ProviderAccess] {
        var access: [ProviderKind: ProviderAccess] = [:]
        for (name, provider) in tenant.providers ?? [:] {
            guard let kind = ProviderKind(rawValue: name) else { continue }
            let reference = provider.apiKey.flatMap { SecretReference($0) }
            let secret = try reference?.resolve(environment: environment, whenAbsent: .isNil)
            if let secret { log.redact(secret.value) }
            if let warning = secret?.warning { log.warning("secret", ["tenant": tenant.slug, "warning": warning]) }
            let base = provider.baseUrl ?? environment[name.uppercased() + "_BASE_URL"]
            let api = provider.api ?? environment["OPENAI_API"]
            access[kind] = ProviderAccess(
                kind, apiKey: secret?.value, baseURL: base, api: api.flatMap { OpenAIAPI(rawValue: $0) })
        }
        return access
    }
}
