import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// How an alert stands after a series of looks.
@Suite struct AlertJudgeTests {
    private let start = Date(timeIntervalSince1970: 1_763_800_000)
    private let ids = RandomIDGenerator()

    private func alert(_ duration: Int, _ aggregation: AlertAggregation = .avg) -> Alert {
        Alert(
            id: ids.id(at: start), version: 1,
            settings: AlertSettings(
                name: "Errors", metric: "error_rate", operator: .gt, threshold: 10, durationSeconds: duration,
                aggregation: aggregation, severity: .critical),
            source: .api, createdAt: start, updatedAt: start)
    }

    /// States, and what was told, look by look a minute apart.
    private func course(_ alert: Alert, _ values: [Double?]) -> [String] {
        var alert = alert
        return values.enumerated().map { minute, value in
            let verdict = alert.judged(by: value, at: start + Double(minute * 60), incident: ids.id(at: start))
            alert.standing = verdict.standing
            switch verdict.news {
            case .nothing: return verdict.standing.state.rawValue
            case .firing: return "FIRING"
            case .resolved: return "RESOLVED"
            }
        }
    }

    @Test func `it fires when the value has been beyond the threshold for as long as it says, and once`() {
        #expect(
            course(alert(120), [5, 20, 20, 20, 20, 5, 5]) == [
                "inactive", "pending", "pending", "FIRING", "firing", "RESOLVED", "resolved",
            ])
    }

    @Test func `what goes back before its time tells nothing`() {
        #expect(
            course(alert(300), [20, 20, 10, 20, nil]) == ["pending", "pending", "inactive", "pending", "inactive"])
    }

    @Test func `one without a duration, and a sum, tell at once`() {
        #expect(course(alert(0), [20, nil]) == ["FIRING", "RESOLVED"])
        #expect(course(alert(900, .sum), [20]) == ["FIRING"])
    }

    @Test func `it fires again after it was over, as another incident`() {
        #expect(course(alert(0), [20, 5, 20]) == ["FIRING", "RESOLVED", "FIRING"])
    }

    @Test(arguments: [
        (AlertOperator.gt, false), (.gte, true), (.lt, false), (.lte, true), (.eq, true),
    ])
    func `the threshold itself`(_ comparison: AlertOperator, _ holds: Bool) {
        #expect(comparison.holds(10, 10) == holds)
    }

    @Test func `mistakes are named by their field`() {
        var settings = alert(60).settings
        settings.metric = "eror_rate"
        settings.emails = ["nobody"]
        settings.labels = ["door": "front"]
        let issues = settings.issues()
        #expect(issues.map(\.pointer) == ["/metric", "/labels", "/emails/0"])
        #expect(issues[0].message.contains("\"error_rate\"?"))
        settings.metric = "custom:doors"
        settings.emails = nil
        #expect(settings.issues().isEmpty)
    }

    @Test func `the alerts that come with Spotter are without mistakes`() {
        for settings in AlertDefaults.settings { #expect(settings.issues().isEmpty, "\(settings.name)") }
        #expect(Set(AlertDefaults.settings.map(\.name)).count == AlertDefaults.settings.count)
    }
}

/// What is measured.
@Suite struct AlertMeasureTests {
    private let range = MetricRange(
        from: Date(timeIntervalSince1970: 0), to: Date(timeIntervalSince1970: 300), bucketSeconds: 60)

    private func measure(_ runs: [Int: (Int, Int)], gauges: WorkGauges = WorkGauges()) -> AlertMeasure {
        let buckets = runs.sorted { $0.key < $1.key }.map { bucket, counts in
            RunBucket(bucket: bucket, agents: RunFigures(completed: counts.0, failed: counts.1))
        }
        return AlertMeasure(
            MonitoringReport(buckets: buckets, p95: nil, calls: CallFigures(), gauges: gauges), agents: [],
            budgets: [], range: range)
    }

    @Test func `a share is that of the whole stretch, and its most that of a minute`() {
        let measure = measure([0: (90, 0), 4: (5, 5)])
        #expect(measure.value(of: .errorRate, .avg) == 5)
        #expect(measure.value(of: .errorRate, .max) == 50)
        #expect(measure.value(of: .errorRate, .count) == 2)
    }

