/// The pauses between attempts to connect: doubling from 50 ms to 5 s, each taken at random from its upper half so
/// that many processes do not come back at the same instant.
struct Backoff {
    private var attempt = 0

    /// The pause before the next attempt.
    mutating func next() -> Duration {
        let ceiling = min(5_000.0, 50.0 * Double(1 << min(attempt, 10)))
        attempt += 1
        return .microseconds(Int64(Double.random(in: ceiling / 2...ceiling) * 1_000))
    }

    mutating func reset() { attempt = 0 }
}
