import Testing

@testable import SigningKit

struct EncodingTests {
    /// RFC 4648 §10, without padding, and the two characters of the URL alphabet.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("?~~", "P35-"), ("??\u{7f}", "Pz9_"),
    ])
    func `base64url has the vectors of RFC 4648`(plain: String, text: String) throws {
        #expect(Base64URL.encode(Array(plain.utf8)) == text)
        #expect(try Base64URL.decode(text) == Array(plain.utf8))
    }

    @Test(arguments: ["A", "AAAAA", "Zg==", "Zg=", "Zh", "Zm9", "Z g", "Zm8\n", "+/+/", "Zm8.", "Zm\0v", "Ž"])
    func `base64url refuses what is not its one form`(text: String) {
        #expect(throws: SigningError.self) { try Base64URL.decode(text) }
    }

    @Test func `base64url gives back every byte string of up to three bytes' shape`() throws {
        for first in UInt8.min...UInt8.max {
            for bytes in [[first], [first, 0xFF], [first, 0x00, 0xA5], [0, 0, first]] {
                #expect(try Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            }
        }
    }

    @Test(arguments: ["0", "0g", "zz", "é0", "0x00"])
    func `hexadecimal refuses what is no digit`(text: String) {
        #expect(throws: SigningError.self) { try Hex.decode(text) }
    }

    @Test(arguments: [("123456789", 0xCBF4_3926), ("", 0), ("a", 0xE8B7_BE43)] as [(String, UInt32)])
    func `the CRC-32 is that of zlib`(text: String, sum: UInt32) {
        #expect(CRC32.checksum(text.utf8) == sum)
    }

    @Test(arguments: [(0, "000000"), (61, "00000z"), (62, "000010"), (0xFFFF_FFFF, "4gfFC3")] as [(UInt64, String)])
    func `base62 is padded to its width and read back`(number: UInt64, text: String) throws {
        #expect(Base62.encode(number, width: 6) == text)
        #expect(try Base62.decode(text) == number)
    }

    @Test(arguments: ["", "-", "é", "zzzzzzzzzzzz", "LygHa16AHYG"])
    func `base62 refuses what is no number of 64 bits`(text: String) {
        #expect(throws: SigningError.self) { try Base62.decode(text) }
    }
}
