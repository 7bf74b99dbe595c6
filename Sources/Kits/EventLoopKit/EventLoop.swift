internal import CLibevent
import Foundation
import Synchronization

/// One thread that owns sockets, timers and the Swift tasks of its requests.
///
/// The loop is a `TaskExecutor`: a task started with `Task(executorPreference: loop)` runs on the loop's thread, and
/// a continuation that the loop itself resumes (a database reply, a readable socket) goes on in the same turn without
/// a lock or a wake-up. Work from other threads comes in by `execute(_:)`, which takes a lock and wakes the loop.
///
/// A turn is: wait for sockets and timers → run what became ready → run what was asked for by `atEndOfTurn(_:)`.
///
/// `@unchecked Sendable`: everything mutable is either touched on the loop's own thread alone, or inside `remote`.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Remote {
        var work: [Work] = []
        var isAwake = false
        var isStopped = false
    }

    let base: OpaquePointer
    private let remote = Mutex(Remote())
    private var ready: [Work] = []
    private var endOfTurn: [() -> Void] = []
    private var wakeEvent: OpaquePointer?
    private let wakeFileDescriptor: Int32
    private var thread: Thread?
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the thread.
    ///
    /// - Parameter name: shown by debuggers and `top -H`; at most 15 bytes are kept.
    public init(name: String = "loop") {
        guard let base = event_base_new() else { preconditionFailure("libevent could not make an event base") }
        self.base = base
        wakeFileDescriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        precondition(wakeFileDescriptor >= 0, "eventfd failed: no file descriptor left")
        let thread = Thread { [self] in runUntilStopped() }
        thread.name = name
        thread.stackSize = 1 << 21
        self.thread = thread
        thread.start()
    }

    /// The loop whose thread this is, if it is one's.
    public static var current: EventLoop? {
        guard let pointer = pthread_getspecific(threadKey) else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the caller runs on this loop's thread.
    public var isCurrent: Bool { pthread_getspecific(Self.threadKey) == Unmanaged.passUnretained(self).toOpaque() }

    /// Runs `work` on the loop's thread, soon; never inline. After `stop()`, work is dropped.
    public func execute(_ work: @escaping @Sendable () -> Void) { submit(.closure(work)) }

    /// Runs `work` when this turn's tasks have run, before the loop waits again. Loop's thread only.
    ///
    /// Writers batch with it: many small messages become one system call a turn.
    public func atEndOfTurn(_ work: @escaping () -> Void) {
        assert(isCurrent)
        endOfTurn.append(work)
    }

    /// Calls `work` once on the loop's thread after `delay`. Loop's thread only.
    public func schedule(after delay: Duration, _ work: @escaping () -> Void) -> LoopTimer {
        assert(isCurrent)
        return LoopTimer(loop: self, delay: delay, work: work)
    }

    /// Ends the thread after the current turn and waits for it, unless called on the loop itself.
    ///
    /// Whoever owns sockets or tasks on this loop ends them first.
    public func stop() {
        let wasStopped = remote.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped
        }
        guard !wasStopped else { return }
        wake()
        if !isCurrent { finished.wait() }
    }

    // The thread keeps the loop alive until it is stopped.
    deinit {
        close(wakeFileDescriptor)
        event_base_free(base)
    }

    // MARK: TaskExecutor

    /// Runs a task's job on the loop's thread, after those already waiting. From any thread.
    public func enqueue(_ job: consuming ExecutorJob) { submit(.job(UnownedJob(job))) }

    private func submit(_ work: Work) {
        if isCurrent {
            ready.append(work)
            return
        }
        let mustWake = remote.withLock { state in
            state.work.append(work)
            defer { state.isAwake = true }
            return !state.isAwake
        }
        if mustWake { wake() }
    }

    private func wake() { eventfd_write(wakeFileDescriptor, 1) }

    // MARK: The thread

    private static let threadKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    private func runUntilStopped() {
        pthread_setspecific(Self.threadKey, Unmanaged.passUnretained(self).toOpaque())
        wakeEvent = event_new(base, wakeFileDescriptor, Int16(EV_READ | EV_PERSIST), wakeCallback, nil)
        event_add(wakeEvent, nil)
        while true {
            let flags = ready.isEmpty ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK
            event_base_loop(base, Int32(flags))
            if takeRemoteWork() { break }
            runReadyWork()
            runEndOfTurn()
        }
        // What was already asked for still runs, so that no task is left without an executor.
        runReadyWork()
        runEndOfTurn()
        event_free(wakeEvent)
        pthread_setspecific(Self.threadKey, nil)
        finished.signal()
    }

    /// Returns true when the loop is to stop.
    private func takeRemoteWork() -> Bool {
        remote.withLock { state in
            if !state.work.isEmpty {
                ready.append(contentsOf: state.work)
                state.work.removeAll(keepingCapacity: true)
            }
            state.isAwake = false
            return state.isStopped
        }
    }

    /// Runs what is ready now, and what that makes ready, up to a bound: a task that keeps yielding must not keep the
    /// sockets waiting.
    private func runReadyWork() {
        var rounds = 0
        while !ready.isEmpty, rounds < 8 {
            rounds += 1
            var batch: [Work] = []
            swap(&batch, &ready)
            for work in batch {
                switch work {
                case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
                case .closure(let closure): closure()
                }
            }
        }
    }

    private func runEndOfTurn() {
        while !endOfTurn.isEmpty {
            var batch: [() -> Void] = []
            swap(&batch, &endOfTurn)
            for work in batch { work() }
        }
    }
}

private let wakeCallback: event_callback_fn = { fileDescriptor, _, _ in
    var count: eventfd_t = 0
    eventfd_read(fileDescriptor, &count)
}
