import Testing

@testable import SigningKit

struct KeyRingTests {
    let old: Ed25519.SecretKey
    let new: Ed25519.SecretKey
    let payload = Array(#"{"tid":"tok_1"}"#.utf8)
    let assertion = Array("spotter-api|one".utf8)

    init() throws {
        old = try Ed25519.SecretKey.generate()
        new = try Ed25519.SecretKey.generate()
    }

    @Test func `the first secret key signs and all keys verify`() throws {
        let ring = try KeyRing(
            parsing: """
                # the ring

                \(try PASERK.text(of: new))
                  \(try PASERK.text(of: old))   # until July
                \(PASERK.text(of: try Ed25519.SecretKey.generate().publicKey))
                """)
        #expect(ring.signingKeyID == new.publicKey.id)
        #expect(ring.keyIDs.count == 3)

        let token = try ring.sign(payload, implicitAssertion: assertion)
        #expect(try PASETO.verify(token, with: new.publicKey, implicitAssertion: assertion).payload == payload)
        #expect(try ring.verify(token, implicitAssertion: assertion) == payload)

        let before = try KeyRing(signingWith: old).sign(payload, implicitAssertion: assertion)
        #expect(try ring.verify(before, implicitAssertion: assertion) == payload)
    }

    @Test func `a rotation signs with the new key, keeps the comments and drops the old secret`() throws {
        let secret = try PASERK.text(of: old)
        let ring = try KeyRing(parsing: "# ours\r\n\(secret) # since May\r\n")
        let text = try ring.rotate(by: new)
        #expect(
            text == """
                # ours
                \(try PASERK.text(of: new))
                \(PASERK.text(of: old.publicKey)) # since May

                """)
        #expect(!text.contains(secret))

        let token = try ring.sign(payload)
        let rotated = try KeyRing(parsing: text)
        #expect(rotated.signingKeyID == new.publicKey.id)
        #expect(try rotated.verify(token) == payload)

        let retired = try KeyRing(parsing: try rotated.retire(old.publicKey.id))
        #expect(throws: SigningError.unknownKey(id: old.publicKey.id)) { try retired.verify(token) }
    }

    @Test func `a ring's text reads back the same`() throws {
        let text = "# a\n\n\(try PASERK.text(of: old)) # b\n"
        #expect(try KeyRing(parsing: text).text() == text)
    }

    @Test func `a ring of public keys verifies but does not sign`() throws {
        let ring = try KeyRing(parsing: PASERK.text(of: old.publicKey))
        #expect(ring.signingKeyID == nil)
        #expect(throws: SigningError.noSigningKey) { try ring.sign(payload) }
        #expect(try ring.verify(try KeyRing(signingWith: old).sign(payload)) == payload)
    }

    @Test func `a token of a key outside the ring is refused by its id`() throws {
        let token = try KeyRing(signingWith: new).sign(payload)
        #expect(throws: SigningError.unknownKey(id: new.publicKey.id)) {
            try KeyRing(signingWith: old).verify(token)
        }
    }

    @Test func `a token that borrows another key's id is refused`() throws {
        let forged = try PASETO.sign(payload, with: new, footer: KeyIDFooter.encode(old.publicKey.id))
        #expect(throws: SigningError.badSignature) { try KeyRing(signingWith: old).verify(forged) }
    }

    @Test(arguments: [
        "", "{}", #"{"kid":""}"#, #"{"kid": "AAAAAAAAAAAAAAAA"}"#, #"{"kid":"AAAAAAAAAAAAAAAA","kid":"x"}"#,
        "{\"kid\":\"AAAAAAAA\nAAAAAAA\"}", #"{"KID":"AAAAAAAAAAAAAAAA"}"#,
    ])
    func `a footer of any other form names no key`(footer: String) throws {
        let token = try PASETO.sign(payload, with: old, footer: Array(footer.utf8))
        #expect(throws: SigningError.unknownKey(id: nil)) { try KeyRing(signingWith: old).verify(token) }
    }

    @Test func `a bad line is named and not repeated`() throws {
        let secret = try PASERK.text(of: old)
        for bad in [String(secret.dropLast()), secret + "=", "k4.secret." + secret, "\(secret) \(secret)", "key"] {
            let error = #expect(throws: SigningError.self) {
                try KeyRing(parsing: "# first\n\(PASERK.text(of: new.publicKey))\n\(bad)\n")
            }
            let description = try #require(error).description
            #expect(description.hasPrefix("key ring, line 3: "))
            #expect(!description.contains(secret.suffix(20)))
        }
    }

    @Test func `a key named twice is refused with both lines`() throws {
        let text = "\(PASERK.text(of: old.publicKey))\n#\n\(try PASERK.text(of: old))"
        #expect(throws: SigningError.keyRing(line: 3, reason: "the same key as in line 1")) {
            try KeyRing(parsing: text)
        }
        #expect(throws: SigningError.self) { try KeyRing(signingWith: old).rotate(by: old) }
    }

    @Test(arguments: ["", "\n", "# only a comment"])
    func `a ring without a key is refused`(text: String) {
        #expect(throws: SigningError.keyRing(line: 1, reason: "no key in the file")) { try KeyRing(parsing: text) }
    }

    @Test func `a ring too long or too full is refused`() throws {
        #expect(throws: SigningError.tooLong(limit: 65536)) {
            try KeyRing(parsing: String(repeating: "#", count: 65537))
        }
        let keys = try (0..<65).map { _ in PASERK.text(of: try Ed25519.SecretKey.generate().publicKey) }
        #expect(throws: SigningError.keyRing(line: 65, reason: "more than 64 keys")) {
            try KeyRing(parsing: keys.joined(separator: "\n"))
        }
    }
}
