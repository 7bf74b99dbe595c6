import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Answers that are packed, and those that never are.
struct PackingTests {
    private static let gzip = [("accept-encoding", "br;q=0.5, gzip")]
    private static let words = String(repeating: "You help people at the desk. ", count: 60)

    private static func agent(_ api: TestAPI) async throws -> String {
        let made = try await api.ask(
            .post, "/v1/agents", ["name": "Desk", "system_prompt": .string(words), "model": "offline"], headers: gzip)
        // What answers a change may be shown this once.
        #expect(made.status == 201 && made.headers["content-encoding"] == nil)
        return try #require(made["id"]?.string)
    }

    @Test func `a long answer is packed for whoever takes it, and says that it may be`() async throws {
        try await TestAPI.with { api in
            _ = try await Self.agent(api)
            let plain = try await api.ask(.get, "/v1/agents")
            #expect(plain.headers["content-encoding"] == nil)
            #expect(plain.headers["vary"] == "Accept-Encoding, Origin")
            let packed = try await api.ask(.get, "/v1/agents", headers: Self.gzip)
            #expect(packed.headers["content-encoding"] == "gzip")
            #expect(packed.headers["vary"] == "Accept-Encoding, Origin")
            #expect(packed.headers["content-type"] == "application/json")
            #expect(packed.body.prefix(2) == [0x1F, 0x8B])
            #expect(packed.body.count < plain.body.count / 2)
            // RFC 1952, 2.3.1: the last four bytes are the length of what was packed.
            let length = packed.body.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(length == plain.body.count)
            for refusal in ["gzip;q=0", "gzip;q=0, *", "*;q=0.000"] {
                let unwanted = try await api.ask(.get, "/v1/agents", headers: [("accept-encoding", refusal)])
                #expect(unwanted.headers["content-encoding"] == nil, "\(refusal)")
            }
        }
    }

    @Test func `the packed answer has a tag of its own, which stands for the same version`() async throws {
        try await TestAPI.with { api in
            let path = "/v1/agents/" + (try await Self.agent(api))
            let packed = try await api.ask(.get, path, headers: Self.gzip)
            #expect(packed.headers["content-encoding"] == "gzip")
            #expect(packed.headers["etag"] == "\"1-gzip\"")
            let tag = try #require(packed.headers["etag"])
            let known = try await api.ask(.get, path, headers: Self.gzip + [("if-none-match", tag)])
            #expect(known.status == 304)
            #expect(known.headers["etag"] == tag && known.headers["vary"] == "Accept-Encoding, Origin")
            let changed = try await api.ask(.patch, path, ["description": "New."], headers: [("if-match", tag)])
            #expect(changed.status == 200, "\(changed.text)")
            let stale = try await api.ask(.patch, path, ["description": "Newer."], headers: [("if-match", tag)])
            #expect(stale.status == 412)
        }
    }

    @Test func `short answers, tokens, refusals and sessions are never packed`() async throws {
        try await TestAPI.with { api in
            for number in 0..<8 {
                let made = try await api.ask(
                    .post, "/v1/tokens", ["name": .string("Token \(number)"), "role": "staff"], headers: Self.gzip)
                #expect(made.headers["content-encoding"] == nil)
            }
            for path in ["/v1/tokens", "/v1/dashboard/session", "/v1/health/live", "/v1/nothing"] {
                let answer = try await api.ask(.get, path, headers: Self.gzip)
                #expect(answer.headers["content-encoding"] == nil, "\(path)")
            }
        }
    }

    @Test(arguments: ["\"-gzip\"", "\"01-gzip\"", "\"1-gzip", "\"1-gzip-gzip\"", "-gzip\"", "\"", ""])
    func `a tag that the server never wrote stands for nothing`(_ text: String) {
        #expect(ETag.version(text) == nil)
    }
}
