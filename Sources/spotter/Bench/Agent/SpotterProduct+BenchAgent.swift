import Foundation
import HTTPServerKit
import ServiceKit
import SpotterCommandLine
import SpotterDomain
import Synchronization

extension SpotterProduct {
    func benchAgent(
        _ options: AgentBenchOptions, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        // A folder of its own: a benchmark leaves nothing behind.
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, progress: progress) { application, opened, _ in
            guard opened.cluster != nil else {
                throw SpotterError(.invalid, "The benchmark brings a database of its own: unset DATABASE_URL.")
            }
            let server = application.server(HTTPServerConfiguration(port: 0))
            let port = try server.bind()
            let figures = Mutex<[BenchFigure]>([])
            let group = application.serviceGroup(server: server)
            try await application.run(group) {
                defer { group.shutDown() }
                let bench = try await AgentBench(application, port: port, options, progress)
                let found = try await bench.run()
                figures.withLock { $0 = found }
            }
            return figures.withLock { $0 }
        }
    }
}
