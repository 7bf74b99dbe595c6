/// Someone who waits for something that happens on a loop. Resumed once; later calls change nothing.
///
/// `@unchecked Sendable`: touched on the loop's thread alone.
final class LoopWaiter<Value: Sendable>: @unchecked Sendable {
    private var continuation: CheckedContinuation<Value, any Error>?
    private var result: Result<Value, any Error>?

    var isDone: Bool { result != nil }

    func set(_ continuation: CheckedContinuation<Value, any Error>) {
        // Given up before it came to waiting.
        if let result { return continuation.resume(with: result) }
        self.continuation = continuation
    }

    func resume(with result: Result<Value, any Error>) {
        guard self.result == nil else { return }
        self.result = result
        continuation?.resume(with: result)
        continuation = nil
    }

    func resume(throwing error: any Error) { resume(with: .failure(error)) }
}

extension LoopWaiter<Void> {
    func resume() { resume(with: .success(())) }
}
