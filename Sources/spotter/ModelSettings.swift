import EventLoopKit
import Foundation
import HTTPClientKit
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterProviders
import SpotterTenants

/// Which providers an organisation can use: with a key that is stored for it, or else by its tenant file, or else by the
/// environment.
struct ModelSettings: Sendable {
    let environment: [String: String]
    let client: HTTPClient
    let log: Log

    /// - Parameters:
    ///   - slugs: which organisation has which tenant file.
    ///   - secrets: the stored keys, asked with every call.
    /// - Throws: `SpotterError` when a key's file cannot be read, or the environment names an API there is not.
    func catalog(
        tenants: [TenantDefinition], organizations slugs: [OrganizationID: String], secrets: SecretCabinet?
    ) throws -> ProviderCatalog {
        if let api = environment["OPENAI_API"], !api.isEmpty, OpenAIAPI(rawValue: api) == nil {
            throw SpotterError(.invalid, "OPENAI_API must be responses or chat, not \"\(api.prefix(40))\".")
        }
        let shared = ProviderAccess.fromEnvironment(environment)
        var own: [OrganizationID: [ProviderKind: ProviderAccess]] = [:]
        var wishes: [OrganizationID: ProviderCatalog.Preferences] = [:]
        var files: [OrganizationID: TenantDefinition] = [:]
        for (id, slug) in slugs {
            guard let tenant = tenants.first(where: { $0.slug == slug }) else { continue }
            files[id] = tenant
            own[id] = try access(of: tenant)
            wishes[id] = try Self.preferences(of: tenant)
        }
        let (found, preferences, definitions) = (own, wishes, files)
        return ProviderCatalog(
            client: client, offline: OfflineProvider(),
            preferences: { preferences[$0.organization] ?? ProviderCatalog.Preferences() }
        ) { kind, scope in
            if let name = SecretName.provider(kind.rawValue), let key = try secrets?.value(of: name, in: scope) {
                let provider = definitions[scope.organization]?.providers?[kind.rawValue]
                return reach(kind, key: key.text, provider)
            }
            return found[scope.organization]?[kind] ?? shared[kind]
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
            access[kind] = reach(kind, key: secret?.value, provider)
        }
        return access
    }

    /// A key with the address that belongs to it: the tenant's own, or else the environment's.
    private func reach(
        _ kind: ProviderKind, key: String?, _ provider: TenantDefinition.ProviderReference?
    ) -> ProviderAccess? {
        let base = provider?.baseUrl ?? environment[kind.rawValue.uppercased() + "_BASE_URL"]
        let api = provider?.api ?? environment["OPENAI_API"]
        return ProviderAccess(kind, apiKey: key, baseURL: base, api: api.flatMap { OpenAIAPI(rawValue: $0) })
    }
}
