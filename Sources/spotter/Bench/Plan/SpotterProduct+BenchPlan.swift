import Foundation
import PostgresKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func benchPlan(
        _ options: PlanBenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        // A folder of its own: a benchmark leaves nothing behind.
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, tools: [DoNothing()], progress: progress) {
            application, opened, _ in
            guard let endpoint = opened.cluster?.endpoint else {
                throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
            }
            let bench = PlanBench(
                application: application,
                yardstick: PgBench(
                    host: endpoint.socketDirectory, port: endpoint.port, user: "spotter_app", database: "spotter"),
                options: options, progress: progress)
            return try await bench.run()
        }
    }
}

extension PlanBench {
    /// The parts that were asked for.
    func run() async throws -> [BenchFigure] {
        let results = Mutex<[BenchFigure]>([])
        let group = application.serviceGroup(server: nil)
        try await application.run(group) {
            defer { group.shutDown() }
            for (part, measure) in [
                (PlanBenchPart.plans, plans), (.starts, starts), (.routing, routing), (.events, events),
            ] where options.parts.contains(part) {
                let found = try await measure()
                results.withLock { $0 += found }
            }
        }
        return results.withLock(\.self)
    }
}
