import Testing

@testable import SigningKit

/// Everything that may be wrong with a token, each with the error it must give.
struct PASETOFaultTests {
    let key: Ed25519.SecretKey
    let token: String

    init() throws {
        key = try Ed25519.SecretKey.generate()
        token = try PASETO.sign(
            Array("{}".utf8), with: key, footer: Array("f".utf8), implicitAssertion: Array("a".utf8))
    }

    private func verify(_ text: String) throws(SigningError) -> [UInt8] {
        try PASETO.verify(text, with: key.publicKey, implicitAssertion: Array("a".utf8)).payload
    }

    @Test func `an untouched token is good`() throws {
        #expect(try verify(token) == Array("{}".utf8))
    }

    @Test func `another key does not verify`() throws {
        let other = try Ed25519.SecretKey.generate()
        #expect(throws: SigningError.badSignature) {
            try PASETO.verify(token, with: other.publicKey, implicitAssertion: Array("a".utf8))
        }
    }

    @Test func `another implicit assertion does not verify`() {
        #expect(throws: SigningError.badSignature) {
            try PASETO.verify(token, with: key.publicKey, implicitAssertion: Array("b".utf8))
        }
    }

    @Test func `another footer does not verify`() {
        let swapped = String(token.prefix { $0 != "." }) + token.dropFirst(2).dropLast(2) + Base64URL.encode([0x67])
        #expect(throws: SigningError.badSignature) { try verify(swapped) }
    }

    @Test(arguments: ["v3.public.", "v2.public.", "v4.local.", "V4.public.", "v4.public", "", "Bearer v4.public."])
    func `another header is refused`(header: String) {
        let body = token.dropFirst(PASETO.header.count)
        #expect(throws: SigningError.wrongHeader) { try verify(header + body) }
    }

    @Test(arguments: [
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZG1pbiJ9.c2ln",
    ])
    func `a JWT is refused, signed or with alg none`(text: String) {
        #expect(throws: SigningError.wrongHeader) { try verify(text) }
    }

    @Test func `every truncation is refused`() {
        for length in 0..<token.count {
            #expect(throws: SigningError.self) { try verify(String(token.prefix(length))) }
        }
    }

    @Test func `every changed character is refused`() {
        let characters = Array(token)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(throws: SigningError.self) { try verify(String(changed)) }
        }
    }

    @Test(arguments: ["=", "==", ".", "..", ".x.y", " ", "\n", "%20", "é", "\0"])
    func `a tail is refused`(tail: String) {
        #expect(throws: SigningError.self) { try verify(token + tail) }
    }

    @Test func `an empty footer is refused`() throws {
        let plain = try PASETO.sign([], with: key)
        #expect(throws: SigningError.malformed("an empty footer")) {
            try PASETO.verify(plain + ".", with: key.publicKey)
        }
    }

    @Test func `stray bits in the last character are refused`() throws {
        // 65 bytes end in a character of which only two bits count.
        let plain = try PASETO.sign([1], with: key)
        let last = try #require(plain.last)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let index = try #require(alphabet.firstIndex(of: last))
        #expect(throws: SigningError.malformed("base64url: stray bits at the end")) {
            try PASETO.verify(plain.dropLast() + String(alphabet[index + 1]), with: key.publicKey)
        }
    }

    @Test(arguments: [16 * 1024 + 1, 100_000])
    func `a token over 16 KiB is not looked at`(length: Int) {
        let long = PASETO.header + String(repeating: "A", count: length - PASETO.header.count)
        #expect(throws: SigningError.tooLong(limit: 16 * 1024)) { try verify(long) }
    }

    @Test func `a payload too large to be read back is not signed`() {
        #expect(throws: SigningError.tooLong(limit: 16 * 1024)) {
            try PASETO.sign([UInt8](repeating: 0, count: 12_300), with: key)
        }
    }

    @Test(arguments: [
        (TokenValidity(issuedAt: 0, expiresAt: 940, audience: "a"), SigningError.expired),
        (TokenValidity(issuedAt: 0, expiresAt: .min, audience: "a"), .expired),
        (TokenValidity(issuedAt: 1061, expiresAt: 2000, audience: "a"), .notYetValid),
        (TokenValidity(issuedAt: 0, notBefore: 1061, expiresAt: 2000, audience: "a"), .notYetValid),
        (TokenValidity(issuedAt: .max, expiresAt: .max, audience: "a"), .notYetValid),
        (TokenValidity(issuedAt: 0, expiresAt: 2000, audience: "b"), .wrongAudience),
        (TokenValidity(issuedAt: 0, expiresAt: 2000, audience: ""), .wrongAudience),
    ])
    func `a token that is over, early or for another is refused`(validity: TokenValidity, error: SigningError) {
        #expect(throws: error) { try validity.check(at: 1000, audience: "a") }
    }

    @Test(arguments: [
        TokenValidity(issuedAt: 0, expiresAt: 2000, audience: "a"),
        TokenValidity(issuedAt: 1060, expiresAt: 2000, audience: "a"),
        TokenValidity(issuedAt: 0, expiresAt: 941, audience: "a"),
        TokenValidity(issuedAt: 0, expiresAt: .max, audience: "a"),
    ])
    func `a minute between two clocks is forgiven`(validity: TokenValidity) throws {
        try validity.check(at: 1000, audience: "a")
    }
}
