/// What is done to the system while it works.
enum Fault: Sendable, Hashable, CustomStringConvertible {
    case killWorker
    case killServer
    /// A worker dies when it comes by this point.
    case crashWorker(at: String)
    /// The process that answers requests does, while it runs a turn.
    case crashServer(at: String)
    case restartDatabase
    /// A few of the database's sessions are ended, whosever they are.
    case cutSessions
    /// The session is ended by which a process shows that it is alive.
    case cutHeart
    /// A process is held still for longer than its lease, and then goes on.
    case freezeWorker
    case drainWorker
    /// Work that no process survives.
    case poison

    /// The engine's fault points, see `FaultPoint`.
    private static let points = ["after-claim", "after-journal", "after-effect", "before-record", "after-record"]

    /// Each once: what a run must have seen.
    static let all: [Fault] =
        points.map { .crashWorker(at: $0) } + [
            .killWorker, .killServer, .crashServer(at: "after-effect"), .crashServer(at: "after-end"), .restartDatabase,
            .cutSessions, .cutHeart,
            .freezeWorker, .drainWorker, .poison,
        ]

    /// What happens again where there is time: not what is there once, or takes long.
    private static let frequent: [Fault] = [
        .killWorker, .killWorker, .killServer, .crashServer(at: "after-record"), .restartDatabase, .cutSessions,
        .cutHeart, .freezeWorker, .drainWorker, .drainWorker,
    ]

    var description: String {
        switch self {
        case .killWorker: "kill a worker"
        case .killServer: "kill the API"
        case .crashWorker(let point): "crash a worker at \(point)"
        case .crashServer(let point): "crash the API at \(point)"
        case .restartDatabase: "restart the database at once"
        case .cutSessions: "end sessions"
        case .cutHeart: "end a heart's session"
        case .freezeWorker: "freeze a worker beyond its lease"
        case .drainWorker: "drain a worker"
        case .poison: "poison"
        }
    }

    /// What happens when in a run: each fault once, and as many again as there is time for.
    static func plan(seed: UInt64, lasting time: Duration) -> [(at: Duration, fault: Fault)] {
        var dice = Dice(seed: seed, for: "faults")
        let further = max(0, Int(time / .milliseconds(2_500)) - all.count)
        var faults = all.shuffled(using: &dice)
        for _ in 0..<further {
            guard let fault = frequent.randomElement(using: &dice) else { break }
            // Those that must happen come early enough to have their effect.
            faults.insert(fault, at: Int.random(in: faults.count / 2...faults.count, using: &dice))
        }
        // They end a little before the time does, so that the last ones meet work.
        let share = time * 0.9 / faults.count
        return faults.enumerated().map { index, fault in
            (share * index + share * Double.random(in: 0..<1, using: &dice), fault)
        }
    }
}
