import Testing

@testable import SigningKit

struct Ed25519Tests {
    /// RFC 8032 §7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func `the vectors of RFC 8032 hold`(seed: String, public: String, message: String, signature: String) throws {
        let key = try Ed25519.SecretKey(bytes: try Hex.decode(seed))
        let message = try Hex.decode(message)
        #expect(Hex.encode(key.publicKey.bytes) == `public`)
        #expect(Hex.encode(try key.sign(message)) == signature)
        #expect(try key.publicKey.isValid(try Hex.decode(signature), for: message))
        #expect(try !key.publicKey.isValid(try Hex.decode(signature), for: message + [0]))
    }

    @Test(arguments: [0, 1, 31, 33, 63, 65])
    func `a secret key of another length is refused`(count: Int) {
        #expect(throws: SigningError.keyLength(expected: "32 or 64", actual: count)) {
            try Ed25519.SecretKey(bytes: [UInt8](repeating: 1, count: count))
        }
    }

    @Test func `halves that do not belong together are refused`() throws {
        let bytes = try Ed25519.SecretKey.generate().exportBytes()
        let other = try Ed25519.SecretKey.generate().exportBytes()
        #expect(throws: SigningError.mismatchedKeyHalves) {
            try Ed25519.SecretKey(bytes: Array(bytes.prefix(32) + other.suffix(32)))
        }
    }

    @Test(arguments: [0, 63, 65, 1000])
    func `a signature of another length is not valid`(count: Int) throws {
        let key = try Ed25519.SecretKey.generate()
        #expect(try !key.publicKey.isValid([UInt8](repeating: 0, count: count), for: [1]))
    }

    @Test func `bytes that are no point of the curve verify nothing`() throws {
        let key = try Ed25519.PublicKey(bytes: [UInt8](repeating: 0xFF, count: 32))
        #expect(try !key.isValid([UInt8](repeating: 0, count: 64), for: [1]))
    }

    @Test func `many tasks verify with one key at once`() async throws {
        let key = try Ed25519.SecretKey.generate()
        let good = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in UInt8(0)..<64 {
                group.addTask { try key.publicKey.isValid(try key.sign([number]), for: [number]) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(good == 64)
    }

    @Test func `a secret key shows nothing of itself`() throws {
        let key = try Ed25519.SecretKey.generate()
        let secret = try PASERK.text(of: key)
        var shown = "\(key) \(String(reflecting: key))"
        dump(key, to: &shown)
        #expect(shown.contains(key.publicKey.id))
        #expect(!shown.contains(secret.dropFirst("k4.secret.".count).prefix(20)))
    }

    @Test(arguments: [
        "k4.local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "k3.public.AAAA", "k2.secret.AAAA", "k4.public.",
        "k4.public.AAAA", "k4.secret.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "k4.secret.%%%", "k4", "",
        "k4.public.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "k4.public.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
    ])
    func `a text that is no v4 key is refused`(text: String) {
        #expect(throws: SigningError.self) { try PASERK.parse(text) }
    }
}
