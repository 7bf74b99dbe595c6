import MetricsKit
import SpotterCommandLine
import SpotterMonitoring

extension SpotterProduct {
    var metrics: [MetricEntry] {
        MetricsCatalog.all.map { metric in
            MetricEntry(
                name: metric.kind == .counter ? "\(metric.name)_total" : metric.name, kind: metric.kind.rawValue,
                unit: metric.unit, labels: metric.labels, help: metric.help)
        }
    }

    func benchMetrics(records: Int) async throws -> [BenchFigure] {
        let registry = MetricsRegistry()
        let counter = registry.counter(MetricDescription("bench_counted", .counter, "Counted."))()
        let gauge = registry.gauge(MetricDescription("bench_level", .gauge, "Set."))()
        let histogram = registry.histogram(
            MetricDescription("bench_took_seconds", .histogram, "Took.", unit: "seconds"))()
        let labelled = registry.counter(
            MetricDescription("bench_labelled", .counter, "Looked up each time.", labels: ["a", "b"]))
        let empty = Self.nanoseconds(records) { $0 }
        let target = BenchFigure.Target("below 1000 ns") { $0 < 1_000 }
        func figure(_ name: String, _ value: Double, target: BenchFigure.Target?) -> BenchFigure {
            BenchFigure(MetricsBenchPart.record, name, value, "ns", target: target)
        }
        return [
            figure("an empty loop", empty, target: nil),
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

    private enum MetricsBenchPart: String { case record }
}
