import Testing

@testable import SigningKit

struct DigestTests {
    /// FIPS 180-4, examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `SHA-256 has the vectors of its standard`(text: String, hex: String) throws {
        #expect(try SHA256.hex(Array(text.utf8)) == hex)
    }

    /// RFC 4231, tests 1, 2 and 6.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `HMAC-SHA-256 has the vectors of RFC 4231`(key: [UInt8], message: String, hex: String) throws {
        let code = try HMACSHA256.authenticate(Array(message.utf8), key: key)
        #expect(Hex.encode(code) == hex)
        #expect(try HMACSHA256.isValid(code, for: Array(message.utf8), key: key))
        #expect(try !HMACSHA256.isValid(code, for: Array(message.utf8) + [0], key: key))
        #expect(try !HMACSHA256.isValid(Array(code.dropLast()), for: Array(message.utf8), key: key))
    }

    @Test func `HMAC takes an empty key and an empty message`() throws {
        #expect(
            Hex.encode(try HMACSHA256.authenticate([], key: []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `constant-time comparison is comparison`() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2], [1, 2]))
        #expect(!constantTimeEqual([1, 2], [1, 3]))
        #expect(!constantTimeEqual([1, 2], [1]))
    }

    @Test func `random bytes differ and their number is bounded`() throws {
        #expect(try SecureRandom.bytes(32) != SecureRandom.bytes(32))
        #expect(try SecureRandom.bytes(0).isEmpty)
        for count in [-1, (1 << 20) + 1] {
            #expect(throws: SigningError.tooLong(limit: 1 << 20)) { try SecureRandom.bytes(count) }
        }
    }
}
