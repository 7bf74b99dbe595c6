import Foundation
import SpotterDomain

/// Whether and when a failed attempt is tried again: the rules of the providers' own SDKs.
struct RetryPolicy: Sendable {
    /// A provider is obeyed up to this; what is longer is not waited for.
    static let longestObeyed: Duration = .seconds(60)
    static let first: Duration = .milliseconds(500)
    static let longest: Duration = .seconds(8)

    /// Whether the status, or the provider's word about it, allows another attempt.
    static func isRetryable(_ error: ModelError, shouldRetry: Bool?) -> Bool {
        // Without money or quota the answer stays the same, whatever the header says.
        if error.kind == .quotaExhausted { return false }
        if let shouldRetry { return shouldRetry }
        if let status = error.status, status != 200 {
            return status == 408 || status == 409 || status == 429 || status >= 500
        }
        switch error.kind {
        case .unreachable, .interrupted, .overloaded, .serverError, .rateLimited: return true
        default: return false
        }
    }

    /// How long to wait before the attempt after `attempt` (0 is the first): what the provider says if that is up to
    /// a minute, else full jitter over 0.5 s doubling to 8 s.
    static func delay(after attempt: Int, retryAfter: Duration?, random: Double) -> Duration {
        if let retryAfter, retryAfter > .zero, retryAfter <= longestObeyed { return retryAfter }
        let ceiling = min(longest, first * (1 << min(attempt, 10)))
        return ceiling * min(max(random, 0), 1)
    }

    /// What the headers say: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
    static func retryAfter(milliseconds: String?, value: String?, now: Date) -> Duration? {
        if let number = milliseconds.flatMap({ Double($0) }) { return duration(seconds: number / 1000) }
        guard let value else { return nil }
        if let number = Double(value) { return duration(seconds: number) }
        return HTTPDate.date(from: value).flatMap { duration(seconds: $0.timeIntervalSince(now)) }
    }

    private static func duration(seconds: Double) -> Duration? {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return nil }
        return .milliseconds(Int((seconds * 1000).rounded(.up)))
    }
}
