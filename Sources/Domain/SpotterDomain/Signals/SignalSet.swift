/// Signals that have not been passed on yet, each once.
///
/// It never grows beyond a few kilobytes: above `limit` names of a kind it says "all of them" instead.
public struct SignalSet: Sendable, Hashable {
    /// Which of a kind are meant.
    public enum Reach<ID: Hashable & Sendable>: Sendable, Hashable {
        /// These; possibly none.
        case only(Set<ID>)
        /// Any may be: look at all.
        case all

        /// Whether none is meant.
        public var isEmpty: Bool { self == .only([]) }

        /// Whether `id` is among those meant.
        public func contains(_ id: ID) -> Bool {
            switch self {
            case .only(let ids): ids.contains(id)
            case .all: true
            }
        }

        mutating func insert(_ id: ID) {
            guard case .only(var ids) = self else { return }
            ids.insert(id)
            self = ids.count > SignalSet.limit ? .all : .only(ids)
        }

        mutating func formUnion(_ other: Reach) {
            switch other {
            case .only(let ids): for id in ids { insert(id) }
            case .all: self = .all
            }
        }
    }

    /// Names kept of one kind.
    public static let limit = 100

    /// The organisations whose logs have grown.
    public private(set) var events = Reach<OrganizationID>.only([])
    /// Whether there may be work to claim.
    public private(set) var hasWork = false
    /// Whether a schedule may fire earlier than was known.
    public private(set) var hasSchedules = false
    /// The executions of which something is wanted.
    public private(set) var control = Reach<ExecutionID>.only([])

    /// No signal.
    public init() {}

    /// Everything may have changed: what a listener is told that may have missed signals.
    public static let everything: SignalSet = {
        var set = SignalSet()
        set.events = .all
        set.hasWork = true
        set.hasSchedules = true
        set.control = .all
        return set
    }()

    /// Whether there is nothing to pass on.
    public var isEmpty: Bool { events.isEmpty && !hasWork && !hasSchedules && control.isEmpty }

    /// Adds a signal.
    public mutating func insert(_ signal: Signal) {
        switch signal {
        case .events(let organization): events.insert(organization)
        case .work: hasWork = true
        case .control(let execution): control.insert(execution)
        case .schedules: hasSchedules = true
        }
    }

    /// Adds all of `other`.
    public mutating func formUnion(_ other: SignalSet) {
        events.formUnion(other.events)
        hasWork = hasWork || other.hasWork
        hasSchedules = hasSchedules || other.hasSchedules
        control.formUnion(other.control)
    }

    /// Only the signals of one kind.
    public func only(_ kind: Signal.Kind) -> SignalSet {
        var set = SignalSet()
        switch kind {
        case .events: set.events = events
        case .work: set.hasWork = hasWork
        case .control: set.control = control
        case .schedules: set.hasSchedules = hasSchedules
        }
        return set
    }
}
