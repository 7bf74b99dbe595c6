import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Hooks that send, as the API shows them.
struct OutboundHookTests {
    private static let wanted: JSONValue = [
        "name": "Out", "direction": "outbound", "url": "https://example.com/in",
        "events": ["custom.*", "hook.disabled"],
    ]

    private func made(_ api: TestAPI, _ more: JSONValue = [:]) async throws -> String {
        let answer = try await api.ask(.post, "/v1/hooks", Self.wanted.merging(patch: more))
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer["id"]?.string)
    }

    @Test func `a hook that sends is made, read, changed, and shows its secret once`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/hooks", Self.wanted)
            #expect(answer.status == 201, "\(answer.text)")
            let secret = try #require(answer["secret"]?.string)
            #expect(secret.hasPrefix("whsec_"))
            let path = "/v1/hooks/\(answer["id"]?.string ?? "")"
            let shown = try await api.ask(.get, path)
            #expect(shown["direction"] == "outbound" && shown["style"] == "standard" && shown["path"] == nil)
            #expect(shown["endpoint"]?["pending"] == 0)
            #expect(!shown.text.contains(secret))
            let changed = try await api.ask(.patch, path, ["events": ["*"], "ordered": true])
            #expect(changed.status == 200 && changed["events"] == ["*"] && changed["ordered"] == true)
            #expect(try await api.ask(.patch, path, ["style": "stripe"]).status == 400)
            let rotated = try await api.ask(.post, path + "/rotate", [:])
            #expect(rotated["secret"]?.string?.hasPrefix("whsec_") == true && rotated["secret"]?.string != secret)
            #expect(try await api.ask(.delete, path).status == 204)
        }
    }

    @Test func `what is missing, too much or wrong is refused with its place`() async throws {
        try await TestAPI.with { api in
            let id = try await made(api)
            let inbound: JSONValue = ["name": "In", "style": "standard", "url": "https://example.com"]
            let cases: [(body: JSONValue, places: [String])] = [
                (["name": "A", "direction": "outbound"], ["/url", "/events"]),
                (Self.wanted.merging(patch: ["name": "A", "events": []]), ["/events"]),
                (Self.wanted.merging(patch: ["name": "A", "events": ["custom.*", "exection.*"]]), ["/events/1"]),
                (Self.wanted.merging(patch: ["name": "A", "events": ["custom.a,custom.b"]]), ["/events/0"]),
                (Self.wanted.merging(patch: ["name": "A", "url": "http://example.com"]), ["/url"]),
                (Self.wanted.merging(patch: ["name": "A", "style": "stripe"]), ["/style"]),
                (Self.wanted.merging(patch: ["name": "A", "action": ["kind": "plan"]]), ["/action"]),
                (Self.wanted.merging(patch: ["name": "A", "secret": "whsec_short"]), ["/secret"]),
                (Self.wanted.merging(patch: ["name": "A", "direction": "sideways"]), ["/direction"]),
                (inbound, ["/action", "/url"]),
            ]
            for (body, places) in cases {
                let answer = try await api.ask(.post, "/v1/hooks", body)
                #expect(answer.status == 400, "\(body)")
                let named = answer["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? []
                #expect(Set(named) == Set(places), "\(answer.text)")
            }
            #expect(try await api.ask(.post, "/v1/hooks", Self.wanted).status == 409)
            let replays: [JSONValue] = [
                [:], ["from": "2026-01-01T00:00:00Z", "event_ids": ["1"]], ["event_ids": ["x"]], ["event_ids": ["01"]],
                ["event_ids": ["999999"]], ["event_ids": []], ["from": "yesterday"],
            ]
            for body in replays {
                #expect(try await api.ask(.post, "/v1/hooks/\(id)/replay", body).status == 400, "\(body)")
            }
        }
    }

    @Test func `a test, a range and single events are queued, each event once`() async throws {
        try await TestAPI.with { api in
            let old = try await api.ours.home.tell("custom.before")
            let id = try await made(api)
            let path = "/v1/hooks/\(id)"
            let test = try await api.ask(.post, path + "/test")
            #expect(test.status == 202 && test["event"] == "hook.test" && test["state"] == "pending", "\(test.text)")
            let place = "\(old[0].position)"
            let one = try await api.ask(.post, path + "/replay", ["event_ids": [.string(place)]])
            #expect(one.status == 202 && one["queued"] == 1, "\(one.text)")
            #expect(try await api.ask(.post, path + "/replay", ["event_ids": [.string(place)]])["queued"] == 0)
            try await api.ours.home.tell("custom.c", "custom.d")
            let range = try await api.ask(.post, path + "/replay", ["from": "2000-01-01T00:00:00Z"])
            #expect(range["queued"] == 2 && range["next"] == nil, "\(range.text)")
            let nothing: JSONValue = ["from": "2000-01-01T00:00:00Z", "to": "2000-01-02T00:00:00Z"]
            #expect(try await api.ask(.post, path + "/replay", nothing)["queued"] == 0)
            let log = try await api.ask(.get, path + "/deliveries").data
            #expect(log.count == 4)
            let first = try #require(log.first { $0["event_id"] == .string(place) })
            let shown = try await api.ask(.get, path + "/deliveries/\(first["id"]?.string ?? "")")
            #expect(shown["attempts"] == [] && shown["event"] == "custom.before" && shown["due_at"]?.string != nil)
            let again = try await api.ask(
                .post, path + "/deliveries/\(first["id"]?.string ?? "")/replay", headers: [("idempotency-key", "k")])
            #expect(again.status == 202 && again["id"] == first["id"], "\(again.text)")
            #expect(try await api.ask(.get, path)["endpoint"]?["pending"] == 4)
            #expect(try await api.ask(.patch, path, ["enabled": false]).status == 200)
            #expect(try await api.ask(.post, path + "/test").status == 409)
            let cancelled = try await api.ask(.get, path + "/deliveries").data
            #expect(cancelled.allSatisfy { $0["state"] == "cancelled" })
        }
    }

    @Test func `tests of a hook are counted, and each organisation has so many a minute`() async throws {
        try await TestAPI.with { api in
            let id = try await made(api)
            var statuses: [Int] = []
            for _ in 0..<(RateDefaults.hookTests + 2) {
                statuses.append(try await api.ask(.post, "/v1/hooks/\(id)/test").status)
            }
            // One may have come in again on the way.
            #expect(statuses.prefix(RateDefaults.hookTests).allSatisfy { $0 == 202 })
            let refused = try await api.ask(.post, "/v1/hooks/\(id)/replay", ["from": "2000-01-01T00:00:00Z"])
            #expect(statuses.contains(429) || refused.status == 429)
            #expect(try await api.ask(.get, "/v1/hooks/\(id)").status == 200)
        }
    }

    @Test func `a hook that takes messages is no way out, and one that sends none in`() async throws {
        try await TestAPI.with { api in
            let inbound = try await api.ours.home.hook(named: "In").id.description
            #expect(try await api.ask(.post, "/v1/hooks/\(inbound)/test").status == 409)
            let body: JSONValue = ["from": "2000-01-01T00:00:00Z"]
            #expect(try await api.ask(.post, "/v1/hooks/\(inbound)/replay", body).status == 409)
            let outbound = try await made(api)
            #expect(try await api.ask(.post, "/v1/hooks/\(outbound)", ["a": 1]).status == 401)
            #expect(try await api.ask(.patch, "/v1/hooks/\(inbound)", ["url": "https://example.com"]).status == 400)
            #expect(try await api.ask(.patch, "/v1/hooks/\(outbound)", ["action": ["kind": "plan"]]).status == 400)
        }
    }
}
