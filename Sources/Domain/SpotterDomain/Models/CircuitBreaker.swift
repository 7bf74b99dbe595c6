/// Decides whether a service that fails is asked again, so that neither it nor those who wait are kept busy in vain.
///
/// Closed, it lets everyone through and counts failures in a row. Too many open it: nobody gets through for a while.
/// After that it is half open: one call goes ahead, and what comes of it closes the breaker or opens it for twice as
/// long. Pure; the time is told, and of one monotonic clock.
public struct CircuitBreaker: Sendable, Hashable {
    /// When it opens, and for how long.
    public struct Options: Sendable, Hashable {
        /// Failures in a row that open it.
        public var failures = 5
        /// Failures further apart than this are not in a row.
        public var memory: Duration = .seconds(120)
        /// How long it is open at first.
        public var firstPause: Duration = .seconds(10)
        /// How long it is open at most.
        public var longestPause: Duration = .seconds(300)
        /// After this long nothing more is expected of the one call that went ahead, and another may.
        public var patience: Duration = .seconds(900)

        /// The defaults of each property.
        public init() {}
    }

    /// How it stands.
    public enum State: String, Sendable, Hashable {
        case closed, open
        case halfOpen = "half_open"
    }

    /// Allows one call, whose outcome is to be told with it.
    public struct Ticket: Sendable, Hashable {
        fileprivate let generation: Int
    }

    /// Whether a call may be made.
    public enum Admission: Sendable, Hashable {
        case admitted(Ticket)
        /// Not before this time has passed.
        case refused(retryAfter: Duration)
    }

    /// What came of a call.
    public enum Outcome: Sendable, Hashable {
        case success, failure
        /// It says nothing of the service: the call was cancelled, for one.
        case neither
    }

    private enum Phase: Sendable, Hashable {
        case closed(failures: Int, last: ContinuousClock.Instant?)
        case open(until: ContinuousClock.Instant)
        /// `since` is when the one call went ahead; nil while it may.
        case halfOpen(since: ContinuousClock.Instant?)
    }

    private let options: Options
    private var phase = Phase.closed(failures: 0, last: nil)
    private var pause: Duration
    /// Outcomes of calls from before the last change say nothing of after it.
    private var generation = 0

    /// Closed, without a failure.
    public init(_ options: Options = Options()) {
        self.options = options
        pause = options.firstPause
    }

    /// How it stands.
    public var state: State {
        switch phase {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// Whether it is as it was made: nothing is lost by forgetting it.
    public var isFresh: Bool { phase == .closed(failures: 0, last: nil) }

    /// Whether a call would be refused.
    public func refuses(at now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .closed: false
        case .open(let until): now < until
        case .halfOpen(let since): since.map { now - $0 < options.patience } ?? false
        }
    }

    /// Asks whether a call may be made.
    public mutating func admit(at now: ContinuousClock.Instant) -> Admission {
        switch phase {
        case .closed: return .admitted(Ticket(generation: generation))
        case .open(let until):
            guard now >= until else { return .refused(retryAfter: until - now) }
        case .halfOpen(let since):
            if let since, now - since < options.patience { return .refused(retryAfter: options.firstPause) }
        }
        generation += 1
        phase = .halfOpen(since: now)
        return .admitted(Ticket(generation: generation))
    }

    /// Takes what came of the call that `ticket` allowed.
    public mutating func receive(_ outcome: Outcome, of ticket: Ticket, at now: ContinuousClock.Instant) {
        guard ticket.generation == generation else { return }
        switch (phase, outcome) {
        case (.open, _), (.closed, .neither): break
        case (.closed, .success): phase = .closed(failures: 0, last: nil)
        case (.closed(let failures, let last), .failure):
            let isInARow = last.map { now - $0 <= options.memory } ?? false
            let count = isInARow ? failures + 1 : 1
            if count >= options.failures { open(at: now) } else { phase = .closed(failures: count, last: now) }
        case (.halfOpen, .neither): phase = .halfOpen(since: nil)
        case (.halfOpen, .success):
            generation += 1
            pause = options.firstPause
            phase = .closed(failures: 0, last: nil)
        case (.halfOpen, .failure):
            pause = min(pause * 2, options.longestPause)
            open(at: now)
        }
    }

    private mutating func open(at now: ContinuousClock.Instant) {
        generation += 1
        phase = .open(until: now + pause)
    }
}
