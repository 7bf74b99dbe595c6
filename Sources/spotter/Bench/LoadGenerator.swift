import EventLoopKit
import Foundation
import SpotterDomain
import Synchronization

/// Sends the same requests over a number of connections, each waiting for its answer before the next, for a while.
///
/// One thread, on a loop of its own. It looks at no more of an answer than it must: the status, the length, the end.
final class LoadGenerator: Sendable {
    /// What came of it.
    struct Report: Sendable {
        let rate: Double
        let errors: Int
        /// In microseconds, sorted.
        let latencies: [UInt32]

        /// In milliseconds.
        func percentile(_ share: Double) -> Double {
            guard !latencies.isEmpty else { return 0 }
            return Double(latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]) / 1000
        }
    }

    private let port: Int
    private let connections: Int
    private let request: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - port: on 127.0.0.1, and nowhere else.
    ///   - request: the bytes of the n-th request.
    init(port: Int, connections: Int, request: @escaping @Sendable (Int) -> [UInt8]) {
        self.port = port
        self.connections = connections
        self.request = request
    }

    func run(for duration: Duration) async throws -> Report {
        let loop = EventLoop(name: "load")
        defer { loop.stop() }
        let (port, connections, request) = (port, connections, request)
        return try await Task(executorPreference: loop) {
            try await withCheckedThrowingContinuation { (done: CheckedContinuation<Report, any Error>) in
                let run = LoadRun(loop: loop, port: port, request: request)
                do {
                    try run.start(connections: connections)
                } catch {
                    return done.resume(throwing: error)
                }
                run.end(after: duration) { done.resume(returning: $0) }
            }
        }.value
    }
}

/// One run, on its loop's thread alone.
private final class LoadRun {
    private let loop: EventLoop
    private let port: Int
    private let request: (Int) -> [UInt8]
    private var clients: [LoadConnection] = []
    private var timer: LoopTimer?
    private let started = ContinuousClock.now
    private var sent = 0
    var latencies: [UInt32] = []
    var errors = 0

    init(loop: EventLoop, port: Int, request: @escaping (Int) -> [UInt8]) {
        self.loop = loop
        self.port = port
        self.request = request
        latencies.reserveCapacity(1 << 20)
    }

    func start(connections: Int) throws {
        for _ in 0..<connections {
            let client = try LoadConnection(loop: loop, port: port, run: self)
            clients.append(client)
            client.send(next())
        }
    }

    func next() -> [UInt8] {
        sent += 1
        return request(sent)
    }

    func end(after duration: Duration, _ done: @escaping (LoadGenerator.Report) -> Void) {
        timer = loop.schedule(after: duration) { [self] in
            let seconds = started.duration(to: .now) / .seconds(1)
            for client in clients { client.close() }
            clients = []
            timer = nil
            latencies.sort()
            done(.init(rate: Double(latencies.count) / seconds, errors: errors, latencies: latencies))
        }
    }
}

/// One connection of a run.
private final class LoadConnection {
    private let descriptor: Int32
    private unowned let run: LoadRun
    private var watcher: FileDescriptorWatcher?
    private var received: [UInt8] = []
    private var sentAt = ContinuousClock.now
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(loop: EventLoop, port: Int, run: LoadRun) throws {
        self.run = run
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, connected == 0 else {
            throw SpotterError(.unavailable, "The load generator cannot connect to 127.0.0.1:\(port).")
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: descriptor) { [unowned self] _ in receive() }
        watcher?.watch(for: .read)
    }

    func send(_ bytes: [UInt8]) {
        sentAt = .now
        // A request is a fraction of a socket's buffer; what does not fit counts as an error.
        if write(descriptor, bytes, bytes.count) != bytes.count { run.errors += 1 }
    }

    func close() {
        watcher?.cancel()
        watcher = nil
        Foundation.close(descriptor)
    }

    private func receive() {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 {
                run.errors += 1
                watcher?.watch(for: [])
            }
            return
        }
        received.append(contentsOf: buffer[..<count])
        guard let length = AnswerLength.of(received), received.count >= length.total else { return }
        received.removeFirst(length.total)
        if !(200..<300).contains(length.status) { run.errors += 1 }
        run.latencies.append(UInt32(clamping: Int(sentAt.duration(to: .now) / .microseconds(1))))
        send(run.next())
    }
}

/// How long an answer with a `content-length` is.
private enum AnswerLength {
    private static let name = Array("content-length: ".utf8)

    static func of(_ bytes: [UInt8]) -> (status: Int, total: Int)? {
        bytes.withUnsafeBufferPointer { bytes in
            guard bytes.count > 16 else { return nil }
            let status = bytes[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
            var length = 0
            var index = 0
            while index + 3 < bytes.count {
                if bytes[index] == 13, bytes[index + 2] == 13 { return (status, index + 4 + length) }
                if bytes[index] == 10, index + 1 + name.count < bytes.count, bytes[index + 1] | 32 == 99,
                    zip(bytes[(index + 1)...], name).allSatisfy({ $0 | 32 == $1 | 32 })
                {
                    length = 0
                    var digit = index + 1 + name.count
                    while digit < bytes.count, (48...57).contains(bytes[digit]) {
                        length = length * 10 + Int(bytes[digit]) - 48
                        digit += 1
                    }
                }
                index += 1
            }
            return nil
        }
    }
}
