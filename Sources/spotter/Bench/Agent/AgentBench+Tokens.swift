import Foundation
import SpotterCommandLine
import SpotterDomain

extension AgentBench {
    /// How soon what a model says reaches the readers of streams over HTTP.
    func tokens() async throws -> [BenchFigure] {
        let token = try await DemoToken.issue(named: "bench", for: organization, application)
        var pace = PacedProvider.Pace(latency: options.latency)
        pace.asksForTools = false
        return try await with(pace) { _ in
            var figures: [BenchFigure] = []
            for streams in [100, 500] {
                progress("\(streams) streams at once")
                let load = StreamLoad(port: port, token: token, conversations: try await conversations(streams))
                _ = try await load.run(turns: 1)
                let report = try await load.run(turns: 3)
                guard report.failures == 0 else {
                    throw SpotterError(.internal, "\(report.failures) of \(3 * streams) streams did not end well.")
                }
                figures += self.figures(streams, report)
            }
            return figures
        }
    }

    private func figures(_ streams: Int, _ report: StreamLoad.Report) -> [BenchFigure] {
        let target: BenchFigure.Target? = streams == 100 ? .init("below 1 ms") { $0 < 1 } : nil
        let limit: BenchFigure.Target? = streams == 500 ? .init("below 5 ms") { $0 < 5 } : nil
        return [
            BenchFigure(
                AgentBenchPart.tokens, "first word at \(streams) streams, p50", report.first.percentile(0.5), "ms",
                target: target),
            BenchFigure(
                AgentBenchPart.tokens, "first word at \(streams) streams, p99", report.first.percentile(0.99), "ms",
                target: limit),
            BenchFigure(
                AgentBenchPart.tokens, "every word at \(streams) streams, p50", report.all.percentile(0.5), "ms"),
            BenchFigure(
                AgentBenchPart.tokens, "every word at \(streams) streams, p99", report.all.percentile(0.99), "ms"),
        ]
    }
}
