/// Shares what one key of a provider allows among the organisations that use it.
///
/// While there is enough, everyone goes ahead. Where the provider has said that nothing is left, or too many calls are
/// under way, callers wait, and whenever there is room the organisations take turns: who asks a thousand times waits no
/// less than who asks once. Pure; the time is told, and of one monotonic clock.
public struct FairShare: Sendable {
    /// How many may be under way and in line.
    public struct Options: Sendable, Hashable {
        /// Calls under way at one time: as many as the client has connections, since a call that waits costs little.
        /// What holds callers back is what the provider says.
        public var concurrent = 16_384
        /// Callers in line, of all organisations.
        public var waiting = 16_384
        /// Callers in line of one organisation.
        public var waitingOfOne = 4_096

        /// The defaults of each property.
        public init() {}
    }

    /// What a caller may do.
    public enum Entry: Sendable, Hashable {
        /// Go ahead, and say so afterwards.
        case entered
        /// Wait until this number is called.
        case waits(Int)
        /// Come back later: the line is full, or there is nothing to be had within the caller's time.
        case refused(retryAfter: Duration)
    }

    private let options: Options
    private var underWay = 0
    /// What is left until `resetAt`; nil where the provider has not said.
    private var left: Int?
    private var whole: Int?
    private var resetAt: ContinuousClock.Instant?
    private var lines: [OrganizationID: [Int]] = [:]
    /// The organisations in line, the next first.
    private var turns: [OrganizationID] = []
    private var owners: [Int: OrganizationID] = [:]
    private var lastNumber = 0

    /// Nobody under way, nobody in line, nothing known of the provider.
    public init(_ options: Options = Options()) { self.options = options }

    /// How many are in line.
    public var waiting: Int { owners.count }

    /// Nobody is under way or in line: nothing but the provider's last word is lost by forgetting it.
    public var isIdle: Bool { underWay == 0 && owners.isEmpty }

    /// When there will be more to be had; nil where only a caller that leaves makes room.
    public var wakesAt: ContinuousClock.Instant? { (left ?? 1) > 0 ? nil : resetAt }

    /// Asks to go ahead; `patience` is how long the caller would wait.
    public mutating func enter(
        _ organization: OrganizationID, patience: Duration, at now: ContinuousClock.Instant
    ) -> Entry {
        refill(at: now)
        if owners.isEmpty, hasRoom {
            take()
            return .entered
        }
        let wait = wakesAt.map { max($0 - now, .zero) }
        if let wait, wait > patience { return .refused(retryAfter: wait) }
        let line = lines[organization] ?? []
        guard owners.count < options.waiting, line.count < options.waitingOfOne else {
            return .refused(retryAfter: wait ?? .seconds(1))
        }
        lastNumber += 1
        owners[lastNumber] = organization
        lines[organization] = line + [lastNumber]
        if line.isEmpty { turns.append(organization) }
        return .waits(lastNumber)
    }

    /// A caller that went ahead is done. Returns who may go ahead now.
    public mutating func leave(at now: ContinuousClock.Instant) -> [Int] {
        underWay = max(0, underWay - 1)
        // An answer that said nothing of it: what was left by the last word is no longer known.
        if resetAt == nil, (left ?? 1) <= 0 { left = nil }
        return call(at: now)
    }

    /// A caller gives up waiting. False where it has been called already: then it is under way.
    public mutating func abandon(_ number: Int) -> Bool {
        guard let organization = owners.removeValue(forKey: number) else { return false }
        lines[organization]?.removeAll { $0 == number }
        if lines[organization]?.isEmpty ?? true {
            lines[organization] = nil
            turns.removeAll { $0 == organization }
        }
        return true
    }

    /// The provider says how many calls it would still take, out of how many, and when there will be all of them again.
    /// Returns who may go ahead now.
    public mutating func learn(
        left: Int, of whole: Int?, reset: Duration?, at now: ContinuousClock.Instant
    ) -> [Int] {
        self.whole = whole
        // What has no end would hold everyone up for ever.
        self.left = reset == nil ? nil : max(0, left)
        resetAt = reset.map { now + $0 }
        return call(at: now)
    }

    /// Calls those who may go ahead, an organisation at a time.
    public mutating func call(at now: ContinuousClock.Instant) -> [Int] {
        refill(at: now)
        var called: [Int] = []
        while hasRoom, let organization = turns.first {
            turns.removeFirst()
            guard var line = lines[organization], !line.isEmpty else { continue }
            let number = line.removeFirst()
            lines[organization] = line.isEmpty ? nil : line
            if !line.isEmpty { turns.append(organization) }
            owners[number] = nil
            take()
            called.append(number)
        }
        return called
    }

    private var hasRoom: Bool { underWay < options.concurrent && (left ?? 1) > 0 }

    private mutating func take() {
        underWay += 1
        left = left.map { $0 - 1 }
    }

    private mutating func refill(at now: ContinuousClock.Instant) {
        guard let end = resetAt, now >= end else { return }
        left = whole.flatMap { $0 > 0 ? $0 : nil }
        resetAt = nil
    }
}
