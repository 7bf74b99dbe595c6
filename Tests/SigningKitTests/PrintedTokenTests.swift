import Testing

@testable import SigningKit

struct PrintedTokenTests {
    let token: String
    let printed: PrintedToken

    init() throws {
        token = try KeyRing(signingWith: try Ed25519.SecretKey.generate()).sign(Array("{}".utf8))
        printed = try PrintedToken(token, prefix: "spotter", kind: .live)
    }

    @Test(arguments: PrintedToken.Kind.allCases)
    func `a token is printed and read back`(kind: PrintedToken.Kind) throws {
        let text = try PrintedToken(token, prefix: "spotter", kind: kind).text
        #expect(text.hasPrefix("spotter_\(kind.rawValue)_"))
        let read = try PrintedToken.parse(text, prefix: "spotter")
        #expect(read.kind == kind)
        #expect(read.token == token)
    }

    @Test func `underscores and dashes of base64url do not confuse the reader`() throws {
        let bytes = String(repeating: "_-", count: 50)
        for body in [
            bytes, "_live_" + bytes.dropFirst(6), bytes.dropLast(8) + "_123456w", bytes + "._123", bytes + ".-A",
        ] {
            let printed = try PrintedToken(PASETO.header + body, prefix: "spotter", kind: .test)
            #expect(try PrintedToken.parse(printed.text, prefix: "spotter").token == PASETO.header + body)
        }
    }

    @Test func `every changed character is found without a key`() {
        let characters = Array(printed.text)
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "x" ? "y" : "x"
            #expect(throws: SigningError.self) { try PrintedToken.parse(String(changed), prefix: "spotter") }
        }
    }

    @Test func `every truncation is found without a key`() {
        for length in 0..<printed.text.count {
            #expect(throws: SigningError.self) {
                try PrintedToken.parse(String(printed.text.prefix(length)), prefix: "spotter")
            }
        }
    }

    @Test func `a wrong checksum is called so`() {
        let wrong = printed.text.dropLast(6) + "000000"
        #expect(throws: SigningError.checksumMismatch) { try PrintedToken.parse(String(wrong), prefix: "spotter") }
    }

    @Test(arguments: ["spotter_", "spotter_live_", "spotter_prod_", "Spotter_live_", "gym_live_", "v4.public.", ""])
    func `another prefix or kind is refused`(front: String) {
        #expect(throws: SigningError.self) {
            try PrintedToken.parse(front + printed.text.dropFirst(20), prefix: "spotter")
        }
        #expect(throws: SigningError.wrongPrefix) { try PrintedToken.parse(printed.text, prefix: "gym") }
    }

    @Test func `a hundred kilobytes are not looked at`() {
        #expect(throws: SigningError.tooLong(limit: 16 * 1024 + 7 + 16)) {
            try PrintedToken.parse("spotter_live_" + String(repeating: "A", count: 100_000), prefix: "spotter")
        }
    }

    @Test(arguments: ["", "A", "AAAA.AAAA", "{}"])
    func `a good checksum does not make a token of anything`(body: String) {
        let front = "spotter_live_" + body
        let text = front + "_" + Base62.encode(UInt64(CRC32.checksum(front.utf8)), width: 6)
        #expect(throws: SigningError.self) { try PrintedToken.parse(text, prefix: "spotter") }
        #expect(throws: SigningError.self) { try PrintedToken(PASETO.header + body, prefix: "spotter", kind: .live) }
    }

    @Test(arguments: ["", "s", "Spotter", "spot_ter", "1spot", "spotter-", "späti"])
    func `an impossible prefix is refused`(prefix: String) {
        #expect(throws: SigningError.self) { try PrintedToken(token, prefix: prefix, kind: .live) }
    }

    @Test func `the published pattern finds a token in a text and nothing else`() throws {
        for pattern in [PrintedToken.pattern, PrintedToken.pattern(prefix: "spotter")] {
            let regex = try Regex(pattern)
            let match = try #require("Authorization: Bearer \(printed.text)\n".firstMatch(of: regex))
            #expect(match.0 as Substring? == printed.text[...])
            #expect("spotter_live_short_123456".firstMatch(of: regex) == nil)
        }
    }

    @Test func `it shows the masked form only`() {
        var shown = "\(printed) \(String(reflecting: printed))"
        dump(printed, to: &shown)
        #expect(shown.contains("spotter_live_…\(printed.text.suffix(4))"))
        #expect(!shown.contains(printed.token.dropFirst(10).prefix(20)))
    }
}
