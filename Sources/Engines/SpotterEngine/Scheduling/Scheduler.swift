import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Fires schedules when their time has come.
///
/// What: looks for tasks that are due, of all organisations, and fires them in batches; any number of processes do.
/// When: at the time of the next one, which the database tells; when a signal says that an earlier one was made; and
/// about every second, which makes good whatever was missed, a clock that was set among it. The database's clock decides
/// what is due. After a failure it waits a quarter of a second, then longer and longer, up to five.
public final class Scheduler: Service {
    /// The name in logs.
    public let serviceName = "scheduler"
    private let firing: FiringService
    private let worker: @Sendable () -> WorkerID?
    private let signals: Signals
    private let monotonic: @Sendable () -> ContinuousClock.Instant
    private let log: Log
    private let bell = Bell()
    private let isStopping = Atomic<Bool>(false)
    private let state: Mutex<State>

    private struct State {
        var lastTurn: ContinuousClock.Instant
        var after: OrganizationID?
        /// Looks that failed, one after another.
        var failures = 0
        /// The organisations whose last fires failed.
        var holds: [OrganizationID: Hold] = [:]
        /// When the bell rings next by itself.
        var alarm: ContinuousClock.Instant?
    }

    /// An organisation whose fires failed: how often, one after another, and until when it is left alone.
    private struct Hold {
        var failures = 0
        var until: ContinuousClock.Instant
    }

    /// The longest wait between two looks.
    static let interval = Duration.seconds(1)
    /// The wait after a look that found what others are at.
    static let pause = Duration.milliseconds(50)
    /// The first wait after a failure, and the longest.
    static let backoff = (first: Duration.milliseconds(250), longest: Duration.seconds(5))
    /// Organisations that fire at one time.
    private static let width = 4

    /// - Parameters:
    ///   - worker: under which name this process works; nil while it is not thought alive.
    ///   - signals: tell when an earlier schedule was made.
    ///   - monotonic: the time that only goes on.
    public init(
        firing: FiringService, worker: @escaping @Sendable () -> WorkerID?, signals: Signals,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }, log: Log
    ) {
        self.firing = firing
        self.worker = worker
        self.signals = signals
        self.monotonic = monotonic
        self.log = log
        state = Mutex(State(lastTurn: monotonic()))
    }

    /// Whether a look succeeded lately: false tells of a wedged process, or one that has lost its database.
    public var isTurning: Bool { monotonic() - state.withLock(\.lastTurn) < .seconds(10) }

    /// Looks and fires until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell, signals] in for await _ in signals.subscribe(to: .schedules) { bell.ring() } }
            bell.ring()
            for await _ in bell.rings {
                if isStopping.load(ordering: .relaxed) { break }
                let wait = await lookOnce()
                if let alarm = alarm(in: wait) {
                    group.addTask { [self] in await ring(at: alarm, in: wait) }
                }
            }
            group.cancelAll()
        }
    }

    /// Fires nothing more; what is under way is ended.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.close()
    }

    /// An alarm is set only if none rings before it, so there are never many.
    private func alarm(in wait: Duration) -> ContinuousClock.Instant? {
        let time = monotonic() + wait
        return state.withLock { state in
            if let alarm = state.alarm, alarm <= time { return nil }
            state.alarm = time
            return time
        }
    }

    private func ring(at alarm: ContinuousClock.Instant, in wait: Duration) async {
        try? await Task.sleep(for: wait)
        state.withLock { if $0.alarm == alarm { $0.alarm = nil } }
        bell.ring()
    }

    // MARK: A round

    /// Fires what is due, until nothing is; a round that `run()` makes by itself.
    ///
    /// - Returns: how long there is nothing to do.
    @discardableResult
    public func lookOnce() async -> Duration {
        while !isStopping.load(ordering: .relaxed) {
            let look: ScheduleLook
            do {
                look = try await firing.store.look(LookBounds(after: state.withLock(\.after)), by: worker())
            } catch {
                let wait = Self.wait(
                    afterFailures: state.withLock { state in
                        state.failures += 1
                        return state.failures
                    })
                complain("schedules not read", about: error, wait)
                return wait
            }
            let now = monotonic()
            let due = state.withLock { state in
                state.lastTurn = now
                state.failures = 0
                if let last = look.due.last { state.after = last.organization }
                return look.due.filter { due in state.holds[due.organization].map { $0.until <= now } ?? true }
            }
            guard !due.isEmpty else {
                // Time that has come without anything due here is that of an organisation that is left alone.
                guard let next = look.next, next > 0 else { return Self.interval }
                return min(Self.interval, .seconds(next))
            }
            if await !fire(due) { return Self.pause }
        }
        return Self.interval
    }

    /// Fires for several organisations at a time. False if nothing came of it: others are at these, or it failed.
    private func fire(_ due: [DueTasks]) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            var isSomething = false
            for (index, tasks) in due.enumerated() {
                if index >= Self.width { isSomething = await group.next() == true || isSomething }
                group.addTask { [self] in await fire(tasks) }
            }
            return await group.reduce(isSomething) { $0 || $1 }
        }
    }

    private func fire(_ due: DueTasks) async -> Bool {
        do {
            let report = try await firing.fire(due.tasks, in: OrganizationScope(due.organization))
            state.withLock { $0.holds[due.organization] = nil }
            log.debug(
                "schedules looked at",
                [
                    "organization": "\(due.organization)", "fired": "\(report.fired)", "skipped": "\(report.skipped)",
                ])
            return !report.plans.isEmpty
        } catch {
            // One organisation's trouble is not another's.
            let now = monotonic()
            let wait = state.withLock { state in
                let failures = (state.holds[due.organization]?.failures ?? 0) + 1
                let wait = Self.wait(afterFailures: failures)
                state.holds[due.organization] = Hold(failures: failures, until: now + wait)
                return wait
            }
            complain("schedules of \(due.organization) not fired", about: error, wait)
            return false
        }
    }

    private static func wait(afterFailures count: Int) -> Duration {
        min(backoff.longest, backoff.first * Double(1 << min(count - 1, 10)))
    }

    private func complain(_ message: String, about error: any Error, _ wait: Duration) {
        if !Task.isCancelled { log.warning(message, ["error": String(reflecting: error), "again_in": "\(wait)"]) }
    }
}
