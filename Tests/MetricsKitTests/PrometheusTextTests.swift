import Foundation
import MetricsKit
import Testing

/// What the texts look like.
@Suite struct PrometheusTextTests {
    private static func filled() -> MetricsRegistry {
        let registry = MetricsRegistry()
        let seen = registry.counter(
            MetricDescription("seen", .counter, "How \"many\" \\ were\nseen.", labels: ["who"]))
        seen("a\"b\\c\nd").add(2)
        let took = registry.histogram(
            MetricDescription("took_seconds", .histogram, "How long.", unit: "seconds", buckets: [0.1, 1]))()
        for value in [0.05, 0.1, 0.5, 3] { took.record(value) }
        registry.gauge(MetricDescription("level", .gauge, "How high."))().set(-1.5)
        registry.sum(MetricDescription("cost_usd", .counter, "How much.", unit: "usd"))().add(0.25)
        return registry
    }

    @Test func `the plain text is that of version 0_0_4`() async {
        let text = await Self.filled().text(.plain)
        #expect(
            text == """
                # HELP seen_total How "many" \\\\ were\\nseen.
                # TYPE seen_total counter
                seen_total{who="a\\"b\\\\c\\nd"} 2
                # HELP took_seconds How long.
                # TYPE took_seconds histogram
                took_seconds_bucket{le="0.1"} 2
                took_seconds_bucket{le="1.0"} 3
                took_seconds_bucket{le="+Inf"} 4
                took_seconds_sum 3.65
                took_seconds_count 4
                # HELP level How high.
                # TYPE level gauge
                level -1.5
                # HELP cost_usd_total How much.
                # TYPE cost_usd_total counter
                cost_usd_total 0.25

                """)
    }

    @Test func `OpenMetrics names families without total, has units and an end`() async {
        let text = await Self.filled().text(.openMetrics)
        #expect(text.contains("# TYPE seen counter\nseen_total{"))
        #expect(text.contains("# TYPE took_seconds histogram\n# UNIT took_seconds seconds\n"))
        #expect(text.contains("# HELP seen How \\\"many\\\""))
        #expect(text.hasSuffix("# EOF\n"))
    }

    @Test(arguments: [
        (nil, PrometheusFormat.plain), ("*/*", .plain), ("text/html", .plain),
        ("application/openmetrics-text; version=1.0.0", .openMetrics),
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.9", .plain),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
        ),
        ("application/openmetrics-text;version=9.0.0", .plain), ("application/openmetrics-text;q=0", .plain),
    ])
    func `the format is chosen by what is accepted`(_ accept: String?, _ format: PrometheusFormat) {
        #expect(PrometheusFormat.negotiate(accept) == format)
    }

    @Test func `series beyond the bound share one`() async {
        let registry = MetricsRegistry()
        let family = registry.counter(
            MetricDescription("seen", .counter, "Seen.", labels: ["a", "b"], mostSeries: 2))
        for number in 0..<5 { family("\(number)", "x").add() }
        family("0", "x").add()
        let text = await registry.text(.plain)
        #expect(text.contains("seen_total{a=\"0\",b=\"x\"} 2\n"))
        #expect(text.contains("seen_total{a=\"other\",b=\"other\"} 3\n"))
        #expect(text.components(separatedBy: "\n").count == 6)
    }

    @Test func `threads that record at once lose nothing`() async {
        let registry = MetricsRegistry()
        let counter = registry.counter(MetricDescription("seen", .counter, "Seen."))()
        let histogram = registry.histogram(MetricDescription("took", .histogram, "Took.", buckets: [1]))()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.add()
                        histogram.record(0.5)
                    }
                }
            }
        }
        #expect(counter.value == 40_000)
        #expect(histogram.snapshot.counts == [40_000, 0])
        #expect(histogram.snapshot.sum == 20_000)
        #expect(registry.recorded == ["seen", "took"])
    }
}
