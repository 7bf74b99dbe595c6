import Foundation

/// Places where a process may be made to die, to show that nothing is lost there.
///
/// Armed in debug builds alone, by `SPOTTER_CRASH_AT=after-effect`; a release build passes them without a look.
enum FaultPoint: String {
    case afterClaim = "after-claim"
    case afterJournal = "after-journal"
    case afterEffect = "after-effect"
    case beforeRecord = "before-record"
    case afterRecord = "after-record"
    case afterFire = "after-fire"
    /// The end of a run is written, and what it had begun is not cancelled yet.
    case afterEnd = "after-end"
    case beforeDelivery = "before-delivery"
    case afterDelivery = "after-delivery"
    case beforeFeed = "before-feed"
    case afterFeed = "after-feed"
    case beforeHook = "before-hook"
    case afterHook = "after-hook"

    #if DEBUG
        private static let armed = ProcessInfo.processInfo.environment["SPOTTER_CRASH_AT"]
    #endif

    @inline(__always) func pass() {
        #if DEBUG
            if Self.armed == rawValue { kill(getpid(), SIGKILL) }
        #endif
    }
}
