import Foundation
import HTTPServerKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func benchLimits(
        _ options: BenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, progress: progress) { application, _, _ in
            let quiet = try await Self.token("quiet", 1_000_000_000, application)
            let loud = try await Self.token("loud", 600, application)
            let server = application.server(HTTPServerConfiguration(port: 0))
            let port = try server.bind()
            let group = application.serviceGroup(server: server)
            let measured = Mutex<[BenchFigure]>([])
            try await application.run(group) {
                let figures = try await LimitsBench(
                    port: port, quiet: quiet, loud: loud, options: options, progress: progress
                ).run()
                measured.withLock { $0 = figures }
                group.shutDown()
            }
            return measured.withLock { $0 }
        }
    }

    private static func token(
        _ slug: String, _ requestsPerMinute: Int, _ application: Application
    ) async throws -> String {
        let now = application.clock.now()
        let definition = TenantDefinition(
            slug: slug, name: slug, timezone: "Europe/London", currency: "GBP", plan: .starter,
            limits: .init(requestsPerMinute: requestsPerMinute))
        let organization = try await application.stores.organizations.apply(
            definition, id: application.ids.id(at: now), at: now)
        return try await DemoToken.issue(named: "bench", for: organization, application)
    }
}

/// A quiet organisation alone, and beside one that asks as fast as its connections can and heeds no answer.
private struct LimitsBench: Sendable {
    let port: Int
    let quiet: String
    let loud: String
    let options: BenchOptions
    let progress: @Sendable (String) -> Void

    func run() async throws -> [BenchFigure] {
        // Two connections, one request after the other.
        let calm = LoadGenerator(port: port, connections: 2) { [quiet] _ in Self.request(quiet) }
        let flood = LoadGenerator(port: port, connections: options.connections) { [loud] _ in Self.request(loud) }
        progress("warming up")
        _ = try await calm.run(for: .seconds(1))
        progress("the quiet organisation alone, \(options.seconds) s")
        let alone = try await calm.run(for: .seconds(options.seconds))
        progress("the same beside a flood, \(options.seconds) s")
        async let flooding = flood.run(for: .seconds(options.seconds + 1))
        let beside = try await calm.run(for: .seconds(options.seconds))
        let loud = try await flooding
        let part = LimitsBenchPart.flood
        return [
            BenchFigure(
                part, "p99 of the quiet one beside the flood", beside.percentile(0.99), "ms",
                beside: alone.percentile(0.99), "alone", target: .init("at most 1.5 times") { $0 <= 1.5 }),
            BenchFigure(
                part, "p50 of the quiet one beside the flood", beside.percentile(0.5), "ms",
                beside: alone.percentile(0.5), "alone"),
            BenchFigure(
                part, "requests of the quiet one beside the flood", beside.rate, "/s", beside: alone.rate, "alone"),
            BenchFigure(
                part, "errors of the quiet one", Double(beside.errors), "",
                target: .init("none") { $0 == 0 }),
            BenchFigure(part, "answers to the flood", loud.rate, "/s"),
            BenchFigure(
                part, "of these let through", Double(loud.latencies.count - loud.errors), "",
                target: .init("the quota, what comes in, two slices") { [options] in
                    $0 <= Double(624 + 10 * (options.seconds + 2))
                }),
        ]
    }

    private static func request(_ token: String) -> [UInt8] {
        Array("GET /v1/agents?limit=1 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \(token)\r\n\r\n".utf8)
    }
}