    @Test func `without runs there is no share, but a number`() {
        let measure = measure([:])
        #expect(measure.value(of: .errorRate, .avg) == nil)
        #expect(measure.value(of: .failedRuns, .sum) == 0)
        #expect(measure.value(of: .failedRuns, .min) == 0)
        #expect(measure.value(of: .providerErrorRate, .avg) == nil)
    }

    @Test func `quiet minutes count where minutes are compared`() {
        let measure = measure([1: (0, 4)])
        #expect(measure.value(of: .failedRuns, .avg) == 0.8)
        #expect(measure.value(of: .failedRuns, .p95) == 4)
        #expect(measure.value(of: .throughput, .avg) == 0.8)
    }

    @Test func `what is now is the same however it is aggregated`() {
        let measure = measure([:], gauges: WorkGauges(queued: 3, oldestReadySeconds: 7, workers: 2))
        for aggregation in AlertAggregation.allCases {
            #expect(measure.value(of: .queueDepth, aggregation) == 3)
            #expect(measure.value(of: .queueDelay, aggregation) == 7)
            #expect(measure.value(of: .workers, aggregation) == 2)
        }
    }

    @Test func `values of one's own`() {
        let minutes = [
            SampleFigures(count: 2, sum: 4, minimum: 1, maximum: 3),
            SampleFigures(count: 1, sum: 8, minimum: 8, maximum: 8),
        ]
        let values = AlertAggregation.allCases.map { AlertMeasure.value(of: minutes, $0) }
        #expect(values == [4, 12, 1, 8, 3, 8])
        #expect(AlertMeasure.value(of: [], .avg) == nil)
        // A percentile is that of the values, where they are kept.
        let mixed = Array(repeating: 0.1, count: 10) + Array(repeating: 10, count: 10)
        let minute = mixed.reduce(into: SampleFigures()) { $0.add($1) }
        #expect(AlertMeasure.value(of: [minute], values: mixed, .p95) == 10)
        #expect(AlertMeasure.value(of: [minute], .p95) == minute.average)
    }
}

/// W3C Trace Context, level 1.
@Suite struct TraceParentTests {
    @Test func `what is read is written the same`() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let parent = try #require(TraceParent(text))
        #expect(parent.text == text)
        #expect(parent.isSampled)
        #expect(parent.trace.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(parent.span.description == "00f067aa0ba902b7")
        #expect(TraceParent(text.dropLast(2) + "00")?.isSampled == false)
        #expect(TraceParent("01" + text.dropFirst(2) + "-later")?.trace == parent.trace)
    }

    @Test(arguments: [
        ("congo=t61rcWkgMzE", "congo=t61rcWkgMzE"), ("a=1, b@c=2\t,,", "a=1,b@c=2"), ("0*/_-=~ x", "0*/_-=~ x"),
    ])
    func `what systems tell each other goes on as it came`(_ text: String, _ expected: String) throws {
        let state = try #require(TraceState(text))
        #expect(state.text == expected)
        let parent = TraceParent(trace: TraceID(RandomIDGenerator().id(at: Date())), span: try span(), state: state)
        #expect(TraceParent(kept: parent.kept) == parent)
        #expect(parent.headers.map(\.name) == ["traceparent", "tracestate"])
        #expect(TraceParent(kept: parent.text)?.state == nil)
    }

    @Test(arguments: [
        "", ",", "a", "=1", "a=", "A=1", "a=1,a=2", "a=b=c", "a=é", "a=1\r\nx: y", "@a=1", "a@b@c=1",
        "a=" + String(repeating: "x", count: 257),
        (0..<33).map { "k\($0)=1" }.joined(separator: ","),
        (0..<3).map { "k\($0)=" + String(repeating: "x", count: 200) }.joined(separator: ","),
    ])
    func `what breaks the rules of a trace's state is not passed on`(_ text: String) {
        #expect(TraceState(text) == nil)
    }

    private func span() throws -> SpanID {
        try #require(TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")).span
    }

    @Test(arguments: [
        "", "00", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
    ])
    func `what is not as it should be says nothing`(_ text: String) { #expect(TraceParent(text) == nil) }
}
