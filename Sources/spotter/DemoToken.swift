import Foundation
import SpotterDomain
import SpotterPostgres

/// The owner's token that `spotter up` prints: the same one as long as it is good, so that what was pasted yesterday
/// works today. Kept beside the keys that could make it anyway, readable by the owner only.
struct DemoToken: Sendable {
    let data: String
    let application: Application

    func text(for organization: Organization) async throws -> String {
        let path = "\(data)/token-\(organization.slug)"
        let scope = OrganizationScope(organization.id)
        if let text = try? String(contentsOfFile: path, encoding: .utf8), await isGood(text, in: scope) { return text }
        let text = try await Self.issue(named: "spotter up", for: organization, application)
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes) else {
            throw SpotterError(.unavailable, "\(path) cannot be written.")
        }
        return text
    }

    /// A new owner's token.
    static func issue(
        named name: String, for organization: Organization, _ application: Application
    ) async throws -> String {
        let scope = OrganizationScope(organization.id)
        let issuer = TokenIssuer(
            store: application.stores.tokens, signer: application.signer, clock: application.clock,
            ids: application.ids)
        let order = TokenIssuer.Order(name: name, subject: "owner", role: .owner)
        return try await issuer.issue(issuer.draft(order, by: nil, in: scope), receipt: nil, in: scope)
    }

    private func isGood(_ text: String, in scope: OrganizationScope) async -> Bool {
        guard let claims = try? application.signer.claims(of: text), claims.organization == scope.organization,
            let record = try? await application.stores.tokens.use(claims.token, in: scope)
        else { return false }
        // A day is left, so that it does not expire in the newcomer's hands.
        return record.revokedAt == nil && record.expiresAt > application.clock.now() + 86_400
    }
}
