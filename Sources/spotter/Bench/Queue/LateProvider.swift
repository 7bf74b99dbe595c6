import EventLoopKit
import Foundation
import Glibc
import SpotterDomain
import Synchronization

/// A model on loopback that keeps its callers waiting until it is told to answer.
///
/// It lives in the measured process, so it keeps next to nothing of a connection.
final class LateProvider: Sendable {
    private enum Order {
        case answer, close
    }

    private let loop = EventLoop(name: "late-provider")
    private let orders: AsyncStream<Order>.Continuation
    private let callers = Counter()
    let url: String

    /// How many wait for an answer now.
    var waiting: Int { callers.count }

    fileprivate final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        var count: Int { value.load(ordering: .relaxed) }
        func add(_ number: Int) { value.add(number, ordering: .relaxed) }
    }

    init() async throws {
        let (stream, orders) = AsyncStream.makeStream(of: Order.self)
        self.orders = orders
        let (loop, callers) = (loop, callers)
        let port = try await withCheckedThrowingContinuation { (bound: CheckedContinuation<Int, any Error>) in
            Task(executorPreference: loop) {
                let listener = LateListener(loop: loop, callers: callers)
                do { bound.resume(returning: try listener.bind()) } catch { return bound.resume(throwing: error) }
                for await order in stream {
                    if order == .close { break }
                    listener.answerAll()
                }
                listener.close()
                loop.stop()
            }
        }
        url = "http://127.0.0.1:\(port)/v1"
    }

    /// Answers everybody who waits.
    func answerAll() { orders.yield(.answer) }

    /// Closes everything.
    func close() { orders.yield(.close) }
}

/// Belongs to the loop's thread.
private final class LateListener {
    private let loop: EventLoop
    private let callers: LateProvider.Counter
    private var listener: LoopbackListener?
    private var connections: [Int32: LateConnection] = [:]

    init(loop: EventLoop, callers: LateProvider.Counter) {
        self.loop = loop
        self.callers = callers
    }

    func bind() throws -> Int {
        let listener = LoopbackListener(loop: loop) { [unowned self] accepted in
            connections[accepted] = LateConnection(loop: loop, descriptor: accepted) { [unowned self] hasAsked in
                if hasAsked { callers.add(1) } else { forget(accepted) }
            }
        }
        self.listener = listener
        return try listener.bind()
    }

    func answerAll() {
        for connection in connections.values where connection.isWaiting {
            connection.answer()
            callers.add(-1)
        }
    }

    func close() {
        listener?.close()
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    private func forget(_ descriptor: Int32) {
        guard let connection = connections.removeValue(forKey: descriptor) else { return }
        if connection.isWaiting { callers.add(-1) }
        connection.close()
    }
}

private final class LateConnection {
    private let descriptor: Int32
    private var watcher: FileDescriptorWatcher?
    private(set) var isWaiting = false

    /// - Parameter onChange: with true when a request has come, with false at the end.
    init(loop: EventLoop, descriptor: Int32, onChange: @escaping (Bool) -> Void) {
        self.descriptor = descriptor
        watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: descriptor) { [unowned self] _ in
            var start: (UInt8, UInt8) = (0, 0)
            let count = withUnsafeMutableBytes(of: &start) { recv(descriptor, $0.baseAddress, 2, 0) }
            guard count > 0 else { return onChange(false) }
            // The rest is of no interest: thrown away by the kernel.
            while recv(descriptor, nil, 1 << 20, Int32(MSG_TRUNC) | Int32(MSG_DONTWAIT)) > 0 {}
            // What does not begin like a request is the rest of one.
            guard start == (UInt8(ascii: "P"), UInt8(ascii: "O")), !isWaiting else { return }
            isWaiting = true
            onChange(true)
        }
        watcher?.watch(for: .read)
    }

    func answer() {
        isWaiting = false
        let choice = #"{"index":0,"message":{"role":"assistant","content":"Done."},"finish_reason":"stop"}"#
        let usage = #"{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}"#
        let body =
            #"{"id":"late","object":"chat.completion","model":"bench","choices":[\#(choice)],"usage":\#(usage)}"#
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        let answer = head + body
        // Far less than a socket's buffer.
        _ = answer.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }

    func close() {
        watcher?.cancel()
        watcher = nil
        Foundation.close(descriptor)
    }
}
