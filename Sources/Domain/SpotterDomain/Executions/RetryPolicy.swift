/// How often, and how long after each other, something that failed is tried.
public struct RetryPolicy: Sendable, Codable, Hashable, FieldsDescribed {
    /// How the wait grows from one failure to the next.
    public enum Backoff: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Up to `backoffMs`, always.
        case fixed
        /// Up to `backoffMs` × the number of failures.
        case linear
        /// Up to `backoffMs` doubled with each failure.
        case exponential
    }

    /// Tries in all, the first one included: 1 never repeats. 1 to 100.
    public var maxAttempts: Int
    /// The longest wait after the first failure, in milliseconds, 0 to 3,600,000.
    public var backoffMs: Int
    /// How the longest wait grows.
    public var backoff: Backoff

    /// No wait is longer than this, whatever the policy says: one hour.
    public static let longestWait = Duration.seconds(3_600)
    /// One try.
    public static let once = RetryPolicy(maxAttempts: 1)

    /// A policy; by default three tries, the longest wait doubling from one second.
    public init(maxAttempts: Int = 3, backoffMs: Int = 1_000, backoff: Backoff = .exponential) {
        self.maxAttempts = maxAttempts
        self.backoffMs = backoffMs
        self.backoff = backoff
    }

    /// What `backoff` means, for whoever reads a schema.
    static let backoffText =
        "How the longest wait grows from failure to failure: `fixed` keeps it, `linear` adds it once more each time, "
        + "`exponential` doubles it. Each wait is drawn between 0 and that, so that what failed together does not come "
        + "back together."

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "max_attempts": Field("Tries in all, the first one included.", range: 1...100),
        "backoff_ms": Field(
            "Up to how long is waited after the first failure, in milliseconds: the wait is drawn between 0 and this.",
            range: 0...3_600_000),
        "backoff": Field(backoffText),
    ]

    /// How long to wait after the `failures`-th failure; nil when there is no further try.
    ///
    /// The wait is drawn evenly from zero to its full length ("full jitter"), so that what failed together does not
    /// come back together. What a provider asks for (`Retry-After`) is the least that is waited.
    /// - Parameters:
    ///   - failures: failures so far, this one included; 1 or more.
    ///   - draw: 0 up to 1, from the caller's source of randomness.
    public func wait(afterFailure failures: Int, draw: Double, retryAfter: Duration? = nil) -> Duration? {
        guard failures < maxAttempts else { return nil }
        let base = Double(backoffMs) / 1_000
        let full: Double =
            switch backoff {
            case .fixed: base
            case .linear: base * Double(failures)
            case .exponential: base * Double(UInt64(1) << UInt64(min(failures - 1, 32)))
            }
        let longest = Double(Self.longestWait.components.seconds)
        let drawn = Duration.seconds(min(full, longest) * min(max(draw, 0), 1))
        return min(max(drawn, retryAfter ?? .zero), Self.longestWait)
    }
}
