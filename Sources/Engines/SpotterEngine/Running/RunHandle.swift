import SpotterDomain
import Synchronization

/// A run under way: for those who wait for its end, and for those who stop it.
public final class RunHandle: Sendable {
    /// Why a run stops before its program is done.
    enum Reason: Sendable, Equatable {
        /// Somebody asked for it.
        case asked(ControlRequest)
        /// Other processes think this one dead: nothing it does counts any more.
        case leaseLost
        /// The process ends.
        case shutDown
        /// It cannot be run here now.
        case unwanted

        /// A harder reason replaces a softer one.
        fileprivate var hardness: Int {
            switch self {
            case .asked(.pause): 0
            case .shutDown, .unwanted: 1
            case .asked(.cancel): 2
            case .leaseLost: 3
            }
        }
    }

    private enum Progress {
        case running([Int: CheckedContinuation<RunOutcome, any Error>])
        case ended(Result<RunOutcome, any Error>)
    }

    private struct State {
        var progress = Progress.running([:])
        var reason: Reason?
        var isShuttingDown = false
        var cancelTask: (@Sendable () -> Void)?
        var nextNumber = 0
    }

    private let state = Mutex(State())

    init() {}

    /// Waits until this process has let go of the execution. Cancelling the waiting task stops the waiting, not the
    /// run.
    public func outcome() async throws -> RunOutcome {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ended: Result<RunOutcome, any Error>? = state.withLock { state in
                    switch state.progress {
                    case .ended(let result): return result
                    case .running(var waiting):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiting[number] = continuation
                        state.progress = .running(waiting)
                        return nil
                    }
                }
                if let ended { continuation.resume(with: ended) }
            }
        } onCancel: {
            let waiting: CheckedContinuation<RunOutcome, any Error>? = state.withLock { state in
                guard case .running(var waiting) = state.progress else { return nil }
                let continuation = waiting.removeValue(forKey: number)
                state.progress = .running(waiting)
                return continuation
            }
            waiting?.resume(throwing: CancellationError())
        }
    }

    func complete(_ result: Result<RunOutcome, any Error>) {
        let waiting: [CheckedContinuation<RunOutcome, any Error>] = state.withLock { state in
            guard case .running(let waiting) = state.progress else { return [] }
            state.progress = .ended(result)
            state.cancelTask = nil
            return Array(waiting.values)
        }
        for continuation in waiting { continuation.resume(with: result) }
    }

    // MARK: Stopping

    /// Why the run is to stop; nil while it is not.
    var reason: Reason? { state.withLock(\.reason) }

    /// Whether the process ends, whatever else the run is to stop for.
    var isShuttingDown: Bool { state.withLock(\.isShuttingDown) }

    /// A pause takes effect after the step in progress, everything else at once. A harder reason replaces an earlier
    /// one, a softer one changes nothing.
    func stop(_ reason: Reason) {
        let cancel: (@Sendable () -> Void)? = state.withLock { state in
            if reason == .shutDown { state.isShuttingDown = true }
            if let earlier = state.reason, earlier.hardness >= reason.hardness { return nil }
            state.reason = reason
            return reason == .asked(.pause) ? nil : state.cancelTask
        }
        cancel?()
    }

    /// What the store says is asked of the execution; nil takes back a pause that was asked for and has not come about.
    func heed(_ request: ControlRequest?) {
        if let request { return stop(.asked(request)) }
        state.withLock { if $0.reason == .asked(.pause) { $0.reason = nil } }
    }

    /// Gives the handle its task; one that was stopped before is cancelled at once.
    func attach(cancel: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            state.cancelTask = cancel
            return state.reason != nil && state.reason != .asked(.pause)
        }
        if isStopped { cancel() }
    }
}
