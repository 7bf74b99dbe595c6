import Foundation
import SigningKit
import SpotterDomain
import SpotterTokens
import Testing

@Suite struct PasetoTokenSignerTests {
    private struct FixedClock: WallClock {
        let time: Date
        func now() -> Date { time }
    }

    private static let time = Date(timeIntervalSince1970: 1_800_000_000)
    private let ids = RandomIDGenerator()

    private func signer(
        _ key: Ed25519.SecretKey, deployment: String = "one", at time: Date = Self.time
    ) throws -> PasetoTokenSigner {
        PasetoTokenSigner(keys: try KeyRing(signingWith: key), deployment: deployment, clock: FixedClock(time: time))
    }

    private func record(role: Role = .owner) -> TokenRecord {
        TokenRecord(
            id: ids.id(at: Self.time), organization: ids.id(at: Self.time), name: "test", subject: "someone",
            role: role, permissions: [.agentsRead], issuedAt: Self.time, expiresAt: Self.time + 3_600)
    }

    @Test func `a token verifies, and the same record gives the same text`() throws {
        let key = try Ed25519.SecretKey.generate()
        let (signer, record) = (try signer(key), record())
        let text = try signer.text(for: record)
        #expect(text.hasPrefix("spotter_live_"))
        #expect(try signer.text(for: record) == text)
        #expect(try signer.claims(of: text) == TokenClaims(token: record.id, organization: record.organization))
    }

    @Test func `an operator's token can be told from a gym's`() throws {
        let signer = try signer(.generate())
        #expect(try signer.text(for: record(role: .operator)).hasPrefix("spotter_adm_"))
    }

    @Test func `expired, early, foreign and altered tokens are refused alike`() throws {
        let key = try Ed25519.SecretKey.generate()
        let text = try signer(key).text(for: record())
        let refused: [(PasetoTokenSigner, String)] = [
            (try signer(key, at: Self.time + 3_600 + 61), text),
            (try signer(key, at: Self.time - 61), text),
            (try signer(key, deployment: "two"), text),
            (try signer(.generate()), text),
            (try signer(key), String(text.dropLast())),
            (try signer(key), text.replacingOccurrences(of: "spotter_live_", with: "spotter_live_A")),
            (try signer(key), ""),
            (try signer(key), "Bearer \(text)"),
        ]
        for (signer, text) in refused {
            let error = #expect(throws: SpotterError.self) { try signer.claims(of: text) }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func `a token made before a rotation stays good while its key is kept`() throws {
        let old = try KeyRing(signingWith: .generate())
        let before = PasetoTokenSigner(keys: old, deployment: "one", clock: FixedClock(time: Self.time))
        let text = try before.text(for: record())
        let rotated = try KeyRing(parsing: old.rotate(by: .generate()))
        let after = PasetoTokenSigner(keys: rotated, deployment: "one", clock: FixedClock(time: Self.time))
        #expect(throws: Never.self) { try after.claims(of: text) }
        let retired = try KeyRing(parsing: rotated.retire(old.keyIDs[0]))
        let later = PasetoTokenSigner(keys: retired, deployment: "one", clock: FixedClock(time: Self.time))
        #expect(throws: SpotterError.self) { try later.claims(of: text) }
    }
}
