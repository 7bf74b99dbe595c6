import Foundation
import MetricsKit
import SpotterDomain
import Testing

@testable import SpotterMonitoring

/// What an organisation records itself, as collectors read it.
@Suite struct RecordedMetricsTests {
    private static func series(
        _ name: String, _ kind: CustomMetric.Kind, _ labels: [String: String] = [:], value: Double,
        figures: SampleFigures = SampleFigures()
    ) -> CustomSeries {
        CustomSeries(name: name, kind: kind, labels: labels, figures: figures, value: value, updatedAt: Date())
    }

    @Test func `counters, gauges and what a day had are written with the labels that each has`() async {
        let meters = Meters(version: "1")
        let (_, text) = await meters.text(
            accepting: nil, isWhole: false,
            recorded: [
                Self.series("doors", .counter, ["door": "front"], value: 3),
                Self.series("doors", .counter, ["other": "true"], value: 1),
                Self.series("heat", .gauge, value: 21.5),
                Self.series(
                    "wait", .histogram, value: 9, figures: SampleFigures(count: 2, sum: 12, minimum: 3, maximum: 9)),
            ])
        for line in [
            "# TYPE custom_doors_total counter\n", "custom_doors_total{door=\"front\"} 3.0\n",
            "custom_doors_total{other=\"true\"} 1.0\n", "custom_heat 21.5\n", "custom_wait_day_values 2.0\n",
            "custom_wait_day_average 6.0\n", "custom_wait_day_minimum 3.0\n", "custom_wait_day_maximum 9.0\n",
        ] { #expect(text.contains(line), "\(line)\(text)") }
        #expect(!text.contains("spotter_"))
    }

    @Test func `two that would have one name have two, and a value that is markup stays a value`() async {
        let meters = Meters(version: "1")
        let (type, text) = await meters.text(
            accepting: "application/openmetrics-text;version=1.0.0",
            recorded: [
                Self.series("sold", .gauge, value: 1), Self.series("sold_total", .counter, value: 2),
                Self.series("sold_total_total", .gauge, ["who": "a\"b\\c\nd"], value: 3),
            ])
        #expect(type.hasPrefix("application/openmetrics-text"))
        #expect(text.contains("custom_sold 1.0\n"))
        #expect(text.contains("custom_sold_2_total 2.0\n"))
        #expect(text.contains(#"custom_sold_3{who="a\"b\\c\nd"} 3.0"#))
        // Those of the process stand before, and the end is there once.
        #expect(text.contains("spotter_build_info"))
        #expect(text.components(separatedBy: "# EOF").count == 2)
        #expect(text.hasSuffix("# EOF\n"))
    }
}
