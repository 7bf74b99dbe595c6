import Synchronization

/// Every metric of a process, in the order in which they were registered.
public final class MetricsRegistry: Sendable {
    /// One metric as it can be written.
    enum Family: Sendable {
        case counter(MetricFamily<Counter>)
        case sum(MetricFamily<Sum>)
        case gauge(MetricFamily<Gauge>)
        case histogram(MetricFamily<Histogram>)
    }

    private let state = Mutex<[Family]>([])
    private let collectors = Mutex<[@Sendable () async -> Void]>([])

    /// A registry without metrics.
    public init() {}

    /// Registers a counter of whole numbers.
    public func counter(_ description: MetricDescription) -> MetricFamily<Counter> {
        let family = MetricFamily(description) { Counter($0) }
        add(.counter(family), description)
        return family
    }

    /// Registers a counter of numbers that are not whole.
    public func sum(_ description: MetricDescription) -> MetricFamily<Sum> {
        let family = MetricFamily(description) { Sum($0) }
        add(.sum(family), description)
        return family
    }

    /// Registers a gauge.
    public func gauge(_ description: MetricDescription) -> MetricFamily<Gauge> {
        let family = MetricFamily(description) { Gauge($0) }
        add(.gauge(family), description)
        return family
    }

    /// Registers a histogram.
    public func histogram(_ description: MetricDescription) -> MetricFamily<Histogram> {
        let family = MetricFamily(description) { Histogram(bounds: description.buckets, $0) }
        add(.histogram(family), description)
        return family
    }

    private func add(_ family: Family, _ description: MetricDescription) {
        state.withLock { families in
            precondition(
                !families.contains { $0.description.name == description.name }, "\(description.name) is there twice")
            families.append(family)
        }
    }

    /// Has `collect` called before the metrics are written: for gauges that somebody else keeps.
    public func onCollect(_ collect: @escaping @Sendable () async -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// The metrics as text.
    public func text(_ format: PrometheusFormat) async -> String {
        for collect in collectors.withLock({ $0 }) { await collect() }
        var writer = PrometheusWriter(format)
        for family in families { writer.write(family) }
        return writer.finish()
    }

    /// What is registered.
    public var descriptions: [MetricDescription] { families.map(\.description) }

    /// The names of those that somebody has recorded.
    public var recorded: Set<String> { Set(families.filter(\.isRecorded).map(\.description.name)) }

    private var families: [Family] { state.withLock { $0 } }
}

extension MetricsRegistry.Family {
    var description: MetricDescription {
        switch self {
        case .counter(let family): family.description
        case .sum(let family): family.description
        case .gauge(let family): family.description
        case .histogram(let family): family.description
        }
    }

    var isRecorded: Bool {
        switch self {
        case .counter(let family): family.mark.value
        case .sum(let family): family.mark.value
        case .gauge(let family): family.mark.value
        case .histogram(let family): family.mark.value
        }
    }
}
