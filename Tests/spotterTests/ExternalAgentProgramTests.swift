import Foundation
import SigningKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

/// An agent of somebody else, over HTTP, beside those of the house, on the real program.
@Suite(.timeLimit(.minutes(3))) struct ExternalAgentProgramTests {
    @Test func `a foreign agent is found by what it offers, is asked with a signature, and answers now or later`()
        async throws
    {
        let sent = Mutex<[RawRequest]>([])
        let foreign = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                sent.withLock { $0.append(request) }
                let parameters = try JSONParser.parse(request.body)["data"]?["parameters"]
                if parameters?["later"]?.bool == true {
                    try connection.respond(status: 202)
                } else {
                    try connection.respond(headers: ["Content-Type": "application/json"], body: #"{"text":"HELLO"}"#)
                }
            }
        }
        let home = try TestHome("http: {allow_hosts: [127.0.0.1], allow_http: true}\n")
        defer { home.remove() }
        let server = try await RunningSpotter.start(environment: [
            "SPOTTER_HOME": home.path, "SPOTTER_HTTP_ALLOW_PRIVATE": "127.0.0.1:\(foreign.port)",
        ])
        defer { server.remove() }
        let made = try await server.send(
            "POST", "/v1/agents",
            [
                "name": "Shouter", "system_prompt": "It runs elsewhere.", "model": "offline",
                "capabilities": ["shouting"], "external": ["endpoint": .string("\(foreign.url)/calls")],
            ])
        #expect(made.status == 201, "\(made.body)")
        let agent = try #require(made.body["id"]?.string)
        let secret = try #require(
            try await server.send("PUT", "/v1/agents/\(agent)/secret").body["secret"]?.string)
        _ = try await server.send("PUT", "/v1/agents/\(agent)/status", ["status": "available"])

        let now = try await orchestrate(["text": "hello"], on: server)
        #expect(now["success"] == true && now["data"] == ["text": "HELLO"], "\(now)")
        #expect(now["agent_id"]?.string == agent)
        let first = try #require(sent.withLock { $0.first })
        try expectSignature(of: first, by: secret)

        async let later = orchestrate(["later": true], on: server)
        let promised = try await second { sent.withLock { $0.dropFirst().first } }
        try expectSignature(of: promised, by: secret)
        let call = try #require(try JSONParser.parse(promised.body)["data"])
        let path = try #require(call["answer_path"]?.string)
        let answer: JSONValue = ["token": call["answer_token"] ?? .null, "data": ["text": "at last"]]
        let forged = try await server.send("POST", path, answer.merging(patch: ["token": "x"]))
        #expect(forged.status == 404, "\(forged.body)")
        #expect(try await server.send("POST", path, answer).status == 200)
        let said = try await later
        #expect(said["data"] == ["text": "at last"], "\(said)")
        let contracts = try await server.send("GET", "/v1/contracts?session_id=s1").body["data"]?.array ?? []
        #expect(contracts.count == 4)

        _ = try await server.send("PUT", "/v1/agents/\(agent)/status", ["status": "offline"])
        let away = try await orchestrate(["text": "x"], on: server)
        #expect(away["success"] != true)
        #expect(away.description.contains("offline"))
        #expect(await server.stop() == 0)
        #expect(!server.log.contains(secret))
    }

    private func orchestrate(_ parameters: JSONValue, on server: RunningSpotter) async throws -> JSONValue {
        try await server.send(
            "POST", "/v1/orchestrate",
            ["session_id": "s1", "capability": "shouting", "parameters": parameters, "timeout_ms": 60_000]
        ).body
    }

    private func expectSignature(of request: RawRequest, by secret: String) throws {
        let key = try #require(Data(base64Encoded: String(secret.dropFirst("whsec_".count))))
        let (id, time) = (request.headers["webhook-id"] ?? "", request.headers["webhook-timestamp"] ?? "")
        let code = try HMACSHA256.authenticate(Array("\(id).\(time).".utf8) + request.body, key: Array(key))
        #expect(request.headers["webhook-signature"] == "v1,\(Data(code).base64EncodedString())")
    }

    private func second(_ look: () -> RawRequest?) async throws -> RawRequest {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let request = look() { return request }
            await Task.yield()
        }
        throw SpotterError(.internal, "The second call was not sent.")
    }
}
