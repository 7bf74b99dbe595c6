import SpotterDomain

/// The newest events of one organisation that this process has written, without a gap, so that those who follow a run
/// here need not ask the database for each word of it.
///
/// Places in a log go 1, 2, 3 … without gaps, in the order of the commits. What other processes write, or what came
/// here in another order, leaves a hole: what was before it is let go of, and whoever needs it reads the log.
struct RecentEvents: Sendable {
    /// Events kept at most, and how much text they may hold, in bytes.
    struct Limits: Sendable {
        var events = 8_192
        var bytes = 4 << 20
    }

    private(set) var events: ArraySlice<Event> = []
    private(set) var bytes = 0
    private let limits: Limits

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Adds what one transaction has written, in order.
    ///
    /// - Returns: false where it cannot be added, and whoever wants it must ask the log.
    @discardableResult
    mutating func add(_ new: [Event]) -> Bool {
        guard let first = new.first, let last = new.last,
            last.position - first.position == Int64(new.count) - 1
        else { return new.isEmpty }
        if let newest = events.last?.position {
            guard first.position > newest else { return false }
            if first.position > newest + 1 { forget(events.count) }
        }
        events += new
        bytes += new.reduce(0) { $0 + $1.data.textSize }
        var surplus = max(0, events.count - limits.events)
        var left = bytes - events.prefix(surplus).reduce(0) { $0 + $1.data.textSize }
        while left > limits.bytes, surplus < events.count {
            left -= events[events.startIndex + surplus].data.textSize
            surplus += 1
        }
        if surplus > 0 { forget(surplus) }
        return events.last?.position == last.position
    }

    private mutating func forget(_ count: Int) {
        bytes -= events.prefix(count).reduce(0) { $0 + $1.data.textSize }
        events.removeFirst(count)
        // What was let go of stays in memory until the slice is made anew.
        if events.startIndex > limits.events { events = ArraySlice(Array(events)) }
    }

    /// What comes after `position`, at least one event; nil where that is not known here. So whoever is woken for what
    /// is not here, because another process wrote it, asks the log.
    func slice(after position: Int64, execution: ExecutionID?, types: EventTypeFilter) -> EventSlice? {
        guard let oldest = events.first?.position, let newest = events.last?.position,
            position >= oldest - 1, position < newest
        else { return nil }
        let found = events[(events.startIndex + Int(position - oldest) + 1)...].filter { event in
            (execution == nil || event.execution == execution) && types.matches(event.type)
        }
        return EventSlice(events: Array(found), position: newest, hasMore: false)
    }
}

extension JSONValue {
    /// About how much text it holds, in bytes.
    fileprivate var textSize: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let elements): elements.reduce(16) { $0 + $1.textSize }
        case .object(let members): members.reduce(32) { $0 + $1.key.utf8.count + $1.value.textSize }
        default: 8
        }
    }
}
