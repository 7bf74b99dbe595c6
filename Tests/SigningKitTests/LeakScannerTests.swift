import SigningKit
import Testing

/// Secrets in files, found wherever they stand and however the bytes come.
struct LeakScannerTests {
    private static func token(kind: PrintedToken.Kind = .live, size: Int = 200) throws -> PrintedToken {
        let ring = try KeyRing(signingWith: .generate())
        return try PrintedToken(
            ring.sign(Array(repeating: UInt8(ascii: "x"), count: size)), prefix: "spotter", kind: kind)
    }

    private static func scan(_ text: String, by size: Int = 1 << 16) -> [LeakScanner.Finding] {
        var scanner = LeakScanner(prefix: "spotter")
        var findings: [LeakScanner.Finding] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            findings += scanner.scan(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return findings + scanner.finish()
    }

    @Test(arguments: [
        "%", "token=%", "Authorization: Bearer %\r\n", "{\"token\":\"%\"}", "curl -H 'X: %' x", "a/%/b", "See %.", "%_",
        "export T=%;", "x%", "_%", "(%)", "%\0", "<!--%-->", "spotter_live_%", "spotter_live_spotter_adm_%",
    ])
    func `a token is found in whatever it stands`(_ context: String) throws {
        for kind in PrintedToken.Kind.allCases {
            let token = try Self.token(kind: kind)
            let text = "first line\n" + context.replacing("%", with: token.text) + "\nlast"
            for size in [1, 7, 100, 1 << 16] {
                let found = Self.scan(text, by: size)
                #expect(found.map(\.masked) == [token.masked], "\(context) by \(size)")
                #expect(found.first?.line == 2)
                #expect(found.first?.kind == .token)
            }
        }
    }

    @Test func `a place is told by line and column`() throws {
        let token = try Self.token()
        let found = Self.scan("\n\nkey = \(token.text) \(token.text)")
        #expect(found.map(\.line) == [3, 3])
        #expect(found.map(\.column) == [7, 8 + token.text.utf8.count])
    }

    @Test func `what only looks like a token is left alone`() throws {
        let token = try Self.token().text
        let changed = String(token.dropLast()) + (token.hasSuffix("0") ? "1" : "0")
        for text in [changed, String(token.dropFirst()), String(token.dropLast()), "spotter_live_v4cHVibGlj…", ""] {
            #expect(Self.scan(text) == [])
        }
        #expect(Self.scan(token.replacing("spotter", with: "another")) == [])
    }

    @Test func `signing keys and secrets of hooks are found by their form`() throws {
        let ring = try KeyRing(parsing: KeyRing(signingWith: .generate()).rotate(by: .generate()))
        let text = try ring.text()
        #expect(Self.scan(text).allSatisfy { $0.kind == .signingKey })
        #expect(!Self.scan(text).isEmpty)
        let hook = "whsec_" + String(repeating: "A", count: 43) + "="
        #expect(Self.scan("secret: \(hook)").map(\.kind) == [.hookSecret])
        #expect(Self.scan("whsec_… whsec_short k4.secret.short k4.public.\(String(repeating: "A", count: 90))") == [])
    }

    @Test func `a token behind and across long runs of letters is found, and no more than once`() throws {
        let token = try Self.token()
        for length in [4_000, 4_096, 8_000, 8_100, 8_192, 8_193, 12_288, 100_000] {
            let text = String(repeating: "A", count: length) + token.text + String(repeating: "B", count: length)
            // What follows the checksum at once belongs to no token, and yet a leak is a leak.
            #expect(Self.scan(text).map(\.masked) == [token.masked], "\(length)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `text made to be slow is not`() {
        let hostile = String(repeating: "spotter_live_", count: 20_000)
        #expect(Self.scan(hostile) == [])
        #expect(Self.scan(String(repeating: "_", count: 200_000)) == [])
    }
}
