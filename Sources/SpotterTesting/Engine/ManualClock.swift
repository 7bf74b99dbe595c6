public import Foundation
public import SpotterDomain
import Synchronization

/// A wall clock that goes on only when it is told to.
public final class ManualClock: WallClock {
    private let time: Mutex<Date>

    /// A clock that shows `start`.
    public init(_ start: Date = TestOrganization.start) { time = Mutex(start) }

    /// What it shows.
    public func now() -> Date { time.withLock { $0 } }

    /// Moves it on.
    public func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
}
