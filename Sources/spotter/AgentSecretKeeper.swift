import Foundation
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterSecrets

/// The secrets of external agents: sealed in the database, opened in the cabinet.
struct AgentSecretKeeper: AgentSecrets {
    let store: any SecretStore
    let keys: any SecretKeys
    let cabinet: SecretCabinet

    private static let prefix = "whsec_"

    func renew(for agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> String {
        guard let name = SecretName.agent(agent) else { throw SpotterError.notFound("agent") }
        let text = try Self.prefix + Data(SecureRandom.bytes(32)).base64EncodedString()
        let value = try SecretValue(text)
        // Held until the secret is stored: a key that is dropped meanwhile would take the secret with it.
        let held = try (keys as? SealingKeys)?.hold()
        defer { withExtendedLifetime(held?.lock) {} }
        let known: (any SecretSealer)? = try held.map { RingSealer($0.ring) } ?? keys.sealer()
        guard let sealer = known else {
            throw SpotterError(
                .unavailable, "There are no sealing keys. The operator makes them with `spotter secrets new-key`.")
        }
        _ = try await store.put(
            name, sealer.seal(value, as: name, in: scope), hint: value.hint, at: now, in: scope)
        try await cabinet.lookOnce()
        return text
    }

    func signature(
        of body: [UInt8], id: String, timestamp: Int, for agent: AgentID, in scope: OrganizationScope
    ) throws -> String? {
        try code(for: Array("\(id).\(timestamp).".utf8) + body, of: agent, in: scope)
            .map { "v1,\(Data($0).base64EncodedString())" }
    }

    func answerToken(for call: ExecutionID, of agent: AgentID, in scope: OrganizationScope) throws -> String? {
        try code(for: Array("spotter answer of a call 1 \(call)".utf8), of: agent, in: scope).map(Base64URL.encode)
    }

    private func code(for message: [UInt8], of agent: AgentID, in scope: OrganizationScope) throws -> [UInt8]? {
        guard let name = SecretName.agent(agent), let secret = try cabinet.value(of: name, in: scope) else {
            return nil
        }
        guard let key = Data(base64Encoded: String(secret.text.dropFirst(Self.prefix.count))) else { return nil }
        return try HMACSHA256.authenticate(message, key: Array(key))
    }
}
