/// Keeps HighLevel's limits before it has to say so: a burst of 100 requests in ten seconds and 200,000 a day for each
/// location. Pure; times are those of a clock that only goes on.
struct RequestGate: Sendable {
    /// Less than the limit: the tools of other processes ask, too.
    static let burst = 80
    static let window = Duration.seconds(10)

    /// When the last requests were made, the oldest first.
    private var made: [Duration] = []
    /// Nothing goes before this.
    private var closedUntil: Duration = .zero

    /// How long a request has to wait; it counts as made then.
    mutating func enter(at now: Duration) -> Duration {
        made.removeAll { $0 + Self.window <= now }
        var start = max(now, closedUntil)
        if made.count >= Self.burst { start = max(start, made[made.count - Self.burst] + Self.window) }
        made.append(start)
        return start - now
    }

    /// What an answer says about the limits.
    ///
    /// - Parameters:
    ///   - remaining: `X-RateLimit-Remaining`: requests that are left of the burst.
    ///   - interval: `X-RateLimit-Interval-Milliseconds`: how long the burst lasts.
    mutating func learn(remaining: Int?, interval: Int?, at now: Duration) {
        guard let remaining, remaining <= 1 else { return }
        close(for: .milliseconds(min(max(interval ?? 10_000, 100), 60_000)), at: now)
    }

    /// Lets nothing through for a while.
    mutating func close(for time: Duration, at now: Duration) { closedUntil = max(closedUntil, now + time) }
}
