/// How often, and how long after each other, a message is tried.
public enum OutboxRetry {
    /// Eight tries within some two hours, the waits doubling from half a minute.
    public static let policy = RetryPolicy(maxAttempts: 8, backoffMs: 30_000, backoff: .exponential)

    /// What becomes of a message after a try.
    ///
    /// - Parameters:
    ///   - attempt: which try it was; 1 or more.
    ///   - draw: 0 up to 1, from the caller's source of randomness.
    public static func outcome(of delivery: DeliveryOutcome, attempt: Int, draw: Double) -> OutboxOutcome {
        switch delivery {
        case .accepted(let reference): .sent(providerId: reference)
        case .refused(let reason, _): .ended(.failed, reason: reason)
        case .unknown(let reason): .ended(.needsReview, reason: reason)
        case .interrupted: .handedBack(until: nil, reason: nil)
        case .postponed(let reason, let after):
            if let wait = policy.wait(afterFailure: attempt, draw: draw, retryAfter: after) {
                .again(after: max(wait, .seconds(1)), reason: reason)
            } else {
                .ended(.failed, reason: "Tried \(attempt) times. \(reason)")
            }
        }
    }
}
