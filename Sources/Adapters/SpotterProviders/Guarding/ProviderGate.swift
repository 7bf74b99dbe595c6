import SpotterDomain
import Synchronization

/// The way to one key of a provider: lets callers through as `FairShare` decides, and keeps the others waiting no longer
/// than they have time.
final class ProviderGate: Sendable {
    private struct State {
        var share: FairShare
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        /// Called before they came to wait.
        var early: Set<Int> = []
    }

    private let provider: String
    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void

    init(
        provider: String, options: FairShare.Options, now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.provider = provider
        self.now = now
        self.sleep = sleep
        state = Mutex(State(share: FairShare(options)))
    }

    var isIdle: Bool { state.withLock(\.share.isIdle) }
    var waiting: Int { state.withLock(\.share.waiting) }

    /// Waits until it is the organisation's turn; whoever entered calls `leave()`. Returns how long was waited.
    ///
    /// - Throws: `rateLimited` where there is no place in line or no time left to wait, and `CancellationError`.
    func enter(_ organization: OrganizationID, patience: Duration) async throws -> Duration {
        let start = now()
        if let number = try step(in: organization, patience: patience, at: start) {
            try await wait(for: number, until: start + patience)
        }
        return now() - start
    }

    /// Makes room for the next.
    func leave() { resume { $0.share.leave(at: now()) } }

    /// The number under which the organisation waits; nil where it may go on at once.
    @inline(never)
    private func step(
        in organization: OrganizationID, patience: Duration, at start: ContinuousClock.Instant
    ) throws -> Int? {
        switch state.withLock({ $0.share.enter(organization, patience: patience, at: start) }) {
        case .entered: nil
        case .refused(let wait): throw refusal(wait)
        case .waits(let number): number
        }
    }

    /// Takes what the provider says of how much more it would take.
    func learn(_ limits: RateLimits) {
        let calls = limits.windows["requests"]
        // Of tokens it is not known how many calls they are: none left is all that can be learnt of them.
        if let wait = limits.wait {
            resume { $0.share.learn(left: 0, of: calls?.limit, reset: wait, at: now()) }
        } else if let calls {
            resume { $0.share.learn(left: calls.remaining, of: calls.limit, reset: calls.reset, at: now()) }
        }
    }

    /// Calls those for whom there is room by now.
    func turn() { resume { $0.share.call(at: now()) } }

    private func refusal(_ wait: Duration) -> ModelError {
        ModelError(
            .rateLimited, provider: provider, message: "takes no more calls for now, and others are waiting already",
            retryAfter: wait)
    }

    private func wait(for number: Int, until end: ContinuousClock.Instant) async throws {
        let isIn = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.called(number) }
            group.addTask { await self.patience(until: end) }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        guard !isIn else { return }
        let isAbandoned = state.withLock { state in
            state.early.remove(number)
            return state.share.abandon(number)
        }
        // It may have been called at the very moment at which the wait was over or given up.
        if !isAbandoned { leave() }
        try Task.checkCancellation()
        throw refusal(.seconds(1))
    }

    /// Calls those for whom there is room whenever there should be some, until `end`; false when that has come, or the
    /// wait was given up.
    private func patience(until end: ContinuousClock.Instant) async -> Bool {
        while true {
            let wakesAt = state.withLock(\.share.wakesAt) ?? end
            let pause = max(min(wakesAt, end) - now(), .milliseconds(1))
            guard (try? await sleep(pause)) != nil, now() < end else { return false }
            turn()
        }
    }

    /// Waits until the number is called, or until that is given up.
    private func called(_ number: Int) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.early.remove(number) != nil { return true }
                    if Task.isCancelled { return false }
                    state.waiting[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: false)
        }
    }

    private func resume(_ change: (inout State) -> [Int]) {
        let called = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            change(&state).compactMap { number in
                if let continuation = state.waiting.removeValue(forKey: number) { return continuation }
                state.early.insert(number)
                return nil
            }
        }
        for continuation in called { continuation.resume(returning: true) }
    }
}
