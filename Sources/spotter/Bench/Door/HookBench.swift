import Foundation
import SigningKit
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterWorkflows

/// Signed messages of one sender to one hook, each new, over connections that wait for each answer.
struct HookBench: Sendable {
    let application: Application
    let port: Int
    let yardstick: PgBench
    let scope: OrganizationScope
    let options: BenchOptions
    let progress: @Sendable (String) -> Void

    func run() async throws -> [BenchFigure] {
        let (hook, secret) = try await hook()
        let load = LoadGenerator(port: port, connections: options.connections) { [run = UUID()] number in
            Self.message(to: hook, "\(run)-\(number)", secret)
        }
        progress("warming up")
        _ = try await load.run(for: .seconds(1))
        let script = HookBenchScripts.oneMessage(of: scope.organization, hook: hook)
        progress("pgbench, \(options.connections) connections, \(options.seconds) s")
        let clients = min(options.connections, 64)
        let baseline = try await yardstick.rate(of: script, clients: clients, seconds: options.seconds)
        progress("signed messages, \(options.connections) connections, \(options.seconds) s")
        let fresh = LoadGenerator(port: port, connections: options.connections) { [run = UUID()] number in
            Self.message(to: hook, "\(run)-\(number)", secret)
        }
        let before = try await application.stores.events.lastPosition(in: scope)
        let report = try await fresh.run(for: .seconds(options.seconds))
        // Each has left two events, or it was not committed.
        let committed = Double(try await application.stores.events.lastPosition(in: scope) - before) / 2
        let part = DoorBenchPart.hooks
        return [
            BenchFigure(
                part, "signed messages accepted and committed", report.rate, "/s", beside: baseline,
                "pgbench, the same writes",
                target: .init("at least 0.40 of it, or 2,000/s") { [rate = report.rate] in $0 >= 0.4 || rate >= 2_000 }),
            BenchFigure(part, "p50", report.percentile(0.5), "ms"),
            BenchFigure(part, "p99", report.percentile(0.99), "ms"),
            BenchFigure(part, "errors", Double(report.errors), "", target: .init("none") { $0 == 0 }),
            BenchFigure(
                part, "answered that were not committed", max(0, Double(report.latencies.count) - committed), "",
                target: .init("none") { $0 == 0 }),
        ]
    }

    private func hook() async throws -> (HookID, secret: String) {
        try await application.secrets.load(requiringKeys: true)
        let now = application.clock.now()
        let agent = Agent(
            id: application.ids.id(at: now), version: 1,
            settings: AgentSettings(
                name: "Greeter", description: "Answers.", systemPrompt: "You help.", model: "offline", tools: []
            ).resolved, createdAt: now, updatedAt: now)
        try await application.stores.agents.create(agent, receipt: nil, in: scope)
        let action = HookAction(kind: .agentMessage, agentId: agent.id, content: "New lead {{ payload.name }}")
        let made = try await application.hooks.create(
            HookSettings(name: "Leads", style: .standard, action: action), secret: nil, at: now, in: scope)
        guard let secret = made.secret else { throw SpotterError(.internal, "The hook has no secret.") }
        return (made.hook.id, secret)
    }

    private static func message(to hook: HookID, _ id: String, _ secret: String) -> [UInt8] {
        let body = Array(#"{"type":"lead.created","name":"Ana"}"#.utf8)
        let time = Int(Date().timeIntervalSince1970)
        let signature =
            (try? StandardWebhookSigner.signature(id: id, timestamp: time, body: body, secrets: [secret])) ?? ""
        return Array(
            """
            POST /v1/hooks/\(hook) HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r
            webhook-id: \(id)\r\nwebhook-timestamp: \(time)\r\nwebhook-signature: \(signature)\r
            content-length: \(body.count)\r\n\r\n
            """.utf8) + body
    }
}
