import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Keeps this process alive in the eyes of the others, and knows when it is not.
///
/// Beats four times a lease from a thread of its own; a second thread watches it, because a beat may hang in a network
/// that neither answers nor fails. When no beat was confirmed for two thirds of a lease, by this process's monotonic
/// clock, the process gives up what it holds and takes nothing new: before the others take it over. When the database
/// answers again it enters under a new name.
public final class Heart: Service {
    /// The name in logs.
    public let serviceName = "heart"
    private let heartbeat: any Heartbeat
    private let ids: any IDGenerator
    private let clock: any WallClock
    private let monotonic: @Sendable () -> ContinuousClock.Instant
    private let log: Log
    private let lease: Duration
    private let state: Mutex<HeartState>
    private let lossAction = Mutex<(@Sendable () -> Void)?>(nil)
    private let signal = NSCondition()

    /// - Parameters:
    ///   - lease: how long the process is thought alive after a beat.
    ///   - monotonic: the time that only goes on.
    public init(
        _ heartbeat: any Heartbeat, lease: Duration = .seconds(24), ids: any IDGenerator, clock: any WallClock,
        monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }, log: Log
    ) {
        self.heartbeat = heartbeat
        self.lease = lease
        self.ids = ids
        self.clock = clock
        self.monotonic = monotonic
        self.log = log
        state = Mutex(HeartState(lease: lease))
    }

    /// Under which name this process works; nil while it is not thought alive.
    public var worker: WorkerID? { state.withLock(\.worker) }

    /// The worker's name.
    ///
    /// - Throws: `unavailable` while the process is not thought alive.
    public func requireWorker() throws -> WorkerID {
        guard let worker else {
            throw SpotterError(.unavailable, "This server has lost touch with its database. Try again.", retryAfter: 2)
        }
        return worker
    }

    /// Called from a thread of the heart's when this process must let go of everything it holds.
    public func onLoss(_ action: @escaping @Sendable () -> Void) { lossAction.withLock { $0 = action } }

    /// Enters the process. Waits for the database.
    ///
    /// - Throws: what the database says.
    public func start() throws { try enter() }

    /// Beats until `release()`; cancelling does not end it, since what runs still depends on it.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await Self.onThread("spotter-heart", beatOn) }
            group.addTask { [self] in await Self.onThread("spotter-heart-watch", watch) }
        }
    }

    /// Goes on beating: what runs must be able to end. `release()` stops it.
    public func shutDown() { stop(releasing: false) }

    /// Stops beating: nothing is held any more.
    public func release() { stop(releasing: true) }

    private func stop(releasing: Bool) {
        state.withLock { $0.stop(releasing: releasing) }
        signal.lock()
        signal.broadcast()
        signal.unlock()
    }

    private static func onThread(_ name: String, _ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                work()
                continuation.resume()
            }
            thread.name = name
            thread.start()
        }
    }

    // MARK: On the heart's threads

    private func beatOn() {
        while pause(for: lease / 4) { beat() }
        guard let worker else { return }
        do { try heartbeat.leave(worker) } catch { log.warning("worker not removed", ["error": "\(error)"]) }
    }

    private func watch() {
        while pause(for: lease / 24) { check() }
    }

    /// False when the heart is released.
    private func pause(for duration: Duration) -> Bool {
        signal.lock()
        defer { signal.unlock() }
        let end = Date(timeIntervalSinceNow: duration / .seconds(1))
        while !state.withLock(\.isReleased) {
            if !signal.wait(until: end) { return true }
        }
        return false
    }

    /// Does what is due, and sees whether the process has been silent for too long.
    func beat() {
        let sentAt = monotonic()
        do {
            switch state.withLock(\.next) {
            case .nothing: return
            case .enter: try enter()
            case .beat(let worker):
                let isAlive = try heartbeat.beat(worker, lease: lease)
                lose(state.withLock { $0.answered(isAlive, for: worker, sentAt: sentAt) })
            }
        } catch {
            log.warning("no heartbeat", ["error": "\(error)"])
            check()
        }
    }

    /// Sees whether the process has been silent for too long.
    func check() {
        let now = monotonic()
        lose(state.withLock { $0.check(at: now) })
    }

    private func enter() throws {
        let worker: WorkerID = ids.id(at: clock.now())
        let sentAt = monotonic()
        try heartbeat.register(worker, lease: lease)
        state.withLock { $0.entered(as: worker, sentAt: sentAt) }
        log.info("worker entered", ["worker": "\(worker)"])
    }

    private func lose(_ loss: HeartState.Loss?) {
        guard let loss else { return }
        log.error("lease lost", ["reason": loss.rawValue])
        lossAction.withLock { $0 }?()
    }
}
