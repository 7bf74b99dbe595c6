/// A bucket of tokens of one process alone: it holds `quota` tokens and gets as many in a minute.
///
/// Pure: times are seconds of any clock that only goes forward.
public struct TokenBucket: Sendable {
    /// What it holds when it is full.
    public let quota: Int
    private var tokens: Double
    private var filledAt: Double

    /// A full bucket.
    public init(quota: Int, at now: Double) {
        self.quota = max(1, quota)
        tokens = Double(max(1, quota))
        filledAt = now
    }

    private var rate: Double { Double(quota) / 60 }

    private mutating func refill(at now: Double) {
        tokens = min(Double(quota), tokens + max(0, now - filledAt) * rate)
        filledAt = max(filledAt, now)
    }

    /// Takes a token; false where there is none.
    public mutating func spend(at now: Double) -> Bool {
        refill(at: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// How many are left.
    public func remaining(at now: Double) -> Int {
        Int(min(Double(quota), tokens + max(0, now - filledAt) * rate))
    }

    /// In how many seconds there is one; 0 where there is.
    public func secondsUntilNext(at now: Double) -> Int {
        let there = min(Double(quota), tokens + max(0, now - filledAt) * rate)
        return there >= 1 ? 0 : max(1, Int(((1 - there) / rate).rounded(.up)))
    }

    /// In how many seconds it would be full.
    public func secondsUntilFull(at now: Double) -> Int {
        let there = min(Double(quota), tokens + max(0, now - filledAt) * rate)
        return Int(((Double(quota) - there) / rate).rounded(.up))
    }
}
