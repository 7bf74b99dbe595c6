public import Foundation

/// How long a call bears silence, and how it waits between attempts. The waiting, the chance and the date are injected,
/// so that tests wait for nothing.
public struct CallTiming: Sendable {
    /// How long looking up the provider, connecting and the TLS handshake may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a stream may be silent. Providers send pings or the first token well within it.
    public var silenceLimit: Duration = .seconds(120)
    /// How often a call is tried again.
    public var maximumRetries = 2
    /// Waits between attempts.
    public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// A number from 0 to 1 for the jitter.
    public var random: @Sendable () -> Double = { .random(in: 0...1) }
    /// The date, for `Retry-After` dates.
    public var now: @Sendable () -> Date = { Date() }

    /// The defaults of each property.
    public init() {}
}
