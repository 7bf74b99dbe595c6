import Foundation
import HTTPServerKit
import SigningKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// A hook with what its sender knows.
struct HookSender {
    let id: String
    var secret: String
    let api: TestAPI

    /// Makes a hook of Standard Webhooks' style.
    init(_ api: TestAPI, action: JSONValue? = nil, name: String = "Leads") async throws {
        let agent = try await api.ours.home.agent(named: "\(name) desk")
        let told: JSONValue = [
            "kind": "agent_message", "agent_id": .string(agent.id.description),
            "content": "New lead: {{ payload.name }}",
        ]
        let made = try await api.ask(
            .post, "/v1/hooks", ["name": .string(name), "style": "standard", "action": action ?? told])
        guard made.status == 201, let id = made["id"]?.string, let secret = made["secret"]?.string else {
            throw SpotterError(.internal, "no hook: \(made.text)")
        }
        (self.id, self.secret, self.api) = (id, secret, api)
    }

    static func signature(_ id: String, _ time: Int, _ body: [UInt8], secret: String) throws -> String {
        let key = try #require(Data(base64Encoded: String(secret.dropFirst(6))))
        let code = try HMACSHA256.authenticate(Array("\(id).\(time).".utf8) + body, key: Array(key))
        return "v1,\(Data(code).base64EncodedString())"
    }

    func send(
        _ body: String, id: String = "msg_1", age: Int = 0, signature: String? = nil, dropping: String? = nil,
        type: String = "application/json", path: String? = nil
    ) async throws -> Answer {
        let time = Int(Date().timeIntervalSince1970) - age
        let code = try signature ?? Self.signature(id, time, Array(body.utf8), secret: secret)
        var headers = HTTPHeaders()
        for (name, value) in [
            ("content-type", type), ("webhook-id", id), ("webhook-timestamp", "\(time)"),
            ("webhook-signature", code),
        ] where name != dropping { headers.append(name, value) }
        return try await api.send(
            HTTPRequest(
                method: .post, target: path ?? "/v1/hooks/\(self.id)", headers: headers, body: Array(body.utf8)))
    }

    /// The newest delivery.
    func log() async throws -> JSONValue {
        try await api.ask(.get, "/v1/hooks/\(id)/deliveries").data.first ?? .null
    }

    func runs() async throws -> [Execution] {
        try await api.stores.executions.list(
            ExecutionFilter(), PageRequest(limit: 200), in: api.ours.scope
        ).items
    }
}
