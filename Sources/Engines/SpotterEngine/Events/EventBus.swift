public import ServiceKit
public import SpotterDomain
import Synchronization

/// Tells readers of an organisation's log that there may be something new.
///
/// It carries no events: whoever is woken reads the log from where it stopped. So a reader can be slow, or miss a
/// signal, and still loses nothing. `Signals` carry the hint to and from other processes; and because hints may be lost,
/// everybody is woken every second anyhow.
public final class EventBus: Service {
    /// The name in logs.
    public let serviceName = "event-bus"
    private let subscribers = Mutex<[OrganizationID: [Int: AsyncStream<Void>.Continuation]]>([:])
    private let nextNumber = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation
    private let others: Signals?
    private let tick: @Sendable () async throws -> Void

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
    public func signals(in scope: OrganizationScope) -> AsyncStream<Void> {
        let number = nextNumber.add(1, ordering: .relaxed).newValue
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            subscribers.withLock { $0[scope.organization, default: [:]][number] = continuation }
            continuation.onTermination = { [weak self] _ in self?.remove(number, of: scope.organization) }
        }
    }

    /// Wakes the readers of one organisation, of this process and of all others. Called after the commit.
    public func wake(_ organization: OrganizationID) {
        wakeHere(organization)
        others?.send(.events(organization))
    }

    private func wakeHere(_ organization: OrganizationID) {
        let readers = subscribers.withLock { $0[organization].map { Array($0.values) } ?? [] }
        for reader in readers { reader.yield() }
    }

    /// Readers there are now, of all organisations.
    public var readers: Int { subscribers.withLock { $0.values.reduce(0) { $0 + $1.count } } }

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
        let all = subscribers.withLock { $0.values.flatMap { $0.values } }
        for reader in all { reader.yield() }
    }

    private func remove(_ number: Int, of organization: OrganizationID) {
        subscribers.withLock { subscribers in
            subscribers[organization]?[number] = nil
            if subscribers[organization]?.isEmpty == true { subscribers[organization] = nil }
        }
    }
}
