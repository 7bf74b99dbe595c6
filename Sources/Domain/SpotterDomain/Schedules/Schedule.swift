public import Foundation

/// A rule that has been read and checked: what computes fires.
///
/// A **slot** is a moment at which the expression fires. It names the run: a schedule has one run per slot, whatever
/// jitter and delay do to the moment it starts. The **release** of a slot is when it may start: the slot and its jitter.
public struct Schedule: Sendable, Hashable {
    /// The rule with every default spelled out.
    public let rule: ScheduleRule
    /// When it fires.
    public let expression: CronExpression
    /// On whose clock.
    public let zone: TimeZone
    /// Sets the schedule's jitter apart from that of others: its id, or anything else that stays.
    public let key: String

    let gap: DaylightSavingGap
    let jitter: Int
    let window: TimeInterval
    let catchUp: ScheduleRule.CatchUp

    /// Reads a rule.
    ///
    /// - Parameters:
    ///   - timezone: the organisation's, for a rule that names none.
    ///   - key: sets its jitter apart from that of others, such as the schedule's id.
    ///   - pointer: where the rule stands in what was sent.
    /// - Throws: `SpotterError` with code `.invalid` and every issue, each with its JSON pointer.
    public init(_ rule: ScheduleRule, timezone: String, key: String, at pointer: String = "/schedule") throws {
        let rule = rule.resolved(timezone: timezone)
        let issues = rule.issues(at: pointer)
        guard issues.isEmpty, let zone = ZoneName.zone(rule.timezone ?? timezone) else {
            throw SpotterError.invalid(issues)
        }
        self.rule = rule
        expression = try CronExpression(rule.cron)
        self.zone = zone
        self.key = key
        gap = rule.dstGap ?? .shift
        jitter = rule.jitterSeconds ?? 0
        window = TimeInterval(rule.catchUpWindowSeconds ?? 3_600)
        catchUp = rule.catchUp ?? .latest
    }

    /// The first slot after `date`; nil when there is none any more.
    public func nextSlot(after date: Date) -> Date? { expression.nextFire(after: date, in: zone, gap: gap) }

    /// When the run of a slot may start: the slot and 0 to `jitter_seconds` more, the same in every process.
    ///
    /// Never at or after the next slot, so that the runs of one schedule keep their order.
    public func release(of slot: Date) -> Date {
        guard jitter > 0 else { return slot }
        let room = nextSlot(after: slot).map { Int($0.timeIntervalSince(slot)) - 1 } ?? jitter
        let bound = UInt64(max(0, min(jitter, room))) + 1
        return slot.addingTimeInterval(TimeInterval(Self.hash(key, Int(slot.timeIntervalSince1970)) % bound))
    }

    /// FNV-1a (64 bits) over the key's bytes and the slot's, finished as SplitMix64 does so that neighbouring slots differ
    /// in every bit.
    private static func hash(_ key: String, _ slot: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for byte in key.utf8 { add(byte) }
        for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: slot >> shift)) }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }

    /// The last slot that is neither before `earliest` nor after `latest`.
    ///
    /// There is a slot in a span if the next one after its start comes before its end, so the place of the last is found
    /// by halving: a handful of searches, however many slots the span has.
    public func lastSlot(from earliest: Date, through latest: Date) -> Date? {
        guard latest >= earliest, latest.timeIntervalSince(earliest) < 1e11 else { return nil }
        var low = earliest.addingTimeInterval(-1)
        guard var found = nextSlot(after: low), found >= earliest, found <= latest else {
            // A whole second less than `earliest` may have a slot before it, if that is no whole second.
            return nextSlot(after: earliest).flatMap { $0 <= latest ? lastSlot(from: $0, through: latest) : nil }
        }
        low = found
        var high = latest
        while high.timeIntervalSince(low) >= 1 {
            let middle = low.addingTimeInterval((high.timeIntervalSince(low) / 2).rounded(.down))
            if let next = nextSlot(after: middle), next <= latest {
                (found, low) = (next, next)
            } else {
                high = middle
            }
        }
        return found
    }
}
