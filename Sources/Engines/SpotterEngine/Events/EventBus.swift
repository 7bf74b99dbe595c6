public import ServiceKit
public import SpotterDomain
import Synchronization

/// Tells readers of an organisation's log that there may be something new.
///
/// Whoever is woken reads the log from where it stopped. So a reader can be slow, or miss a signal, and still loses
/// nothing. `Signals` carry the hint to and from other processes; and because hints may be lost, everybody is woken
/// every second anyhow. Of organisations with readers the newest events that this process wrote are kept for a while:
/// see ``recent(after:execution:types:in:)``.
public final class EventBus: Service {
    /// The name in logs.
    public let serviceName = "event-bus"
    private let state = Mutex(State())
    private let nextNumber = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation
    private let others: Signals?
    private let observer = Mutex<(@Sendable (OrganizationID, [Event]) -> Void)?>(nil)
    private let tick: @Sendable () async throws -> Void

    private struct Reader {
        /// The run that it follows; nil for a reader of the whole log.
        let execution: ExecutionID?
        let signal: AsyncStream<Void>.Continuation
    }

    /// One organisation's readers, and what they may want to read.
    private struct Audience {
        var readers: [Int: Reader] = [:]
        var recent: RecentEvents
        /// How often it was said that there may be something in the log that is not among the recent events.
        var hints = 0
    }

    private struct State {
        var audiences: [OrganizationID: Audience] = [:]
    }

    private let limits = RecentEvents.Limits()
    /// How many organisations' events are kept at one time; the readers of others ask the database.
    private static let organizationsKept = 64

    /// A bus without readers.
    ///
    /// - Parameters:
    ///   - signals: to and from other processes; without, their events are seen at the next tick.
    ///   - tick: returns when it is time to wake everybody: by default after a second.
    public init(
        signals: Signals? = nil,
        tick: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(1)) }
    ) {
        others = signals
        self.tick = tick
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Signals until the reader lets go of the stream. Two signals before a read count as one.
    ///
    /// - Parameter execution: the only one that the reader follows; nil for the whole log.
    public func signals(in scope: OrganizationScope, execution: ExecutionID? = nil) -> AsyncStream<Void> {
        let number = nextNumber.add(1, ordering: .relaxed).newValue
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            state.withLock { state in
                state.audiences[scope.organization, default: Audience(recent: RecentEvents(limits))].readers[number] =
                    Reader(execution: execution, signal: continuation)
            }
            continuation.onTermination = { [weak self] _ in self?.remove(number, of: scope.organization) }
        }
    }

    /// Wakes the readers of one organisation, of this process and of all others. Called after the commit.
    public func wake(_ organization: OrganizationID) {
        wakeHere(organization)
        others?.send(.events(organization))
        observer.withLock(\.self)?(organization, [])
    }

    /// The same where it is known what was committed, in one transaction: of those here who follow a single run, the
    /// others need not look.
    public func wake(_ organization: OrganizationID, with events: [Event]) {
        let concerned = Set(events.compactMap(\.execution))
        let readers = state.withLock { state -> [Reader] in
            guard var audience = state.audiences.removeValue(forKey: organization) else { return [] }
            // Held by nobody else now, so that adding does not copy.
            let isKept = state.audiences.count < Self.organizationsKept || !audience.recent.events.isEmpty
            if !isKept || !audience.recent.add(events) { audience.hints += 1 }
            state.audiences[organization] = audience
            return audience.readers.values.filter { reader in
                reader.execution.map { concerned.contains($0) } ?? !events.isEmpty
            }
        }
        for reader in readers { reader.signal.yield() }
        others?.send(.events(organization))
        if !events.isEmpty { observer.withLock(\.self)?(organization, events) }
    }

    /// Has `action` told of what this process has committed, each event once; without events where something was, and it
    /// is not known here what. It must not wait.
    public func observe(_ action: @escaping @Sendable (OrganizationID, [Event]) -> Void) {
        observer.withLock { $0 = action }
    }

    /// What this process wrote after `position`, if it knows for sure that there was nothing else; nil means that the
    /// log is to be asked.
    public func recent(
        after position: Int64, execution: ExecutionID?, types: EventTypeFilter, in scope: OrganizationScope
    ) -> EventSlice? {
        state.withLock { state in
            state.audiences[scope.organization]?.recent.slice(after: position, execution: execution, types: types)
        }
    }

    /// How often it was said that the log may hold what ``recent(after:execution:types:in:)`` does not know. To be asked
    /// before the log is read.
    func hints(in scope: OrganizationScope) -> Int { state.withLock { $0.audiences[scope.organization]?.hints ?? 0 } }

    /// Whether a reader that is at `position`, and has read the log when there were so many hints, has read everything.
    func isAtEnd(_ position: Int64, after hints: Int, in scope: OrganizationScope) -> Bool {
        state.withLock { state in
            guard let audience = state.audiences[scope.organization] else { return false }
            return audience.hints == hints && audience.recent.events.last?.position == position
        }
    }

    private func wakeHere(_ organization: OrganizationID) {
        let readers = state.withLock { state in
            state.audiences[organization]?.hints += 1
            return state.audiences[organization].map { Array($0.readers.values) } ?? []
        }
        for reader in readers { reader.signal.yield() }
    }

    /// Readers there are now, of all organisations.
    public var readers: Int { state.withLock { $0.audiences.values.reduce(0) { $0 + $1.readers.count } } }

    /// Whether the process is about to end: who follows without an end in sight lets go now.
    public var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Wakes everybody at each tick, and whom other processes name, until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while !Task.isCancelled, (try? await tick()) != nil { wakeAll() }
            }
            if let others {
                let signals = others.subscribe(to: .events, onlyFromOthers: true)
                group.addTask { [self] in await heed(signals) }
            }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
        // Those who follow a run stay until it has ended.
        while readers > 0 {
            wakeAll()
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Tells readers that the process is about to end. Returns at once.
    public func shutDown() {
        stopping.store(true, ordering: .relaxed)
        stop.finish()
    }

    private func heed(_ signals: SignalSubscription) async {
        for await set in signals {
            switch set.events {
            case .only(let organizations): for organization in organizations { wakeHere(organization) }
            case .all: wakeAll()
            }
        }
    }

    private func wakeAll() {
        let all = state.withLock { state in
            for organization in state.audiences.keys { state.audiences[organization]?.hints += 1 }
            return state.audiences.values.flatMap { $0.readers.values }
        }
        for reader in all { reader.signal.yield() }
    }

    private func remove(_ number: Int, of organization: OrganizationID) {
        state.withLock { state in
            state.audiences[organization]?.readers[number] = nil
            // With the last reader goes what was kept for them.
            if state.audiences[organization]?.readers.isEmpty == true { state.audiences[organization] = nil }
        }
    }
}
