/// What one process knows of a bucket of tokens that all processes share, and the tokens of it that it has in hand.
///
/// A token bucket holds `quota` tokens and refills at `quota` a minute. The shared one is a row of the database; each
/// process takes slices of it (two in a hundred, at least one), spends them here, and takes the next before the slice is
/// gone, so that a request waits for the database only where the slices are single tokens or nothing is left.
///
/// Bounds: while a slice is on its way, less than one more may be spent on credit, which the next lease pays back. So
/// `n` processes let through, in any time, at most what one bucket would, and `n` times four hundredths of the quota. A
/// process that dies takes at most one slice with it, once. Without the database each process lets through the quota by
/// itself, with a slice as its burst.
///
/// Pure: times are seconds of any clock that only goes forward.
public struct LeasedBucket: Sendable {
    /// What becomes of a request.
    public enum Verdict: Sendable, Hashable {
        /// It may go on. `shouldLease`: and somebody should take the next slice meanwhile.
        case allowed(shouldLease: Bool)
        /// Nothing is in hand; a lease will tell.
        case mustLease
        /// Nothing is left, for so many seconds at least.
        case refused(retryAfter: Int)
    }

    /// Tokens that the shared bucket holds when it is full, and gets in a minute.
    public private(set) var quota: Int
    /// Whether a slice is on its way.
    public private(set) var isLeasing = false

    private var inHand = 0.0
    /// What the lease that is under way has given back, or owes.
    private var handedIn = 0.0
    private var shared: Double
    private var heardAt: Double?
    private var isDry = false
    private var dryUntil = 0.0
    /// Since when tokens have been counted here alone, because the database does not answer.
    private var alone: Double?
    private var leaseAgainAt = 0.0

    /// What is known grows old after so many seconds: then it is asked for again even with tokens in hand.
    private static let freshness = 10.0
    /// The shortest time between two leases of an empty bucket, unless a whole slice comes sooner.
    private static let patience = 0.5

    /// - Parameter quota: what holds until the shared bucket has been asked.
    public init(quota: Int) {
        self.quota = max(1, quota)
        shared = Double(max(1, quota))
    }

    /// How many tokens a lease takes from a bucket of that quota.
    public static func slice(of quota: Int) -> Int { max(1, (quota + 49) / 50) }

    private var rate: Double { Double(quota) / 60 }
    private var slice: Double { Double(Self.slice(of: quota)) }

    /// Takes a token for a request, if it can be had here and now.
    public mutating func spend(at now: Double) -> Verdict {
        if let since = alone {
            inHand = min(slice, inHand + max(0, now - since) * rate)
            alone = now
        }
        let isOnCredit = heardAt != nil && alone == nil && !isDry
        if inHand >= 1 || isOnCredit && inHand - 1 >= 1 - slice {
            inHand -= 1
            return .allowed(shouldLease: shouldLease(at: now))
        }
        if alone != nil, now < leaseAgainAt { return .refused(retryAfter: Self.seconds((1 - inHand) / rate)) }
        if isDry, now < dryUntil { return .refused(retryAfter: Self.seconds(dryUntil - now)) }
        return .mustLease
    }

    private func shouldLease(at now: Double) -> Bool {
        guard !isLeasing, now >= leaseAgainAt else { return false }
        guard let heardAt else { return true }
        return alone != nil || inHand <= (slice / 2).rounded(.down) || now - heardAt > Self.freshness
    }

    /// Gives a token back that was taken for a request which something else has refused.
    public mutating func giveBack() { inHand += 1 }

    /// Begins a lease.
    ///
    /// - Returns: what goes back into the shared bucket; negative for what was spent on credit.
    public mutating func beginLease() -> Double {
        // What was counted here alone never was a part of the shared bucket.
        handedIn = alone == nil ? inHand : min(inHand, 0)
        inHand -= handedIn
        isLeasing = true
        return handedIn
    }

    /// Takes in what a lease has brought.
    public mutating func settle(_ lease: RateLease, at now: Double) {
        isLeasing = false
        quota = max(1, lease.quota)
        inHand = (alone == nil ? inHand : min(inHand, 0)) + Double(lease.granted)
        handedIn = 0
        alone = nil
        leaseAgainAt = 0
        shared = lease.remaining
        heardAt = now
        isDry = lease.granted == 0
        dryUntil = now + max((1 - lease.remaining) / rate, min(Self.patience, slice / rate))
    }

    /// Takes note that a lease could not be had.
    public mutating func fail(at now: Double) {
        isLeasing = false
        inHand += handedIn
        handedIn = 0
        alone = alone ?? now
        leaseAgainAt = now + 1
        // The first token is there at once: whoever comes first is not turned away for the database's sake.
        if heardAt == nil, inHand < 1 { inHand = 1 }
        heardAt = heardAt ?? now
    }

    /// How many requests are left, as far as this process knows.
    public func remaining(at now: Double) -> Int {
        let refilled = alone == nil ? shared + max(0, now - (heardAt ?? now)) * rate : 0
        return Int(max(0, min(Double(quota), refilled + inHand + handedIn)))
    }

    /// In how many seconds the bucket would be full again.
    public func secondsUntilFull(at now: Double) -> Int {
        let missing = quota - remaining(at: now)
        return missing == 0 ? 0 : Self.seconds(Double(missing) / rate)
    }

    private static func seconds(_ time: Double) -> Int { max(1, Int(time.rounded(.up))) }
}
