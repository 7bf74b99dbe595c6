import Foundation
import HTTPClientKit
import ServiceKit
import SpotterDomain
import SpotterTenants

/// Where each organisation's agents may send HTTP requests, from the tenants' files and the environment.
struct HTTPPolicySettings: Sendable {
    let environment: [String: String]
    let log: Log

    /// - Parameter slugs: which organisation has which tenant file.
    /// - Throws: `SpotterError` when a secret's file cannot be read.
    func policies(
        tenants: [TenantDefinition], organizations slugs: [OrganizationID: String]
    ) throws -> [OrganizationID: HTTPPolicy] {
        var policies: [OrganizationID: HTTPPolicy] = [:]
        for (id, slug) in slugs {
            guard let tenant = tenants.first(where: { $0.slug == slug }), let http = tenant.http else { continue }
            policies[id] = HTTPPolicy(
                hosts: (http.allowHosts ?? []).compactMap { HostPattern($0) }, allowsPlainHTTP: http.allowHttp ?? false,
                credentials: try (http.secrets ?? []).map { try credential($0, of: tenant.slug) },
                postsTo: http.postsTo,
                tracesTo: http.tracesTo)
        }
        return policies
    }

    /// `SPOTTER_HTTP_ALLOW_PRIVATE`: `ADDRESS:PORT`, separated by commas.
    static func openAddresses(environment: [String: String]) throws -> Set<RemoteAddress> {
        let name = "SPOTTER_HTTP_ALLOW_PRIVATE"
        let parts = (environment[name] ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        return Set(
            try parts.map { part in
                guard let address = RemoteAddress(part) else {
                    throw SpotterError(
                        .invalid,
                        "\(name) must be ADDRESS:PORT, such as 127.0.0.1:9000 or [::1]:9000, separated by commas; "
                            + "\(part) is not one.")
                }
                return address
            })
    }

    private func credential(_ secret: TenantHTTP.SecretHeader, of slug: String) throws -> HTTPPolicy.Credential {
        let found = try SecretReference(secret.value)?.resolve(environment: environment, whenAbsent: .isNil)
        if let found { log.redact(found.value) }
        if let warning = found?.warning { log.warning("secret", ["tenant": slug, "warning": warning]) }
        if found == nil {
            log.warning(
                "a secret for HTTP requests is not set; requests to its host are refused",
                ["tenant": slug, "host": secret.host, "reference": secret.value])
        }
        return HTTPPolicy.Credential(host: secret.host, header: secret.header, value: found?.value)
    }
}
