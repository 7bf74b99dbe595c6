import EventLoopKit
import Foundation
import HTTPClientKit
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import SpotterTools
import SpotterWorkflows
import Synchronization
import Testing

private let loop = EventLoop(name: "external-agent-tests")

/// Calls of agents that are reached over HTTP: on the real engine, with a real server at the other end.
@Suite(.timeLimit(.minutes(5))) struct CallExternalAgentTests {
    @Test func `an answer at once is the call's, and the request is signed as Standard Webhooks has it`() async throws {
        let seen = Mutex<[RawRequest]>([])
        let outside = try await Outside { connection in
            let request = try connection.readRequest()
            seen.withLock { $0.append(request) }
            try connection.respond(headers: ["Content-Type": "application/json"], body: #"{"text":"HELLO"}"#)
        }
        let id = try await outside.call(["text": "hello"])
        try await outside.finish()
        let execution = try await outside.execution(id)
        #expect(execution.state == .completed, "\(execution.error as Any)")
        #expect(execution.output?["data"] == ["text": "HELLO"])
        let request = try #require(seen.withLock { $0 }.first)
        let body = try JSONParser.parse(request.body)
        #expect(body["type"] == "agent.call")
        #expect(body["data"]?["execution_id"]?.string == id.description)
        #expect(body["data"]?["parameters"] == ["text": "hello"])
        let (name, time) = (request.headers["webhook-id"] ?? "", request.headers["webhook-timestamp"] ?? "")
        let code = try HMACSHA256.authenticate(Array("\(name).\(time).".utf8) + request.body, key: Keys.key)
        #expect(request.headers["webhook-signature"] == "v1,\(Data(code).base64EncodedString())")
        let journal = try await outside.world.stores.executions.journal(of: id, in: outside.world.gym.scope)
        #expect(!journal.steps.contains { $0.state == .waiting })
    }

    @Test func `an agent that cannot answer now is asked again under the same id`() async throws {
        let seen = Mutex<[String?]>([])
        let outside = try await Outside { connection in
            let request = try connection.readRequest()
            let number = seen.withLock { seen in
                seen.append(request.headers["webhook-id"])
                return seen.count
            }
            try connection.respond(status: number < 3 ? 503 : 200, body: number < 3 ? "" : "1")
        }
        let id = try await outside.call(["text": "x"])
        try await outside.finish()
        #expect(try await outside.execution(id).output?["data"] == 1)
        let ids = seen.withLock { $0 }
        #expect(ids.count == 3 && Set(ids).count == 1)
    }

    @Test func `an agent that stays away fails the call, which may be tried again`() async throws {
        let outside = try await Outside { connection in try connection.respond(status: 500) }
        let id = try await outside.call(["text": "x"])
        try await outside.finish()
        let error = try #require(try await outside.execution(id).error)
        #expect(error.code == "agent_unreachable")
        #expect(error.isTransient == true)
        let figures = try await outside.world.stores.routing.candidate(outside.agent.id, in: outside.world.gym.scope)
            .figures
        #expect(figures.failures == 1)
    }

    @Test func `an agent that refuses says why`() async throws {
        let outside = try await Outside { connection in
            try connection.respond(status: 422, body: #"{"code":"too_long","message":"Shorter, please."}"#)
        }
        let id = try await outside.call(["text": "x"])
        try await outside.finish()
        let error = try #require(try await outside.execution(id).error)
        #expect(error.code == "too_long")
        #expect(error.message == "Shorter, please.")
    }

    @Test func `an agent that promises an answer gives it later, with the call's token and once`() async throws {
        let body = Mutex<JSONValue>(.null)
        let outside = try await Outside { connection in
            let request = try connection.readRequest()
            let sent = try JSONParser.parse(request.body)
            body.withLock { $0 = sent }
            try connection.respond(status: 202)
        }
        let id = try await outside.call(["text": "x"])
        try await outside.finish()
        #expect(try await outside.execution(id).state == .waiting)
        let token = try #require(body.withLock { $0 }["data"]?["answer_token"]?.string)
        let (service, scope) = (outside.service, outside.world.gym.scope)
        let forged = await #expect(throws: SpotterError.self) {
            try await service.answer(id, token: String(token.reversed()), with: ["data": 1], in: scope)
        }
        #expect(forged?.code == .notFound)
        _ = try await service.answer(id, token: token, with: ["data": ["text": "late"]], in: scope)
        try await outside.finish()
        #expect(try await outside.execution(id).output?["data"] == ["text": "late"])
        let twice = await #expect(throws: SpotterError.self) {
            try await service.answer(id, token: token, with: ["data": 1], in: scope)
        }
        #expect(twice?.code == .conflict)
    }

    @Test func `an answer that comes before the promise is not lost`() async throws {
        let early = Mutex<(@Sendable (String) -> Void)?>(nil)
        let outside = try await Outside { connection in
            let request = try connection.readRequest()
            let token = try JSONParser.parse(request.body)["data"]?["answer_token"]?.string ?? ""
            early.withLock(\.self)?(token)
            try connection.respond(status: 202)
        }
        let id = try await outside.call(["text": "x"])
        let (service, scope) = (outside.service, outside.world.gym.scope)
        early.withLock {
            $0 = { token in
                let done = DispatchSemaphore(value: 0)
                Task {
                    _ = try? await service.answer(id, token: token, with: ["data": "early"], in: scope)
                    done.signal()
                }
                done.wait()
            }
        }
        try await outside.finish()
        #expect(try await outside.execution(id).output?["data"] == "early")
    }

    @Test func `a host that the organisation does not allow is not asked`() async throws {
        let outside = try await Outside(policy: HTTPPolicy()) { connection in try connection.respond() }
        let id = try await outside.call(["text": "x"])
        try await outside.finish()
        #expect(try await outside.execution(id).error?.message.contains("allow_hosts") ?? false)
        #expect(outside.server.connectionCount == 0)
    }

    @Test func `an agent that was not heard in time is not called`() async throws {
        let outside = try await Outside(heartbeat: 60) { connection in try connection.respond(body: "1") }
        let (routing, scope, clock) = (outside.world.stores.routing, outside.world.gym.scope, outside.world.clock)
        _ = try await routing.heartbeat(of: outside.agent.id, at: clock.now(), in: scope)
        let good = try await outside.call(["text": "x"])
        try await outside.finish()
        #expect(try await outside.execution(good).state == .completed)
        clock.advance(by: 181)
        #expect(try await routing.expirePresence(limit: 10, at: clock.now(), in: scope) == 1)
        #expect(try await routing.expirePresence(limit: 10, at: clock.now(), in: scope) == 0)
        let bad = try await outside.call(["text": "x"])
        try await outside.finish()
        #expect(try await outside.execution(bad).error?.code == "no_agent_available")
    }
}

