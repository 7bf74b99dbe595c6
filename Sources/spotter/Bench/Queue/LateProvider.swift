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
    private var descriptor: Int32 = -1
    private var watcher: FileDescriptorWatcher?
    private var connections: [Int32: LateConnection] = [:]

    init(loop: EventLoop, callers: LateProvider.Counter) {
        self.loop = loop
        self.callers = callers
    }

    func bind() throws -> Int {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, length) + listen(descriptor, 4_096) + getsockname(descriptor, $0, &length)
            }
        }
        guard descriptor >= 0, failed == 0 else {
            throw SpotterError(.unavailable, "The model that answers late cannot listen on 127.0.0.1.")
        }
        watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: descriptor) { [unowned self] _ in accept() }
        watcher?.watch(for: .read)
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    func answerAll() {
        for connection in connections.values where connection.isWaiting {
            connection.answer()
            callers.add(-1)
        }
    }

    func close() {
        watcher?.cancel()
        for connection in connections.values { connection.close() }
        connections = [:]
        Foundation.close(descriptor)
    }

    private func accept() {
        while true {
            let accepted = Glibc.accept(descriptor, nil, nil)
            guard accepted >= 0 else { return }
            _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
            connections[accepted] = LateConnection(loop: loop, descriptor: accepted) { [unowned self] hasAsked in
                if hasAsked { callers.add(1) } else { forget(accepted) }
            }
        }
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
