public import MetricsKit
public import SpotterDomain

/// What records Spotter's metrics: each entry of the catalogue with its handle.
public final class Meters: Sendable {
    /// What is given out.
    public let registry = MetricsRegistry()

    let requests: MetricFamily<Counter>
    let requestDuration: MetricFamily<Histogram>
    /// Requests that are being answered.
    public let requestsInFlight: Gauge
    let roundTrip: Histogram
    let databaseErrors: MetricFamily<Counter>
    let databaseInFlight: Gauge
    let databaseWaiting: Gauge
    let databaseConnections: Gauge
    let ready: Gauge
    let running: Gauge
    let waiting: Gauge
    let oldestReady: Gauge
    let workers: Gauge
    let claimDuration: Histogram
    let claimed: Counter
    let startDelay: Histogram
    let fires: MetricFamily<Counter>
    let lateness: Histogram
    let runs: MetricFamily<Counter>
    let runDuration: MetricFamily<Histogram>
    let runsInProgress: Gauge
    let agentRuns: MetricFamily<Counter>
    let agentBusy: MetricFamily<Sum>
    let agentResponse: Histogram
    let taskRuns: MetricFamily<Counter>
    let workflowRuns: MetricFamily<Counter>
    let givenUp: Counter
    let modelCalls: MetricFamily<Counter>
    let modelDuration: MetricFamily<Histogram>
    let firstToken: MetricFamily<Histogram>
    let tokens: MetricFamily<Counter>
    let breaker: MetricFamily<Gauge>
    let toolCalls: MetricFamily<Counter>
    let toolDuration: MetricFamily<Histogram>
    let billed: MetricFamily<Sum>
    let events: MetricFamily<Counter>
    let eventReaders: Gauge
    let hookMessages: MetricFamily<Counter>
    let deliveries: MetricFamily<Counter>
    let alertChanges: MetricFamily<Counter>
    let alertLooks: Counter
    let spansSent: Counter
    let spansDropped: Counter
    let residentMemory: Gauge
    /// When the process began.
    public let startTime: Gauge
    let build: MetricFamily<Gauge>

    /// Registers the whole catalogue.
    ///
    /// - Parameter version: of the build.
    public init(version: String) {
        var catalogue = MetricsCatalog.all[...]
        let registry = registry
        // In the order of the catalogue, so that an entry is named once, there.
        func next() -> MetricDescription {
            guard let description = catalogue.popFirst() else { preconditionFailure("the catalogue is too short") }
            return description
        }
        requests = registry.counter(next())
        requestDuration = registry.histogram(next())
        requestsInFlight = registry.gauge(next())()
        roundTrip = registry.histogram(next())()
        databaseErrors = registry.counter(next())
        databaseInFlight = registry.gauge(next())()
        databaseWaiting = registry.gauge(next())()
        databaseConnections = registry.gauge(next())()
        ready = registry.gauge(next())()
        running = registry.gauge(next())()
        waiting = registry.gauge(next())()
        oldestReady = registry.gauge(next())()
        workers = registry.gauge(next())()
        claimDuration = registry.histogram(next())()
        claimed = registry.counter(next())()
        startDelay = registry.histogram(next())()
        fires = registry.counter(next())
        lateness = registry.histogram(next())()
        runs = registry.counter(next())
        runDuration = registry.histogram(next())
        runsInProgress = registry.gauge(next())()
        agentRuns = registry.counter(next())
        agentBusy = registry.sum(next())
        agentResponse = registry.histogram(next())()
        taskRuns = registry.counter(next())
        workflowRuns = registry.counter(next())
        givenUp = registry.counter(next())()
        modelCalls = registry.counter(next())
        modelDuration = registry.histogram(next())
        firstToken = registry.histogram(next())
        tokens = registry.counter(next())
        breaker = registry.gauge(next())
        toolCalls = registry.counter(next())
        toolDuration = registry.histogram(next())
        billed = registry.sum(next())
        events = registry.counter(next())
        eventReaders = registry.gauge(next())()
        hookMessages = registry.counter(next())
        deliveries = registry.counter(next())
        alertChanges = registry.counter(next())
        alertLooks = registry.counter(next())()
        spansSent = registry.counter(next())()
        spansDropped = registry.counter(next())()
        residentMemory = registry.gauge(next())()
        startTime = registry.gauge(next())()
        build = registry.gauge(next())
        build(version).set(1)
    }

    /// A message of another system came to a hook.
    ///
    /// - Parameter outcome: `accepted`, `failed`, `repeated` or `refused`.
    public func noteHookMessage(_ outcome: String) { hookMessages(outcome).add() }

    /// An attempt to deliver to another system has come to an end.
    ///
    /// - Parameter outcome: `delivered`, `retried` or `failed`.
    public func noteDelivery(_ outcome: String) { deliveries(outcome).add() }

    /// The database has answered, or not.
    ///
    /// - Parameter failure: of which kind, where it has failed.
    public func noteRoundTrip(_ elapsed: Duration, failure: String?) {
        roundTrip.record(elapsed)
        if let failure { databaseErrors(failure).add() }
    }

    /// Spans were taken by a collector, or given up.
    public func noteSpans(sent: Int, dropped: Int) {
        if sent > 0 { spansSent.add(sent) }
        if dropped > 0 { spansDropped.add(dropped) }
    }

    /// The metrics as text, in the format that an `Accept` header wants.
    ///
    /// - Parameters:
    ///   - isWhole: whether those of the process are among them.
    ///   - recorded: what an organisation has recorded itself.
    public func text(
        accepting accept: String?, isWhole: Bool = true, recorded: [CustomSeries] = []
    ) async -> (contentType: String, text: String) {
        let format = PrometheusFormat.negotiate(accept)
        let own = await RecordedMetrics(recorded).registry.text(format)
        guard isWhole else { return (format.contentType, own) }
        let process = await registry.text(format)
        return (format.contentType, recorded.isEmpty ? process : process.dropping(format.ending) + own)
    }
}

extension String {
    fileprivate func dropping(_ ending: String) -> String { hasSuffix(ending) ? String(dropLast(ending.count)) : self }
}

/// Counts the requests to one route: its handles, found with the first request, so that routes that nobody asks have no
/// series. All classes of status are there from then on, so that the first failure is seen as a rise.
public final class RouteMeter: Sendable {
    private final class Series: Sendable {
        let classes: [Counter]
        let duration: Histogram

        init(_ meters: Meters, _ method: String, _ route: String) {
            classes = (1...5).map { meters.requests(method, route, "\($0)xx") }
            duration = meters.requestDuration(method, route)
        }
    }

    private let series: LazyCell<Series>
    private let inFlight: Gauge

    /// - Parameter route: the path with its parameters in braces.
    public init(_ meters: Meters, method: String, route: String) {
        series = LazyCell { Series(meters, method, route) }
        inFlight = meters.requestsInFlight
    }

    /// A request is being answered.
    public func begin() {
        _ = series.value
        inFlight.add(1)
    }

    /// It was.
    public func end(status: Int, after elapsed: Duration) {
        inFlight.add(-1)
        series.value.classes[min(max(status / 100, 1), 5) - 1].add()
        series.value.duration.record(elapsed)
    }
}
