import SpotterDomain

/// What a heart knows, and what follows from it: when to enter, to beat, and to give up. No clock and no database.
///
/// The process counts itself alive for two thirds of a lease after the *sending* of the last beat that was confirmed;
/// the others count it alive for the whole lease after it arrived. In between there is time to let go.
struct HeartState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What the heart does at its next beat.
    enum Action: Sendable, Equatable {
        case enter
        case beat(WorkerID)
        case nothing
    }

    /// Why a process gives up what it holds.
    enum Loss: String, Sendable {
        case denied = "others think this process dead"
        case silence = "no beat was confirmed in time"
    }

    /// Under which name the process works; nil while it is not thought alive.
    private(set) var worker: WorkerID?
    private(set) var isStopping = false
    private(set) var isReleased = false
    private var confirmedAt: Instant?
    private let silenceAllowed: Duration

    init(lease: Duration) { silenceAllowed = lease * 2 / 3 }

    var next: Action {
        if let worker { return .beat(worker) }
        return isStopping ? .nothing : .enter
    }

    /// When the process is lost unless a beat is confirmed before; nil while there is nothing to lose.
    var lostAt: Instant? { worker == nil ? nil : confirmedAt.map { $0 + silenceAllowed } }

    /// The database has taken the process in under this name; `sentAt` is from before it was asked.
    mutating func entered(as worker: WorkerID, sentAt: Instant) {
        self.worker = worker
        confirmedAt = sentAt
    }

    /// The database has answered a beat. A late answer about a name that was given up changes nothing.
    ///
    /// - Returns: why everything held must be let go of, if it must.
    mutating func answered(_ isAlive: Bool, for worker: WorkerID, sentAt: Instant) -> Loss? {
        guard worker == self.worker else { return nil }
        guard isAlive else { return lose(.denied) }
        confirmedAt = sentAt
        return nil
    }

    /// - Returns: why everything held must be let go of, if it has been silent for too long.
    mutating func check(at now: Instant) -> Loss? {
        guard let lostAt, now >= lostAt else { return nil }
        return lose(.silence)
    }

    mutating func stop(releasing: Bool) {
        isStopping = true
        if releasing { isReleased = true }
    }

    private mutating func lose(_ loss: Loss) -> Loss {
        worker = nil
        confirmedAt = nil
        return loss
    }
}
