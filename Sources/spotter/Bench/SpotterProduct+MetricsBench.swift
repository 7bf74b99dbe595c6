import Foundation
import HTTPServerKit
import MetricsKit
import ServiceKit
import SpotterCommandLine
import SpotterMonitoring
import Synchronization

extension SpotterProduct {
    var metrics: [MetricEntry] {
        MetricsCatalog.all.map { metric in
            MetricEntry(
                name: metric.kind == .counter ? "\(metric.name)_total" : metric.name, kind: metric.kind.rawValue,
                unit: metric.unit, labels: metric.labels, help: metric.help)
        }
    }

    func benchMetrics(
        records: Int, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [BenchFigure] {
        progress("recording \(records) values of each kind, three times")
        let figures = await recording(records)
        return try await figures + health(progress: progress)
    }

    private func recording(_ records: Int) async -> [BenchFigure] {
        let registry = MetricsRegistry()
        let counter = registry.counter(MetricDescription("bench_counted", .counter, "Counted."))()
        let gauge = registry.gauge(MetricDescription("bench_level", .gauge, "Set."))()
        let histogram = registry.histogram(
            MetricDescription("bench_took_seconds", .histogram, "Took.", unit: "seconds"))()
        let labelled = registry.counter(
            MetricDescription("bench_labelled", .counter, "Looked up each time.", labels: ["a", "b"]))
        let empty = Self.nanoseconds(records) { $0 }
        let bare = BareCount()
        let alone = Self.nanoseconds(records) {
            bare.count.add(1, ordering: .relaxed); return $0
        }
        // What stands beside makes a ratio of the figure: the target is of the time itself.
        let target = BenchFigure.Target("below 1000 ns") { $0 * alone < 1_000 }
        func figure(_ name: String, _ value: Double, target: BenchFigure.Target?) -> BenchFigure {
            BenchFigure(
                MetricsBenchPart.record, name, value, "ns", beside: alone, "an atomic increment", target: target)
        }
        return [
            BenchFigure(MetricsBenchPart.record, "an empty loop", empty, "ns"),
            BenchFigure(MetricsBenchPart.record, "an atomic increment and nothing else", alone, "ns"),
            figure(
                "counter",
                Self.nanoseconds(records) {
                    counter.add(1); return $0
                }, target: target),
            figure(
                "gauge",
                Self.nanoseconds(records) {
                    gauge.set(Double($0)); return $0
                }, target: target),
            figure(
                "histogram",
                Self.nanoseconds(records) {
                    histogram.record(Double($0 & 1_023) / 1_000); return $0
                },
                target: target),
            figure(
                "counter, series looked up each time",
                Self.nanoseconds(records) {
                    labelled($0 & 1 == 0 ? "x" : "y", "z").add(1); return $0
                }, target: target),
            figure("counter, two threads at once", await Self.shared(records, counter), target: target),
        ]
    }

    /// Of one turn, the least of three measurements.
    private static func nanoseconds(_ turns: Int, _ body: (Int) -> Int) -> Double {
        (0..<3).map { _ in
            var sum = 0
            let start = ContinuousClock.now
            for turn in 0..<turns { sum &+= body(turn) }
            let elapsed = start.duration(to: .now)
            // Looked at, so that the loop is not left out.
            return sum == .min ? 0 : elapsed / .nanoseconds(1) / Double(turns)
        }.min() ?? 0
    }

    private static func shared(_ turns: Int, _ counter: Counter) async -> Double {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { for _ in 0..<turns { counter.add(1) } } }
        }
        return start.duration(to: .now) / .nanoseconds(1) / Double(turns)
    }

    /// How long the full look at everything takes, on a server of its own that has nothing else to do.
    private func health(progress: @escaping @Sendable (String) -> Void) async throws -> [BenchFigure] {
        let folder = NSTemporaryDirectory() + "/spotter-bench-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await withApplication(data: folder, creating: true, progress: progress) { application, _, _ in
            let server = application.server(HTTPServerConfiguration(port: 0))
            let port = try server.bind()
            let group = application.serviceGroup(server: server)
            let measured = Mutex<LoadGenerator.Report?>(nil)
            try await application.run(group) {
                progress("asking for the health of everything, one request after the other, 3 s")
                let load = LoadGenerator(port: port, connections: 1) { _ in
                    Array("GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n".utf8)
                }
                let report = try await load.run(for: .seconds(3))
                measured.withLock { $0 = report }
                group.shutDown()
            }
            return measured.withLock { $0.map(Self.figures(ofHealth:)) ?? [] }
        }
    }

    private static func figures(ofHealth report: LoadGenerator.Report) -> [BenchFigure] {
        let target = BenchFigure.Target("below 100 ms") { $0 < 100 }
        return [
            BenchFigure(MetricsBenchPart.health, "full check, p50", report.percentile(0.5), "ms", target: target),
            BenchFigure(MetricsBenchPart.health, "full check, p99", report.percentile(0.99), "ms", target: target),
            BenchFigure(MetricsBenchPart.health, "checks", Double(report.latencies.count), ""),
            BenchFigure(
                MetricsBenchPart.health, "checks that found a fault", Double(report.errors), "",
                target: .init("none") { $0 == 0 }),
        ]
    }

    private enum MetricsBenchPart: String { case record, health }
}

/// What a counter is made of, without anything around it.
private final class BareCount: Sendable {
    let count = Atomic<Int>(0)
}
