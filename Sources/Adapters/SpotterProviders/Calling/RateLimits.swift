public import Foundation
public import HTTPClientKit
import SpotterDomain

/// What a provider says, in the headers of an answer, of how much more it would take.
public struct RateLimits: Sendable, Hashable {
    /// One thing that is counted.
    public struct Window: Sendable, Hashable {
        /// How much there is of it in all; nil where that is not said.
        public let limit: Int?
        /// How much is left of it.
        public let remaining: Int
        /// When it is whole again, from the answer on; nil where that is not said.
        public let reset: Duration?

        /// A window as the headers of an answer tell of it.
        public init(limit: Int? = nil, remaining: Int, reset: Duration?) {
            self.limit = limit
            self.remaining = remaining
            self.reset = reset
        }
    }

    /// By what is counted: `requests`, `tokens` and, of some, `input-tokens` and `output-tokens`.
    public let windows: [String: Window]

    /// Windows by what they count.
    public init(windows: [String: Window]) { self.windows = windows }

    /// How long to wait until everything that is used up is there again; nil where nothing is, or it is not said.
    public var wait: Duration? { windows.values.filter { $0.remaining == 0 }.compactMap(\.reset).max() }

    /// Reads `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`, whose times
    /// are dates (RFC 3339), and `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, whose times are durations
    /// such as `6m0s`. Figures of servers that count nothing (0 of 0, -1) are passed over.
    ///
    /// - Returns: nil where there is none of them.
    public init?(_ headers: MessageHeaders, now: Date) {
        var windows: [String: Window] = [:]
        for name in ["requests", "tokens", "input-tokens", "output-tokens"] {
            let own = "anthropic-ratelimit-\(name)"
            if let window = Self.window(headers, "\(own)-limit", "\(own)-remaining") {
                let reset = headers["\(own)-reset"].flatMap { Self.until($0, now: now) }
                windows[name] = Window(limit: window.limit, remaining: window.left, reset: reset)
            } else if let window = Self.window(headers, "x-ratelimit-limit-\(name)", "x-ratelimit-remaining-\(name)") {
                let reset = headers["x-ratelimit-reset-\(name)"].flatMap { Self.duration($0) }
                windows[name] = Window(limit: window.limit, remaining: window.left, reset: reset)
            }
        }
        guard !windows.isEmpty else { return nil }
        self.windows = windows
    }

    private static func window(
        _ headers: MessageHeaders, _ limit: String, _ remaining: String
    ) -> (limit: Int?, left: Int)? {
        guard let left = headers[remaining].flatMap({ Int($0) }), left >= 0 else { return nil }
        let limit = headers[limit].flatMap { Int($0) }
        if let limit, limit <= 0 { return nil }
        return (limit, left)
    }

    /// No window is longer; what says so is wrong.
    private static let longest = 86_400.0

    private static func until(_ text: String, now: Date) -> Duration? {
        guard let date = Timestamp.date(from: text) else { return nil }
        return seconds(max(0, date.timeIntervalSince(now)))
    }

    private static func seconds(_ number: Double) -> Duration? {
        number.isFinite && (0...longest).contains(number) ? .milliseconds(Int((number * 1_000).rounded(.up))) : nil
    }

    /// A duration as Go writes it: `1h2m3.5s`, `12ms`; also a bare number of seconds.
    static func duration(_ text: String) -> Duration? {
        if let number = Double(text) { return seconds(number) }
        guard text.wholeMatch(of: /([0-9]+(\.[0-9]+)?(h|ms|m|s|us|µs|ns))+/) != nil else { return nil }
        var total = 0.0
        for match in text.matches(of: /([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|us|µs|ns)/) {
            let units = ["h": 3_600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9]
            total += (Double(match.1) ?? 0) * (units[String(match.2)] ?? 0)
        }
        return seconds(total)
    }
}
