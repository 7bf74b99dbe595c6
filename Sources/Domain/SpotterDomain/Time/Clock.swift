public import Foundation

/// The wall clock, injected so that tests decide what time it is.
public protocol WallClock: Sendable {
    /// Now. Taken once per transaction or turn and passed on from there.
    func now() -> Date
}

/// The system's clock.
public struct SystemClock: WallClock {
    /// There is nothing to set.
    public init() {}
    /// The time it is now.
    public func now() -> Date { Date() }
}
