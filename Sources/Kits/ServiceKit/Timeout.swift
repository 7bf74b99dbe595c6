/// The time given to `withTimeout` is up.
public struct TimeoutError: Error, Sendable {
    /// The error carries nothing: whoever set the time knows how long it was.
    public init() {}
}

/// Runs `work` and cancels it when `duration` is over.
///
/// - Throws: `TimeoutError`, or what `work` throws.
public func withTimeout<T: Sendable>(
    _ duration: Duration, _ work: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: duration)
            return nil
        }
        defer { group.cancelAll() }
        // `work` may end by cancellation just as the time runs out; whichever comes first decides.
        guard let first = try await group.next(), let result = first else { throw TimeoutError() }
        return result
    }
}

/// Runs `work` to its end even if the calling task is cancelled: for writing an outcome that must not be lost.
public func withoutCancellation<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
    try await Task { try await work() }.value
}
