public import Foundation

/// What a target said.
public enum HookAnswer: Sendable, Hashable {
    /// An answer, whatever its status.
    ///
    /// - Parameter retryAfter: seconds that the target asks for.
    case answered(status: Int, retryAfter: Double?, beginning: String)
    /// No answer, or none that could be read.
    case failed(String)
    /// Nothing was tried, for a reason that is not the target's.
    case interrupted(String)
}

/// What becomes of a delivery after an attempt.
public struct OutboundOutcome: Sendable, Hashable {
    /// What it comes to.
    public enum Step: Sendable, Hashable {
        case delivered
        /// Another attempt, after a while.
        case again(after: Duration)
        /// Nothing was tried: as if it had not been taken.
        case handedBack(after: Duration)
        /// No further attempt.
        case failed
    }

    /// What the delivery comes to.
    public var step: Step
    /// Why it is not delivered.
    public var reason: String?
    /// The attempt, for the log; nil where nothing was tried.
    public var attempt: HookAttempt?
    /// How long the target as a whole is left alone.
    public var pause: Duration?
    /// Whether the target wants nothing any more.
    public var isGone: Bool
    /// Whether the target has done what it should not.
    public var isFailure: Bool {
        switch step {
        case .again, .failed: true
        case .delivered, .handedBack: false
        }
    }

    /// An outcome.
    public init(
        _ step: Step, reason: String? = nil, attempt: HookAttempt? = nil, pause: Duration? = nil, isGone: Bool = false
    ) {
        self.step = step
        self.reason = reason
        self.attempt = attempt
        self.pause = pause
        self.isGone = isGone
    }
}

/// How often, and how long after each other, a delivery is tried: the schedule of Standard Webhooks 1.0.
public enum OutboundRetry {
    /// The waits after the first, second, … failure, in seconds: ten attempts in 75 h 35 min.
    public static let waits: [Double] = [
        5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]
    /// The longest wait that a target may ask for.
    private static let longestAsked = 86_400.0
    /// For how long a target may have all its messages wait.
    private static let longestPause = 3_600.0
    /// For how long it is left alone where it says that it is busy, and no more.
    private static let shortestPause = 5.0

    /// What becomes of a delivery.
    ///
    /// - Parameters:
    ///   - attempt: which attempt it was; 1 or more.
    ///   - draw: 0 up to 1, from the caller's source of randomness.
    public static func outcome(
        of answer: HookAnswer, attempt: Int, at start: Date, took duration: Duration, draw: Double
    ) -> OutboundOutcome {
        let milliseconds = max(0, Int((duration / .milliseconds(1)).rounded()))
        func noted(_ status: Int?, _ beginning: String?, _ error: String?) -> HookAttempt {
            HookAttempt(at: start, durationMs: milliseconds, status: status, answer: beginning, error: error)
        }
        switch answer {
        case .interrupted(let reason): return OutboundOutcome(.handedBack(after: .seconds(5)), reason: reason)
        case .answered(let status, _, let beginning) where (200..<300).contains(status):
            return OutboundOutcome(.delivered, attempt: noted(status, beginning, nil))
        case .answered(410, _, let beginning):
            let reason = "The target answered 410: it is gone for good."
            return OutboundOutcome(.failed, reason: reason, attempt: noted(410, beginning, reason), isGone: true)
        case .answered(let status, let retryAfter, let beginning):
            let reason =
                (300..<400).contains(status)
                ? "The target answered \(status); redirects are not followed." : "The target answered \(status)."
            let asked = max(0, retryAfter ?? 0)
            let isBusy = [429, 502, 503, 504].contains(status)
            let pause = isBusy ? min(max(asked, shortestPause), longestPause) : nil
            return next(
                after: attempt, reason, noted(status, beginning, reason), asked: min(asked, longestAsked), pause: pause,
                draw: draw)
        case .failed(let reason): return next(after: attempt, reason, noted(nil, nil, reason), draw: draw)
        }
    }

    private static func next(
        after attempt: Int, _ reason: String, _ noted: HookAttempt, asked: Double = 0, pause: Double? = nil,
        draw: Double
    ) -> OutboundOutcome {
        let pause = pause.map { Duration.seconds($0) }
        guard attempt >= 1, attempt <= waits.count else {
            return OutboundOutcome(
                .failed, reason: "Tried \(attempt) times. \(reason)", attempt: noted, pause: pause)
        }
        // Those that failed together do not come back together; the whole schedule still ends within 80 hours.
        let wait = waits[attempt - 1] * (1 + 0.05 * draw) + 2 * draw
        return OutboundOutcome(
            .again(after: .seconds(max(wait, asked + 2 * draw))), reason: reason, attempt: noted, pause: pause)
    }

    /// The seconds that a `Retry-After` asks for, given as a number or as an HTTP date (RFC 9110 §10.2.3).
    public static func seconds(ofRetryAfter value: String, at now: Date) -> Double? {
        let text = value.trimmingCharacters(in: .whitespaces)
        if !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Double(text)
        }
        return HTTPDate.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
    }
}