/// The secrets of all agents: one key.
private struct Keys: AgentSecrets {
    static let key = Array("a key that nobody keeps, of 32 b".utf8)

    func renew(for agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> String { "" }

    func signature(
        of body: [UInt8], id: String, timestamp: Int, for agent: AgentID, in scope: OrganizationScope
    ) throws -> String? {
        let code = try HMACSHA256.authenticate(Array("\(id).\(timestamp).".utf8) + body, key: Self.key)
        return "v1,\(Data(code).base64EncodedString())"
    }

    func answerToken(for call: ExecutionID, of agent: AgentID, in scope: OrganizationScope) throws -> String? {
        Base64URL.encode(try HMACSHA256.authenticate(Array("\(call)".utf8), key: Self.key))
    }
}

/// A gym with one agent, which is reached at a server of this test.
private struct Outside: Sendable {
    let world: TestEngine.World
    let server: RawServer
    let agent: Agent
    let service: CallService
    private let tool: CallExternalAgent
    private let source: CallSource

    private struct Policies: HTTPPolicies {
        let policy: HTTPPolicy
        func policy(in scope: OrganizationScope) -> HTTPPolicy { policy }
    }

    init(
        policy: HTTPPolicy? = nil, heartbeat: Int? = nil,
        _ handler: @escaping @Sendable (RawConnection) throws -> Void
    ) async throws {
        let world = try await TestEngine.World()
        self.world = world
        server = try RawServer(handler)
        var configuration = GuardedClient.Configuration()
        configuration.openAddresses.insert(try #require(RemoteAddress("127.0.0.1:\(server.port)")))
        let local = try HTTPPolicy(hosts: [#require(HostPattern("127.0.0.1"))], allowsPlainHTTP: true)
        tool = CallExternalAgent(
            client: GuardedClient(loops: [loop], configuration: configuration),
            policies: Policies(policy: policy ?? local), agents: world.stores.agents, secrets: Keys(), pause: { _ in })
        let index = AgentIndex(store: world.stores.routing, lifetime: .zero)
        source = CallSource(
            router: CallRouter(store: world.stores.routing, index: index, ids: RandomIDGenerator()),
            agents: world.stores.agents, organizations: world.stores.organizations, contracts: world.stores.contracts,
            clock: world.clock)
        agent = try await world.gym.callable(
            "Outside", external: ExternalAgent(endpoint: server.url + "/calls", heartbeatSeconds: heartbeat))
        service = CallService(
            executions: world.stores.executions,
            control: ExecutionControl(store: world.stores.executions, clock: world.clock),
            agents: world.stores.agents, routing: world.stores.routing, secrets: Keys(), ids: RandomIDGenerator()
        ) { _ in }
    }

    func call(_ parameters: JSONValue) async throws -> ExecutionID {
        let order = CallOrder(action: "answer", parameters: parameters)
        let call = Execution(
            id: world.gym.id(), kind: .call, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: try JSONValue(encoding: order), createdAt: world.clock.now())
        _ = try await world.stores.executions.enqueue([call], receipt: nil, in: world.gym.scope)
        return call.id
    }

    func execution(_ id: ExecutionID) async throws -> Execution {
        try await world.stores.executions.execution(id, in: world.gym.scope)
    }

    func finish() async throws {
        let engine = TestEngine(in: world, tools: [tool], programs: [.call: source])
        try await engine.working { _ = try await engine.turn() }
    }
}

/// Where the provenance of calls goes beside the log.
@Suite(.timeLimit(.minutes(5))) struct TraceSenderTests {
    private struct Policies: HTTPPolicies {
        let policy: HTTPPolicy
        func policy(in scope: OrganizationScope) -> HTTPPolicy { policy }
    }

    @Test func `calls are told of, and nothing else is; who does not want it is not written to`() async throws {
        let seen = Mutex<[JSONValue]>([])
        let server = try RawServer { connection in
            let body = try JSONParser.parse(try connection.readRequest().body)
            seen.withLock { $0.append(body) }
            try connection.respond(status: 500)
        }
        var configuration = GuardedClient.Configuration()
        configuration.openAddresses.insert(try #require(RemoteAddress("127.0.0.1:\(server.port)")))
        let client = GuardedClient(loops: [loop], configuration: configuration)
        let hosts = [try #require(HostPattern("127.0.0.1"))]
        let policy = HTTPPolicy(hosts: hosts, allowsPlainHTTP: true, tracesTo: server.url + "/traces")
        let sender = TraceSender(client: client, policies: Policies(policy: policy))
        let silent = TraceSender(client: client, policies: Policies(policy: HTTPPolicy(hosts: hosts)))
        let organization: OrganizationID = RandomIDGenerator().id(at: Date())
        let events = ["call.routed", "execution.completed", "call.answered"].enumerated().map { place, type in
            Event(position: Int64(place + 1), type: type, execution: nil, at: Date(), data: ["n": 1])
        }
        for sender in [sender, silent] {
            sender.note(events, of: organization)
            sender.stop()
        }
        let failures = Mutex<[String]>([])
        await sender.run { _, reason in failures.withLock { $0.append(reason) } }
        await silent.run { _, _ in }
        let bodies = seen.withLock { $0 }
        #expect(bodies.count == 1)
        #expect(bodies.first?["organization_id"]?.string == organization.description)
        #expect(bodies.first?["events"]?.array?.map { $0["type"]?.string } == ["call.routed", "call.answered"])
        #expect(failures.withLock { $0 } == ["status 500"])
    }
}
