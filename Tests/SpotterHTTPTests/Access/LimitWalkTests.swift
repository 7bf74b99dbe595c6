import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Every answer says how many requests are left, and what a browser must not do with it. Every route is walked.
struct LimitWalkTests {
    /// What every answer must have.
    static func check(_ answer: Answer, _ what: String) {
        let policies = answer.headers.values(of: "ratelimit-policy")
        let states = answer.headers.values(of: "ratelimit")
        #expect(policies.count == 1 && states.count == 1, "\(what): \(policies) \(states)")
        let item = #/"[a-z-]+";q=\d+;w=\d+(;qu="[a-z-]+")?/#
        let state = #/"[a-z-]+";r=\d+;t=\d+/#
        let (left, right) = (policies.first ?? "", states.first ?? "")
        #expect(left.split(separator: ", ").allSatisfy { $0.wholeMatch(of: item) != nil }, "\(what): \(left)")
        #expect(right.split(separator: ", ").allSatisfy { $0.wholeMatch(of: state) != nil }, "\(what): \(right)")
        let names = left.split(separator: ", ").map { $0.split(separator: ";")[0] }
        #expect(names == right.split(separator: ", ").map { $0.split(separator: ";")[0] }, "\(what)")
        for name in [
            "x-content-type-options", "referrer-policy", "x-frame-options", "content-security-policy", "vary",
            "cache-control", "x-request-id",
        ] {
            #expect(answer.headers.values(of: name).count == 1, "\(what): \(name)")
        }
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["referrer-policy"] == "no-referrer")
        #expect(answer.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true, "\(what)")
        #expect(answer.headers["vary"]?.contains("Origin") == true)
        // The document of the API is everybody's.
        let isOpen = what.hasPrefix("getOpenAPI")
        #expect(answer.headers["access-control-allow-origin"] == (isOpen ? "*" : nil))
        #expect(answer.headers["access-control-allow-credentials"] == nil)
        if answer.contentType == "application/json", answer.headers["etag"] == nil {
            #expect(answer.headers["cache-control"] == "no-store", "\(what)")
        }
    }

    @Test(arguments: TestAPI.operations)
    func `every answer of an operation carries the limits and the secure headers`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            let things = try await Belongings(of: api.ours, in: api)
            let (path, body) = (try things.path(of: route), try things.body(of: route))
            for token in [nil, "garbage", try await api.ours.token(role: .hook, permissions: [])] {
                Self.check(try await api.send(route.method, path, body, token: token), "\(name) \(token ?? "none")")
            }
            guard name != "streamEvents" else { return }
            let answer = try await api.send(route.method, path, body, token: api.operatorToken)
            Self.check(answer, name)
            let policy = answer.headers["ratelimit-policy"] ?? ""
            switch route.limits {
            case .caller: #expect(policy.contains("\"organization\"") && policy.contains("\"token\""))
            case .tokens: #expect(policy.contains("\"tokens\""))
            case .health, .open: #expect(policy.contains("\"address\""))
            case .secret: #expect(policy.contains("\"failures\"") || policy.contains("\"hooks\""))
            }
        }
    }

    @Test func `what finds no operation carries them, too`() async throws {
        try await TestAPI.with { api in
            Self.check(try await api.ask(.get, "/nowhere"), "no such path")
            Self.check(try await api.ask(.delete, "/v1/agents"), "no such method")
            Self.check(try await api.ask(.options, "/v1/agents"), "OPTIONS")
            for status in [400, 408, 413, 431, 503] { Self.check(try await api.stray(status), "\(status)") }
        }
    }

    @Test func `only how the server is, is never refused, and only what is open is counted by address`() async throws {
        try await TestAPI.with { api in
            for route in api.table.routes {
                #expect((route.permission == nil) == [.health, .open, .secret].contains(route.limits), "\(route.name)")
                if route.limits == .health { #expect(route.tag == "Health" || route.path == "/metrics") }
                if route.path.hasPrefix("/v1/tokens") { #expect(route.limits == .tokens) }
            }
        }
    }

    @Test func `over TLS every answer asks for it from then on`() {
        let passage = Passage()
        let secure = ResponseFields(isSecure: true).response(.noContent, "req_1", passage)
        #expect(secure.headers["strict-transport-security"] == "max-age=31536000")
        let plain = ResponseFields(isSecure: false).response(.noContent, "req_1", passage)
        #expect(!plain.headers.contains("strict-transport-security"))
    }

    @Test func `a route's own policy for its pages stands in the place of the usual one`() {
        let reply = Reply.text("<p>", type: "text/html").with("content-security-policy", "script-src 'self'")
        let headers = ResponseFields(isSecure: false).response(reply, "req_1", Passage()).headers
        #expect(headers.values(of: "content-security-policy") == ["script-src 'self'"])
        let other = Reply.text("<p>", type: "text/html")
        let locked = ResponseFields(isSecure: false).response(other, "req_1", Passage()).headers
        #expect(locked["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
    }
}
