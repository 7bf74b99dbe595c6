import Foundation
import PostgresKit
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension SpotterProduct {
    func benchGym(
        _ options: GymBenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        // A folder of its own: a benchmark leaves nothing behind.
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, progress: progress) { application, opened, _ in
            guard let endpoint = opened.cluster?.endpoint else {
                throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
            }
            let administrator = try PostgresConfiguration(url: endpoint.databaseURL).replacing(database: "spotter")
            let bench = GymBench(
                application: application, administrator: administrator, options: options, progress: progress)
            return try await bench.run()
        }
    }
}
