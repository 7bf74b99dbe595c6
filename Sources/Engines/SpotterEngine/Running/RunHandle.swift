import SpotterDomain
import Synchronization

/// A run under way, for those who wait for its end.
public final class RunHandle: Sendable {
    private enum State {
        case running([Int: CheckedContinuation<RunOutcome, any Error>])
        case ended(Result<RunOutcome, any Error>)
    }

    private let state = Mutex(State.running([:]))
    private let nextNumber = Atomic<Int>(0)

    init() {}

    /// Waits for the end. Cancelling the waiting task stops the waiting, not the run.
    public func outcome() async throws -> RunOutcome {
        let number = nextNumber.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ended: Result<RunOutcome, any Error>? = state.withLock { state in
                    switch state {
                    case .ended(let result): return result
                    case .running(var waiting):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiting[number] = continuation
                        state = .running(waiting)
                        return nil
                    }
                }
                if let ended { continuation.resume(with: ended) }
            }
        } onCancel: {
            let waiting: CheckedContinuation<RunOutcome, any Error>? = state.withLock { state in
                guard case .running(var waiting) = state else { return nil }
                let continuation = waiting.removeValue(forKey: number)
                state = .running(waiting)
                return continuation
            }
            waiting?.resume(throwing: CancellationError())
        }
    }

    func complete(_ result: Result<RunOutcome, any Error>) {
        let waiting: [CheckedContinuation<RunOutcome, any Error>] = state.withLock { state in
            guard case .running(let waiting) = state else { return [] }
            state = .ended(result)
            return Array(waiting.values)
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
