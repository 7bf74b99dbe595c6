import Foundation
import HTTPServerKit
import PostgresKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterHTTP
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func benchHTTP(
        _ options: BenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchResult] {
        // A folder of its own: a benchmark leaves nothing behind.
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, progress: progress) { application, opened, _ in
            let subject = try await BenchSubject(application)
            let server = application.server(HTTPServerConfiguration(port: 0))
            let port = try server.bind()
            let group = application.serviceGroup(server: server)
            let measured = Mutex<[BenchResult]>([])
            try await application.run(group) {
                let bench = HTTPBench(
                    subject: subject, port: port, yardstick: try yardstick(opened), options: options, progress: progress
                )
                let results = try await bench.run()
                measured.withLock { $0 = results }
                group.shutDown()
            }
            return measured.withLock { $0 }
        }
    }

    private func yardstick(_ opened: DatabaseAccess.Opened) throws -> PgBench {
        guard let endpoint = opened.cluster?.endpoint else {
            throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
        }
        return PgBench(host: endpoint.socketDirectory, port: endpoint.port, user: "spotter_app", database: "spotter")
    }
}

/// An organisation with agents to be asked about, and a token.
private struct BenchSubject: Sendable {
    let organization: Organization
    let agent: AgentID
    let token: String

    init(_ application: Application) async throws {
        let now = application.clock.now()
        let definition = TenantDefinition(
            slug: "bench", name: "Bench", timezone: "Europe/London", currency: "GBP", plan: .enterprise,
            limits: .init(requestsPerMinute: 1_000_000_000))
        organization = try await application.stores.organizations.apply(
            definition, id: application.ids.id(at: now), at: now)
        let scope = OrganizationScope(organization.id)
        var agents: [AgentID] = []
        for number in 0..<60 {
            let settings = AgentSettings(
                name: "Agent \(number)", description: "Answers.", systemPrompt: "You help.", model: "offline", tools: []
            )
            let agent = Agent(
                id: application.ids.id(at: now), version: 1, settings: settings.resolved, createdAt: now, updatedAt: now
            )
            try await application.stores.agents.create(agent, receipt: nil, in: scope)
            agents.append(agent.id)
        }
        agent = agents[30]
        token = try await DemoToken.issue(named: "bench", for: organization, application)
    }
}

/// The three requests, each beside pgbench in the same minute.
private struct HTTPBench: Sendable {
    let subject: BenchSubject
    let port: Int
    let yardstick: PgBench
    let options: BenchOptions
    let progress: @Sendable (String) -> Void

    func run() async throws -> [BenchResult] {
        let scripts = AgentBenchScripts(organization: subject.organization.id, agent: subject.agent)
        let read = get("/v1/agents/\(subject.agent)")
        let list = get("/v1/agents?limit=50")
        return [
            try await measure("GET /v1/agents/{id}", scripts.read) { _ in read },
            try await measure("GET /v1/agents?limit=50", scripts.list) { _ in list },
            try await measure("POST /v1/agents", scripts.create) { [self] number in create(number) },
        ]
    }

    private func measure(
        _ name: String, _ script: String, _ request: @escaping @Sendable (Int) -> [UInt8]
    ) async throws -> BenchResult {
        progress("\(name): warming up")
        let load = LoadGenerator(port: port, connections: options.connections, request: request)
        _ = try await load.run(for: .seconds(1))
        progress("\(name): pgbench, \(options.seconds) s")
        let baseline = try await yardstick.run(script, seconds: options.seconds)
        progress("\(name): the server, \(options.seconds) s")
        let report = try await load.run(for: .seconds(options.seconds))
        return BenchResult(
            name: name, rate: report.rate, baseline: baseline, p50: report.percentile(0.5),
            p99: report.percentile(0.99), errors: report.errors)
    }

    private func get(_ target: String) -> [UInt8] {
        Array("GET \(target) HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \(subject.token)\r\n\r\n".utf8)
    }

    private func create(_ number: Int) -> [UInt8] {
        let body =
            #"{"name":"Made \#(UInt64.random(in: 0..<UInt64.max))-\#(number)","system_prompt":"You help.","model":"offline"}"#
        return Array(
            """
            POST /v1/agents HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \(subject.token)\r
            content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)
            """.utf8)
    }
}
