import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Keeps this process alive in the eyes of the others, and knows when it is not.
///
/// Beats four times a lease from a thread of its own. When no beat was confirmed for two thirds of a lease, by this
/// process's monotonic clock, the process gives up what it holds and takes nothing new: before the others take it over.
/// When the database answers again it enters under a new name.
public final class Heart: Service {
    /// The name in logs.
    public let serviceName = "heart"
    private let heartbeat: any Heartbeat
    private let ids: any IDGenerator
    private let clock: any WallClock
    private let log: Log
    private let lease: Duration
    private let state = Mutex(State())
    private let signal = NSCondition()

    private struct State {
        var worker: WorkerID?
        var confirmedAt = ContinuousClock.now
        var isStopping = false
        var isReleased = false
        var onLoss: (@Sendable () -> Void)?
    }

    /// - Parameter lease: how long the process is thought alive after a beat.
    public init(
        _ heartbeat: any Heartbeat, lease: Duration = .seconds(24), ids: any IDGenerator, clock: any WallClock,
        log: Log
    ) {
        self.heartbeat = heartbeat
        self.lease = lease
        self.ids = ids
        self.clock = clock
        self.log = log
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

    /// Called from the heart's own thread when this process must let go of everything it holds.
    public func onLoss(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.onLoss = action } }

    /// Enters the process. Waits for the database.
    ///
    /// - Throws: what the database says.
    public func start() throws { try enter() }

    /// Beats until `release()`; cancelling does not end it, since what runs still depends on it.
    public func run() async throws {
        await withCheckedContinuation { continuation in
            let thread = Thread { [self] in
                beatOn()
                continuation.resume()
            }
            thread.name = "spotter-heart"
            thread.start()
        }
    }

    /// Goes on beating: what runs must be able to end. `release()` stops it.
    public func shutDown() { stop(releasing: false) }

    /// Stops beating: nothing is held any more.
    public func release() { stop(releasing: true) }

    private func stop(releasing: Bool) {
        state.withLock { state in
            state.isStopping = true
            if releasing { state.isReleased = true }
        }
        signal.lock()
        signal.broadcast()
        signal.unlock()
    }

    // MARK: On the heart's thread

    private func beatOn() {
        while !state.withLock(\.isReleased) {
            pause()
            if state.withLock(\.isReleased) { break }
            beat()
        }
        guard let worker = state.withLock(\.worker) else { return }
        do { try heartbeat.leave(worker) } catch { log.warning("worker not removed", ["error": "\(error)"]) }
    }

    private func pause() {
        let seconds = (lease / 4) / .seconds(1)
        signal.lock()
        if !state.withLock(\.isReleased) { _ = signal.wait(until: Date(timeIntervalSinceNow: seconds)) }
        signal.unlock()
    }

    private func beat() {
        do {
            guard let worker = state.withLock(\.worker) else {
                if !state.withLock(\.isStopping) { try enter() }
                return
            }
            let before = ContinuousClock.now
            if try heartbeat.beat(worker, lease: lease) {
                state.withLock { $0.confirmedAt = before }
            } else {
                lose("others think this process dead")
            }
        } catch {
            let silence = ContinuousClock.now - state.withLock(\.confirmedAt)
            log.warning("no heartbeat", ["error": "\(error)", "seconds": "\(Int(silence / .seconds(1)))"])
            if silence > lease * 2 / 3 { lose("no beat was confirmed in time") }
        }
    }

    private func enter() throws {
        let worker: WorkerID = ids.id(at: clock.now())
        let before = ContinuousClock.now
        try heartbeat.register(worker, lease: lease)
        state.withLock { state in
            state.worker = worker
            state.confirmedAt = before
        }
        log.info("worker entered", ["worker": "\(worker)"])
    }

    private func lose(_ reason: String) {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.worker != nil else { return nil }
            state.worker = nil
            return state.onLoss
        }
        guard let action else { return }
        log.error("lease lost", ["reason": reason])
        action()
    }
}
