import Testing

@testable import SigningKit

struct SealingTests {
    let key: SealingKey
    let secret = Array("sk-provider-key".utf8)
    let place = Array("secrets/org_1/openai".utf8)

    init() throws {
        key = try SealingKey(id: "k1", bytes: try SecureRandom.bytes(32))
    }

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13, 14 and 16.
    @Test(arguments: [
        (
            String(repeating: "00", count: 32), "000000000000000000000000", "", "", "",
            "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        (
            String(repeating: "00", count: 32), "000000000000000000000000", "00000000000000000000000000000000", "",
            "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                + "b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                + "c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ])
    func `AES-256-GCM has the vectors of its authors`(
        key: String, nonce: String, plain: String, associated: String, cipher: String, tag: String
    ) throws {
        let keyBytes = try Hex.decode(key)
        let nonceBytes = try Hex.decode(nonce)
        let associatedBytes = try Hex.decode(associated)
        let sealed = try AESGCM.encrypt(
            try Hex.decode(plain), key: keyBytes, nonce: nonceBytes, associatedData: associatedBytes)
        #expect(Hex.encode(sealed.ciphertext) == cipher)
        #expect(Hex.encode(sealed.tag) == tag)
        let box = SealedBox(keyID: "k", nonce: nonceBytes, ciphertext: sealed.ciphertext, tag: sealed.tag)
        #expect(Hex.encode(try AESGCM.decrypt(box, key: keyBytes, associatedData: associatedBytes)) == plain)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 4096])
    func `what was sealed opens`(count: Int) throws {
        let plain = try SecureRandom.bytes(count)
        let stored = try key.seal(plain, associatedData: place).serialized
        #expect(try key.open(try SealedBox(serialized: stored), associatedData: place) == plain)
    }

    @Test func `sealing twice gives two boxes and neither shows the secret`() throws {
        let first = try key.seal(secret).serialized
        #expect(first != (try key.seal(secret).serialized))
        #expect(!String(decoding: first, as: UTF8.self).contains("provider"))
    }

    @Test func `every changed bit is found`() throws {
        let stored = try key.seal(secret, associatedData: place).serialized
        for index in stored.indices {
            var changed = stored
            changed[index] ^= 1
            #expect(throws: SigningError.self) {
                try key.open(try SealedBox(serialized: changed), associatedData: place)
            }
        }
    }

    @Test func `every truncation is found`() throws {
        let stored = try key.seal(secret).serialized
        for length in stored.indices {
            #expect(throws: SigningError.self) {
                try key.open(try SealedBox(serialized: Array(stored.prefix(length))))
            }
        }
    }

    @Test func `another place or another key does not open`() throws {
        let box = try key.seal(secret, associatedData: place)
        #expect(throws: SigningError.openingFailed) { try key.open(box, associatedData: Array("elsewhere".utf8)) }
        let impostor = try SealingKey(id: "k1", bytes: try SecureRandom.bytes(32))
        #expect(throws: SigningError.openingFailed) { try impostor.open(box, associatedData: place) }
        let other = try SealingKey(id: "k2", bytes: try SecureRandom.bytes(32))
        #expect(throws: SigningError.unknownKey(id: "k1")) { try other.open(box, associatedData: place) }
    }

    @Test func `a bad key, id or size is refused`() {
        #expect(throws: SigningError.keyLength(expected: "32", actual: 16)) {
            try SealingKey(id: "k", bytes: [UInt8](repeating: 0, count: 16))
        }
        for id in ["", String(repeating: "k", count: 65)] {
            #expect(throws: SigningError.self) { try SealingKey(id: id, bytes: [UInt8](repeating: 0, count: 32)) }
        }
        #expect(throws: SigningError.tooLong(limit: 16 << 20)) {
            try key.seal([UInt8](repeating: 0, count: (16 << 20) + 1))
        }
    }
}
