import Foundation
import SigningKit
import SpotterDomain
import SpotterSecrets
import Testing

struct RingSealerTests {
    let ring: SealingRing
    let sealer: RingSealer
    let openai: SecretName
    let value: SecretValue
    let scope = OrganizationScope(OrganizationID(UUID()))

    init() throws {
        ring = try SealingRing.generate()
        sealer = RingSealer(ring)
        openai = try #require(.provider("openai"))
        value = try SecretValue("sk-canary-0123456789abcdef")
    }

    @Test func `what was sealed opens for the same organisation and name`() throws {
        let sealed = try sealer.seal(value, as: openai, in: scope)
        #expect(sealed.keyID == ring.sealingKeyID)
        #expect(try sealer.open(sealed, as: openai, in: scope) == value)
        #expect(!String(decoding: sealed.bytes, as: UTF8.self).contains("canary"))
    }

    @Test func `a copy does not open in another organisation, nor under another name`() throws {
        let sealed = try sealer.seal(value, as: openai, in: scope)
        let other = OrganizationScope(OrganizationID(UUID()))
        let anthropic = try #require(SecretName.provider("anthropic"))
        #expect(throws: SecretFault.altered) { try sealer.open(sealed, as: openai, in: other) }
        #expect(throws: SecretFault.altered) { try sealer.open(sealed, as: anthropic, in: scope) }
    }

    @Test func `no flipped bit and no cut goes unnoticed`() throws {
        let sealed = try sealer.seal(value, as: openai, in: scope)
        for place in sealed.bytes.indices {
            for bit in 0..<8 {
                var bytes = sealed.bytes
                bytes[place] ^= 1 << bit
                let changed = SealedBytes(bytes, keyID: sealed.keyID)
                #expect(throws: SecretFault.self) { try sealer.open(changed, as: openai, in: scope) }
            }
            let cut = SealedBytes(Array(sealed.bytes[..<place]), keyID: sealed.keyID)
            #expect(throws: SecretFault.altered) { try sealer.open(cut, as: openai, in: scope) }
        }
    }

    @Test func `another ring names the key that is missing`() throws {
        let sealed = try sealer.seal(value, as: openai, in: scope)
        let fault = #expect(throws: SecretFault.self) {
            try RingSealer(SealingRing.generate()).open(sealed, as: openai, in: scope)
        }
        #expect(fault == .unknownKey(id: ring.sealingKeyID))
        #expect(fault?.description.contains(ring.sealingKeyID) ?? false)
        #expect(fault?.description.contains("Put that key back") ?? false)
    }

    @Test func `a ring goes on opening what it sealed before a rotation`() throws {
        let sealed = try sealer.seal(value, as: openai, in: scope)
        let rotated = RingSealer(try ring.rotated())
        #expect(rotated.keyID != sealer.keyID)
        #expect(try rotated.open(sealed, as: openai, in: scope) == value)
    }
}
