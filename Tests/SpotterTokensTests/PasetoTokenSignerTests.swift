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

/// Every way of not being a token, each refused with the same words.
@Suite struct BadTokenTests {
    private struct FixedClock: WallClock {
        let time: Date
        func now() -> Date { time }
    }

    private static let time = Date(timeIntervalSince1970: 1_800_000_000)

    enum Fault: String, CaseIterable, Sendable {
        case expired, future, wrongAudience, wrongKey, truncated, extraDots, hundredKilobytes, wrongChecksum
        case versionThree, local, unsignedJWT, signedJWT, emptyText, approvalLink, changedPayload, doubled
    }

    @Test(arguments: Fault.allCases)
    func `a bad token is refused, and nothing tells why`(_ fault: Fault) throws {
        let key = try Ed25519.SecretKey.generate()
        let ring = try KeyRing(signingWith: key)
        let signer = PasetoTokenSigner(keys: ring, deployment: "one", clock: FixedClock(time: Self.time))
        #expect(throws: Never.self) { try signer.claims(of: signer.text(for: Self.record())) }
        let text = try Self.text(fault, signer, ring)
        let error = #expect(throws: SpotterError.self) { try signer.claims(of: text) }
        #expect(error?.code == .unauthenticated)
        #expect(error?.message == "The token is missing, malformed, expired or revoked.")
        #expect(error?.cause == nil)
    }

    @Test func `clocks may differ by a minute and no more`() throws {
        let signer = try PasetoTokenSigner(
            keys: KeyRing(signingWith: .generate()), deployment: "one", clock: FixedClock(time: Self.time))
        for (offset, isGood) in [(59.0, true), (61.0, false)] {
            let early = try signer.text(for: Self.record(from: offset))
            let late = try signer.text(for: Self.record(from: -3_600 - offset))
            #expect(((try? signer.claims(of: early)) != nil) == isGood)
            #expect(((try? signer.claims(of: late)) != nil) == isGood)
        }
    }

    private static func record(from offset: TimeInterval = 0) -> TokenRecord {
        let ids = RandomIDGenerator()
        return TokenRecord(
            id: ids.id(at: time), organization: ids.id(at: time), name: "x", subject: "x", role: .staff,
            permissions: [.agentsRead], issuedAt: time + offset, expiresAt: time + offset + 3_600)
    }

    private static func text(_ fault: Fault, _ signer: PasetoTokenSigner, _ ring: KeyRing) throws -> String {
        let good = try signer.text(for: record())
        let printed = try PrintedToken.parse(good, prefix: "spotter")
        let parts = printed.token.split(separator: ".")
        func reprint(_ token: String) throws -> String {
            try PrintedToken(token, prefix: "spotter", kind: .live).text
        }
        switch fault {
        case .expired: return try signer.text(for: record(from: -3_661))
        case .future: return try signer.text(for: record(from: 61))
        case .wrongAudience:
            // Signed by us, for another of our services.
            let claims = try PASETO.UnverifiedToken(printed.token).unverifiedPayload
            let other = String(decoding: claims, as: UTF8.self).replacing("spotter-api", with: "spotter-cli")
            return try reprint(ring.sign(Array(other.utf8), implicitAssertion: Array("spotter-api|one".utf8)))
        case .wrongKey:
            let stranger = try PasetoTokenSigner(
                keys: KeyRing(signingWith: .generate()), deployment: "one", clock: FixedClock(time: time))
            return try stranger.text(for: record())
        case .truncated: return String(good.dropLast(20))
        case .extraDots: return good + ".eyJhIjoxfQ.eyJhIjoxfQ"
        case .hundredKilobytes: return good + String(repeating: "A", count: 100_000)
        case .wrongChecksum: return String(good.dropLast(6)) + (good.hasSuffix("000000") ? "111111" : "000000")
        case .versionThree: return "v3.public." + parts[2]
        case .local: return "v4.local." + parts[2]
        case .unsignedJWT: return "eyJhbGciOiJub25lIn0.eyJvcmciOiJvcmdfMSIsImV4cCI6OTk5OTk5OTk5OX0."
        case .signedJWT: return "eyJhbGciOiJIUzI1NiJ9.eyJvcmciOiJvcmdfMSJ9.c2lnbmF0dXJl"
        case .emptyText: return ""
        case .approvalLink:
            return try reprint(ring.sign([123, 125], implicitAssertion: Array("spotter-approval-link|one".utf8)))
        case .changedPayload:
            var bytes = try Base64URL.decode(String(parts[2]))
            bytes[10] ^= 1
            let footer = parts.count > 3 ? "." + parts[3] : ""
            return try reprint("v4.public." + Base64URL.encode(bytes) + footer)
        case .doubled: return good + good
        }
    }
}
