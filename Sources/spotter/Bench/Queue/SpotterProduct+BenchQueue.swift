import Foundation
import PostgresKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import Synchronization

extension SpotterProduct {
    func benchQueue(
        _ options: QueueBenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        // A folder of its own: a benchmark leaves nothing behind.
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let probes = BenchProbes()
        return try await withApplication(
            data: folder, creating: true, sources: [.probe: probes], progress: progress
        ) {
            application, opened, _ in
            guard let endpoint = opened.cluster?.endpoint else {
                throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
            }
            let bench = QueueBench(
                application: application, probes: probes,
                yardstick: PgBench(
                    host: endpoint.socketDirectory, port: endpoint.port, user: "spotter_app", database: "spotter"),
                administrator: try PostgresConfiguration(url: endpoint.databaseURL).replacing(database: "spotter"),
                options: options, progress: progress)
            return try await bench.run()
        }
    }
}

extension QueueBench {
    /// The parts that were asked for, each when it disturbs the others least.
    func run() async throws -> [BenchFigure] {
        let results = Mutex<[BenchFigure]>([])
        let measuresDrain = options.parts.contains(.drain)
        let before = measuresDrain ? try await yardsticks("before") : nil
        let rates = Mutex<DrainRates?>(nil)
        let group = application.serviceGroup(server: nil)
        try await application.run(group) {
            defer { group.shutDown() }
            for (part, measure) in [
                (QueueBenchPart.memory, memory), (.starts, starts), (.fairness, fairness),
            ] where options.parts.contains(part) {
                let found = try await measure()
                results.withLock { $0 += found }
            }
            if measuresDrain {
                let measured = try await drain()
                rates.withLock { $0 = measured }
            }
        }
        // Whatever is measured from here on has the queue to itself.
        if let before, let rates = rates.withLock(\.self) {
            try await QueueBenchScripts.clear(as: administrator)
            let yardsticks = Yardsticks.mean(before, try await yardsticks("after"))
            results.withLock { $0 += self.results(rates, beside: yardsticks) }
        }
        if options.parts.contains(.history) {
            let found = try await history()
            results.withLock { $0 += found }
        }
        let order = QueueBenchPart.allCases.map(\.rawValue)
        return results.withLock(\.self).sorted {
            (order.firstIndex(of: $0.part) ?? 0) < (order.firstIndex(of: $1.part) ?? 0)
        }
    }
}
